import { failureText, type Operation, type PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { validate } from '../validate.ts';

/** Makes a machine that runs somebody's system already an active node. Reboots nothing. */
export const adopt: Operation = {
  name: 'adopt',
  version: 1,
  historyType: 'adoption',
  phases: [{ name: 'adopt', run: takeOver }],
  async fail(segment, _input, failure) {
    const text = `Failed to adopt: ${failureText(failure)}`;
    await segment.conclude(text, {});
  },
};

async function takeOver(segment: Segment): Promise<PhaseOutcome> {
  const { interfaces, pending } = segment;
  await validate(segment, 'power', 'deploy', 'boot');
  const call = segment.call('adopt', segment.resumed);
  pending.power_state = await interfaces.power.get(call);
  segment.markSoon();
  await interfaces.deploy.takeOver(call);
  await segment.end('done');
  return { kind: 'over' };
}
