import { messageOf } from '#kernel/errors';
import type { DriverStep } from '../../drivers/contract.ts';
import { errors } from '../../errors.ts';
import { type Difference, differences, differenceText, settingsOf, versionsOf } from '../../model/baseline.ts';
import type { Proof } from '../../model/proof.ts';
import { baselineOf, recordBaseline } from '../../store/baselines.ts';
import type { NodeFacts } from '../../store/node-facts.ts';
import type { ListedStep } from '../progress.ts';
import type { Segment } from '../segment.ts';
import { listed } from '../steps/listed.ts';

/** Before every other step: what a tenant may have changed is put back before anything of the machine is believed. */
const FIRST = 1_000;

/** The step that puts BIOS settings back to what was recorded; none when they are so, or cannot be set. */
export async function resetSteps(segment: Segment, offered: readonly DriverStep[]): Promise<ListedStep[]> {
  const { side, node, interfaces } = segment;
  if (interfaces.deploy.provesErase !== true || node.interfaces.bios === 'no-bios') return [];
  const step = offered.find((one) => one.interface === 'bios' && one.step === 'apply_configuration');
  const recorded = await baselineOf(side.store, node.uuid);
  if (step === undefined || recorded?.bios == null) return [];
  let changed: Difference[];
  try {
    changed = differences(recorded.bios, settingsOf(await interfaces.bios.settings(segment.call('clean'))), 'common');
  } catch (error) {
    segment.call().assertMayWrite();
    side.log.warn({ node: node.uuid, err: messageOf(error) }, 'BIOS settings could not be read before cleaning');
    return []; // what differs is found, and blocks, at the end
  }
  if (changed.length === 0) return [];
  const settings = changed.map((one) => ({ name: one.name, value: one.wanted }));
  return [listed(step, FIRST, { settings })];
}

/**
 * Compares what was read of the firmware with what was recorded, and keeps the result as proof. Nothing recorded yet:
 * this is recorded. Throws FirmwareDiffers.
 */
export async function checkBaseline(segment: Segment, facts: NodeFacts): Promise<void> {
  const { side, node, interfaces } = segment;
  if (interfaces.deploy.provesErase !== true) return;
  const found = foundIn(facts);
  const recorded = await baselineOf(side.store, node.uuid);
  if (recorded === undefined) {
    if (found.bios !== null || found.firmware !== null) await recordBaseline(side.store, node.uuid, found);
    return;
  }
  if ((recorded.bios !== null && found.bios === null) || (recorded.firmware !== null && found.firmware === null)) {
    throw errors.FirmwareUnread(node.uuid);
  }
  const bios = differences(recorded.bios, found.bios, 'common');
  const firmware = differences(recorded.firmware, found.firmware, 'all');
  const proof = (step: string, all: readonly Difference[], count: number): Proof => ({
    step,
    device: null,
    outcome: all.length === 0 ? 'checked' : 'different',
    evidence: { recorded_at: recorded.recordedAt, compared: count, differences: all },
  });
  const of = { nodeUuid: node.uuid, operationId: node.operationId ?? '', conductor: segment.call().lease.host };
  await side.proofs.keep(of, [
    ...(recorded.bios === null ? [] : [proof('bios', bios, Object.keys(recorded.bios).length)]),
    ...(recorded.firmware === null ? [] : [proof('firmware', firmware, Object.keys(recorded.firmware).length)]),
  ]);
  const all = [...bios, ...firmware];
  if (all.length > 0) throw errors.FirmwareDiffers(node.uuid, differenceText(all));
}

/** Records anew what an operator changed by steps of a manual clean. */
export async function recordChanged(segment: Segment, facts: NodeFacts): Promise<void> {
  const found = foundIn(facts);
  if (segment.interfaces.deploy.provesErase !== true) return;
  if (found.bios !== null || found.firmware !== null)
    await recordBaseline(segment.side.store, segment.node.uuid, found);
}

function foundIn(facts: NodeFacts) {
  return {
    bios: facts.bios === undefined ? null : settingsOf(facts.bios as Parameters<typeof settingsOf>[0]),
    firmware: facts.firmware === undefined ? null : versionsOf(facts.firmware as Parameters<typeof versionsOf>[0]),
  };
}
