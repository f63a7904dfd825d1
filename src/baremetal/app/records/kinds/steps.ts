import { errors } from '../../../errors.ts';

/** Interfaces whose steps a template or a runbook may name. */
const STEP_INTERFACES = ['bios', 'deploy', 'firmware', 'management', 'power', 'raid', 'vendor'];

const NAMES: Record<string, true> = Object.fromEntries(
  ['interface', 'step', 'args', 'priority', 'order'].map((n) => [n, true]),
);

/**
 * Checks the steps of a template (`by: 'priority'`) or a runbook (`by: 'order'`): each has an interface, a step and
 * its place, and no step is there twice. Throws 400 in the words of Ironic's schemas.
 */
export function checkSteps(what: string, steps: unknown, by: 'priority' | 'order'): void {
  const bad = (why: string) => errors.InvalidParameterValue(`Schema error for ${what}: ${why}`);
  if (!Array.isArray(steps)) throw bad("steps is not of type 'array'");
  if (steps.length === 0) throw bad('[] is too short (steps)');
  if (steps.length > 1000) throw bad('steps has more than 1000 items');
  const seen = new Set<string>();
  for (const item of steps as unknown[]) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw bad("a step is not of type 'object'");
    const step = item as Record<string, unknown>;
    for (const name of ['interface', 'step', by]) {
      if (step[name] === undefined) throw bad(`'${name}' is a required property of a step`);
    }
    const extra = Object.keys(step).find(
      (name) => NAMES[name] !== true || (name !== by && (name === 'priority' || name === 'order')),
    );
    if (extra !== undefined)
      throw bad(`Additional properties are not allowed ('${extra.slice(0, 64)}' was unexpected)`);
    if (typeof step['interface'] !== 'string' || !STEP_INTERFACES.includes(step['interface'])) {
      throw bad(`the interface of a step is not one of [${STEP_INTERFACES.map((n) => `'${n}'`).join(', ')}]`);
    }
    if (typeof step['step'] !== 'string' || step['step'] === '')
      throw bad("the name of a step is not a non-empty 'string'");
    const place = typeof step[by] === 'string' && /^\d{1,9}$/.test(step[by]) ? Number(step[by]) : step[by];
    if (!Number.isSafeInteger(place) || (place as number) < 0)
      throw bad(`the ${by} of a step is not an integer from 0 up`);
    const args = step['args'];
    if (args !== undefined && (typeof args !== 'object' || args === null || Array.isArray(args))) {
      throw bad("the args of a step are not of type 'object'");
    }
    // A runbook may do the same thing twice, in its order; a template's steps are merged by name.
    const key = by === 'priority' ? `${step['interface']}.${step['step']}` : `${String(place)}`;
    if (seen.has(key)) {
      throw errors.InvalidParameterValue(
        by === 'priority' ? `Duplicate deploy steps: ${key}` : `Duplicate order ${key} in the steps of the runbook`,
      );
    }
    seen.add(key);
  }
}

/** Steps as they are kept and shown: `args` always there. */
export function completeSteps(steps: unknown): unknown {
  return (steps as Record<string, unknown>[]).map((step) => ({ ...step, args: step['args'] ?? {} }));
}
