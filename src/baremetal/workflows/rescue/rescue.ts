import { abortedText } from '../../model/aborted.ts';
import { Cleanup } from '../cleanup.ts';
import { type Failure, failureText, type Operation, type PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { validate } from '../validate.ts';
import { withoutPassword } from './password.ts';

/** Boots the rescue ramdisk beside the instance. */
export const rescue: Operation = {
  name: 'rescue',
  version: 1,
  historyType: 'rescue',
  phases: [
    { name: 'boot', run: boot, resume: ramdiskCalled },
    { name: 'finish', run: finish },
  ],
  fail: (segment, _input, failure) => failRescue(segment, failure),
};

async function boot(segment: Segment): Promise<PhaseOutcome> {
  await validate(segment, 'power', 'rescue', 'network');
  segment.markSoon();
  const outcome = await segment.interfaces.rescue.rescue(segment.call('rescue', segment.resumed));
  await segment.settle();
  return outcome.kind === 'wait' ? outcome : await ramdiskCalled(segment);
}

async function ramdiskCalled(segment: Segment): Promise<PhaseOutcome> {
  const outcome = await segment.interfaces.rescue.ramdiskCalled?.(segment.call('rescue', segment.resumed));
  return outcome?.kind === 'wait' ? outcome : { kind: 'next' };
}

async function finish(segment: Segment): Promise<PhaseOutcome> {
  // The ramdisk has the password now; nobody else needs it.
  await segment.end('done', { set: withoutPassword(segment) });
  return { kind: 'over' };
}

async function failRescue(segment: Segment, failure: Failure): Promise<void> {
  const cleanup = new Cleanup(segment);
  if (failure.kind !== 'aborted') await cleanup.attempt('power off', () => segment.power.off());
  await cleanup.attempt('clean up the rescue', () => segment.interfaces.rescue.cleanUp(segment.call('rescue')));
  const text = cleanup.sentence(
    failure.kind === 'aborted' ? abortedText('rescue') : `Failed to rescue: ${failureText(failure)}`,
  );
  const keep =
    failure.kind === 'aborted' && cleanup.failed
      ? { maintenance: true, maintenance_reason: text, fault: 'rescue abort failure' }
      : {};
  await segment.conclude(text, { ...withoutPassword(segment), ...keep });
}
