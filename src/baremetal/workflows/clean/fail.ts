import { abortedText } from '../../model/aborted.ts';
import { Cleanup } from '../cleanup.ts';
import { type Failure, failureText } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { hide } from '../steps/phase.ts';
import { isManual } from './steps.ts';

/**
 * A clean that failed: the ramdisk goes; a node that failed in a step is kept from use (maintenance, fault
 * `clean failure`). An aborted one is not.
 */
export async function failClean(segment: Segment, failure: Failure): Promise<void> {
  const { side, node, interfaces, progress } = segment;
  const step = node.cleanStep['step'];
  const cleanup = new Cleanup(segment);
  if (progress.data?.['ramdisk'] !== false) {
    await cleanup.attempt('tear down cleaning', () => interfaces.deploy.tearDownCleaning(segment.call('clean')));
  }
  if (side.config.powerOffInCleanFail) await cleanup.attempt('power off', () => segment.power.off());
  const byRequest =
    abortedText('clean') +
    (step === undefined ? '' : ` during or after the completion of step "${node.cleanStep['interface']}.${step}"`);
  const text = cleanup.sentence(failure.kind === 'aborted' ? byRequest : failureText(failure));
  const keep = failure.kind === 'aborted' ? cleanup.failed : step !== undefined;
  const set = {
    clean_step: {},
    ...(keep ? { maintenance: true, maintenance_reason: text, fault: 'clean failure' } : {}),
  };
  hide(segment, 'clean');
  await segment.conclude(text, set, isManual(segment) ? 'manageable' : undefined);
}
