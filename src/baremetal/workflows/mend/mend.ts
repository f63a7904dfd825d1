import { STATES } from '../../states/table.ts';
import type { Operation, PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';

/** What a lost operation left, by the operation that has the node in its state. */
export type Failers = (segment: Segment) => Operation['fail'] | undefined;

/**
 * For a node whose operation nobody runs any more: its work was lost (an old backup, a row deleted by hand, a
 * workflow that ended without ending its node). Ends it as that operation would have ended badly.
 */
export function mendWith(failOf: Failers): Operation {
  const mend = async (segment: Segment): Promise<PhaseOutcome> => {
    const { node } = segment;
    const fail = failOf(segment);
    const text = `The work on the node was lost while it was in state "${node.provisionState}"`;
    // Resting in a wait or hold, anybody could take the node while it is put in order.
    if (STATES[node.provisionState].kind === 'wait') {
      segment.progress.failure = text;
      await segment.moveWithProgress('fail', { said: text, failed: true, set: { last_error: text } });
    }
    if (fail === undefined) await segment.conclude(text, {});
    else await fail(segment, inputOf(segment), { kind: 'error', error: new Error(text) });
    return { kind: 'over' };
  };
  return {
    name: 'mend',
    version: 1,
    historyType: 'conductor',
    takesAny: true,
    phases: [{ name: 'mend', run: mend }],
    fail: (segment, _input, failure) =>
      segment.conclude(failure.kind === 'error' ? String(failure.error) : 'The work on the node was lost', {}),
  };
}

function inputOf(segment: Segment) {
  return { node: segment.node.uuid, ...segment.actor };
}
