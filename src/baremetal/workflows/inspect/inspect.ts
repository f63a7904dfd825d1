import { abortedText } from '../../model/aborted.ts';
import { REAPPLY_ERROR } from '../../store/inspection.ts';
import { refreshCaches } from '../caches.ts';
import { Cleanup } from '../cleanup.ts';
import { type Failure, failureText, type Operation, type PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { validate } from '../validate.ts';
import { keepFindings } from './findings.ts';

/** What is in the machine? By its BMC at once, or by a ramdisk that reports. */
export const inspect: Operation = {
  name: 'inspect',
  version: 1,
  historyType: 'introspection',
  phases: [{ name: 'inspect', run: look, resume: collect }],
  fail: (segment, _input, failure) => failInspect(segment, failure),
};

async function look(segment: Segment): Promise<PhaseOutcome> {
  const { interfaces, pending, side } = segment;
  await validate(segment, 'power', 'inspect');
  pending.inspection_started_at = new Date(side.clock.now());
  pending.inspection_finished_at = null;
  if (REAPPLY_ERROR in segment.node.driverInternalInfo) {
    segment.call().notes.internal({ [REAPPLY_ERROR]: undefined });
  }
  segment.markSoon();
  const found = await interfaces.inspect.inspect(segment.call('inspect', segment.resumed));
  await segment.settle();
  if (found.kind === 'wait') return found;
  return await finish(segment, found.result);
}

async function collect(segment: Segment): Promise<PhaseOutcome> {
  const found = await segment.interfaces.inspect.collect(segment.call('inspect'));
  return 'kind' in found ? found : await finish(segment, found);
}

async function finish(segment: Segment, result: Parameters<typeof keepFindings>[1]): Promise<PhaseOutcome> {
  await keepFindings(segment, result);
  await refreshCaches(segment);
  await segment.end('done', { set: { inspection_finished_at: new Date(segment.side.clock.now()) } });
  return { kind: 'over' };
}

async function failInspect(segment: Segment, failure: Failure): Promise<void> {
  const { interfaces } = segment;
  const cleanup = new Cleanup(segment);
  await cleanup.attempt('abort the inspection', () => interfaces.inspect.abort(segment.call('inspect')));
  await cleanup.attempt('unplug the inspection network', () =>
    interfaces.network.flip(segment.call('inspect'), 'nothing'),
  );
  const text = cleanup.sentence(failure.kind === 'aborted' ? abortedText('inspect') : failureText(failure));
  await segment.conclude(text, {});
}
