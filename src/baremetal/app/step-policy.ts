import { errors } from '../errors.ts';
import type { Access, Ownership } from '../model/access.ts';

/**
 * May the caller name these steps? A policy file may give each step a rule of its own,
 * `baremetal:step:execute:<interface>.<step>`; a step without one is free to all who got this far. `node` is whose
 * machine it is for; there is none yet when a runbook is written, and rules that ask for its owner then say no.
 * Throws 403.
 */
export function checkStepPolicy(access: Access, steps: readonly unknown[], node?: Ownership): void {
  for (const item of steps) {
    const { interface: on, step } = item as { interface?: unknown; step?: unknown };
    if (typeof on !== 'string' || typeof step !== 'string') continue;
    if (!access.allows(`baremetal:step:execute:${on}.${step}`, node)) throw errors.StepForbidden(step, on);
  }
}
