import { failureText, type Operation, type PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { validate } from '../validate.ts';

/** From the rescue ramdisk back to the instance. */
export const unrescue: Operation = {
  name: 'unrescue',
  version: 1,
  historyType: 'rescue',
  phases: [{ name: 'boot', run: boot }],
  async fail(segment, _input, failure) {
    const text = `Failed to unrescue: ${failureText(failure)}`;
    await segment.conclude(text, {});
  },
};

async function boot(segment: Segment): Promise<PhaseOutcome> {
  await validate(segment, 'power');
  segment.markSoon();
  await segment.interfaces.rescue.unrescue(segment.call('unrescue', segment.resumed));
  await segment.end('done');
  return { kind: 'over' };
}
