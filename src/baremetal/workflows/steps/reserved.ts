import type { StepOutcome } from '../../drivers/contract.ts';
import type { ListedStep } from '../progress.ts';
import type { Segment } from '../segment.ts';

/** Steps every node has, whatever its interfaces. */
const RESERVED = ['hold', 'wait', 'power_on', 'power_off', 'reboot'] as const;

/** True for the names of steps that the conductor does itself. */
export function isReserved(step: string): boolean {
  return (RESERVED as readonly string[]).includes(step);
}

/** Runs a reserved step. A `wait` without seconds waits for the agent's next heartbeat. */
export async function runReserved(segment: Segment, step: ListedStep): Promise<StepOutcome | { kind: 'hold' }> {
  switch (step.step) {
    case 'hold':
      return { kind: 'hold' };
    case 'wait': {
      const seconds = step.args?.['seconds'];
      if (seconds === undefined) return { kind: 'wait', for: 'agent' };
      const most = segment.side.config.maxWaitStepS;
      const wanted = Number(seconds);
      if (wanted > most) {
        segment.side.log.warn({ node: segment.node.uuid, wanted, most }, 'a wait step asks for more than is allowed');
      }
      return { kind: 'wait', for: 'time', resumeAfterMs: Math.max(0, Math.min(wanted || 0, most)) * 1_000 };
    }
    case 'power_on':
      await segment.power.on();
      break;
    case 'power_off':
      await segment.power.off();
      break;
    case 'reboot':
      await segment.power.reboot();
      break;
    default:
  }
  return { kind: 'done' };
}
