import { errors } from '../../errors.ts';
import { refreshCaches } from '../caches.ts';
import type { OperationInput, Phase, PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { stepsPhase } from '../steps/phase.ts';
import { validate } from '../validate.ts';
import type { ListedStep } from '../progress.ts';
import { offeredSteps } from '../steps/listed.ts';
import { checkBaseline, recordChanged, resetSteps } from './baseline.ts';
import { requireProof } from './proof.ts';
import { runbookOf } from './runbook.ts';
import { cleanSteps, isManual } from './steps.ts';

/** What puts the firmware back to what was recorded; nothing in a clean by given steps. */
async function firmwareSteps(segment: Segment): Promise<ListedStep[]> {
  const { side, node, interfaces } = segment;
  if (isManual(segment) || !(node.automatedClean ?? side.config.automatedClean)) return [];
  return await resetSteps(segment, await offeredSteps(interfaces, node, 'clean'));
}

/** Boots the ramdisk on the cleaning network, unless nothing needs one. */
async function prepare(segment: Segment, input: OperationInput): Promise<PhaseOutcome> {
  const { side, node, interfaces, progress } = segment;
  if (!isManual(segment)) {
    const wanted = node.automatedClean ?? side.config.automatedClean;
    if (!wanted) return await finish(segment, 'waived');
    if (node.maintenance && !side.config.allowProvisioningInMaintenance) {
      throw errors.NodeInMaintenance('cleaning', node.uuid);
    }
  }
  await validate(segment, 'power');
  const withoutRamdisk =
    input.disableRamdisk === true ||
    (isManual(segment) ? await needsNone(segment, input) : (await runbookOf(segment))?.disableRamdisk === true);
  progress.data = { ...progress.data, ramdisk: !withoutRamdisk };
  if (withoutRamdisk) return { kind: 'next' };
  await validate(segment, 'network');
  const outcome = await interfaces.deploy.prepareCleaning(segment.call('clean', segment.resumed));
  return outcome.kind === 'wait' ? outcome : await ramdiskCalled(segment);
}

/** The ramdisk called: which steps does it have? */
async function ramdiskCalled(segment: Segment): Promise<PhaseOutcome> {
  const outcome = await segment.interfaces.deploy.ramdiskCalled?.(segment.call('clean', segment.resumed), 'clean');
  return outcome?.kind === 'wait' ? outcome : { kind: 'next' };
}

/** True when all steps are known already and none needs a ramdisk. */
async function needsNone(segment: Segment, input: OperationInput): Promise<boolean> {
  try {
    return (await cleanSteps(segment, input)).every((step) => !step.requires_ramdisk);
  } catch {
    return false; // steps that only the ramdisk knows: they are looked for again when it runs
  }
}

async function tearDown(segment: Segment): Promise<PhaseOutcome> {
  if (segment.progress.data?.['ramdisk'] !== false) {
    const call = segment.call('clean', segment.resumed);
    const stays = !isManual(segment) && !segment.node.retired && (await segment.interfaces.deploy.keepWarm?.(call));
    if (stays !== true) await segment.interfaces.deploy.tearDownCleaning(call);
  }
  const facts = await refreshCaches(segment);
  if (isManual(segment)) {
    const changed = segment.progress.data?.['changes_firmware'] === true;
    if (changed) await recordChanged(segment, facts);
  } else await checkBaseline(segment, facts);
  return await finish(segment);
}

async function finish(segment: Segment, waived?: 'waived'): Promise<PhaseOutcome> {
  const { node } = segment;
  if (!isManual(segment)) await requireProof(segment, waived !== undefined);
  await segment.end(isManual(segment) || node.retired ? 'manage' : 'done', { set: { clean_step: {} } });
  return { kind: 'over' };
}

/** The phases of a clean; tear-down of an instance ends with the same. */
export const cleanPhases: readonly Phase[] = [
  // Before the ramdisk starts: to take effect the machine starts anew.
  stepsPhase('clean', firmwareSteps, 'firmware'),
  { name: 'prepare', run: prepare, resume: ramdiskCalled },
  stepsPhase('clean', cleanSteps),
  { name: 'tear down', run: tearDown },
];
