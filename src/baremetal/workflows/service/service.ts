import { abortedText } from '../../model/aborted.ts';
import { refreshCaches } from '../caches.ts';
import { Cleanup } from '../cleanup.ts';
import { type Failure, failureText, type Operation, type OperationInput, type PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { hide, stepsPhase } from '../steps/phase.ts';
import { validate } from '../validate.ts';
import { serviceSteps } from './steps.ts';

/** Steps on an instance that lives: its ramdisk boots beside it only when a step needs one. */
export const service: Operation = {
  name: 'service',
  version: 1,
  historyType: 'servicing',
  phases: [
    { name: 'prepare', run: prepare, resume: ramdiskCalled },
    stepsPhase('service', serviceSteps),
    { name: 'tear down', run: tearDown },
  ],
  fail: (segment, _input, failure) => failService(segment, failure),
};

async function prepare(segment: Segment, input: OperationInput): Promise<PhaseOutcome> {
  const { interfaces, progress } = segment;
  await validate(segment, 'power');
  const ramdisk = input.disableRamdisk !== true && (await needsRamdisk(segment, input));
  progress.data = { ...progress.data, ramdisk };
  if (!ramdisk) return { kind: 'next' };
  await validate(segment, 'network');
  segment.markSoon();
  const outcome = await interfaces.deploy.prepareService(segment.call('service', segment.resumed));
  await segment.settle();
  return outcome.kind === 'wait' ? outcome : await ramdiskCalled(segment);
}

async function ramdiskCalled(segment: Segment): Promise<PhaseOutcome> {
  const outcome = await segment.interfaces.deploy.ramdiskCalled?.(segment.call('service', segment.resumed), 'service');
  return outcome?.kind === 'wait' ? outcome : { kind: 'next' };
}

async function needsRamdisk(segment: Segment, input: OperationInput): Promise<boolean> {
  try {
    return (await serviceSteps(segment, input)).some((step) => step.requires_ramdisk);
  } catch {
    return true; // steps that only the ramdisk knows
  }
}

async function tearDown(segment: Segment): Promise<PhaseOutcome> {
  if (segment.progress.data?.['ramdisk'] === true) {
    await segment.interfaces.deploy.tearDownService(segment.call('service'));
  }
  await refreshCaches(segment);
  await segment.end('done', { set: { service_step: {} } });
  return { kind: 'over' };
}

async function failService(segment: Segment, failure: Failure): Promise<void> {
  const { side, node, interfaces, progress } = segment;
  const step = node.serviceStep['step'];
  const cleanup = new Cleanup(segment);
  if (progress.data?.['ramdisk'] === true) {
    await cleanup.attempt('tear down servicing', () => interfaces.deploy.tearDownService(segment.call('service')));
  }
  if (side.config.powerOffInServiceFail) await cleanup.attempt('power off', () => segment.power.off());
  const text = cleanup.sentence(failure.kind === 'aborted' ? abortedText('service') : failureText(failure));
  const keep = failure.kind === 'aborted' ? cleanup.failed : step !== undefined;
  const set = {
    service_step: {},
    ...(keep ? { maintenance: true, maintenance_reason: text, fault: 'service failure' } : {}),
  };
  hide(segment, 'service');
  await segment.conclude(text, set);
}

/**
 * `abort` of a failed service: the node is active again at once; the ramdisk is put away and the instance booted
 * while nobody else may touch it.
 */
export const endService: Operation = {
  name: 'end-service',
  version: 1,
  historyType: 'servicing',
  phases: [
    {
      name: 'tear down',
      async run(segment) {
        await segment.interfaces.deploy.tearDownService(segment.call('service', segment.resumed));
        await segment.release({ service_step: {} });
        return { kind: 'over' };
      },
    },
  ],
  async fail(segment, _input, failure) {
    const text = `Failed to tear down servicing: ${failureText(failure)}`;
    await segment.release(
      { last_error: text, maintenance: true, maintenance_reason: text, fault: 'service failure' },
      text,
    );
  },
};
