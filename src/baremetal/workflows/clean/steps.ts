import type { OperationInput } from '../operation.ts';
import type { ListedStep } from '../progress.ts';
import type { Segment } from '../segment.ts';
import { automaticSteps, offeredSteps, requestedSteps } from '../steps/listed.ts';
import { givenSteps } from '../steps/given.ts';
import { runbookOf } from './runbook.ts';

/**
 * The steps of a clean: those somebody asked for, in their order, or those that run by themselves: of a runbook where
 * the settings name one, else by priority. With
 * `disable_ramdisk` only steps that need none are allowed.
 */
export async function cleanSteps(segment: Segment, input: OperationInput): Promise<ListedStep[]> {
  const { side, node, interfaces } = segment;
  const offered = await offeredSteps(interfaces, node, 'clean');
  const automatic = async () => (await runbookOf(segment))?.steps ?? side.config.automatedCleanSteps;
  const given = givenSteps(side.sealer, input) ?? (isManual(segment) ? [] : await automatic());
  if (given === null) return automaticSteps(offered, 'clean', side.config.cleanStepPriorities);
  const steps = requestedSteps(given, offered, node, 'clean');
  if (isManual(segment) && steps.some((one) => one.interface === 'bios' || one.interface === 'firmware')) {
    segment.progress.data = { ...segment.progress.data, changes_firmware: true };
  }
  return steps;
}

/** A manual clean leads back to manageable. */
export function isManual(segment: Segment): boolean {
  return segment.node.targetProvisionState === 'manageable';
}
