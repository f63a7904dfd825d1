import type { Document } from '../../model/node.ts';
import type { ProvisionState } from '../../states/names.ts';
import { detachVifs, freeAllocation } from '../../store/instance-end.ts';
import type { NodeChange } from '../../store/transition.ts';
import { failClean } from '../clean/fail.ts';
import { cleanPhases } from '../clean/phases.ts';
import { type Failure, failureText, type Operation, type OperationInput, type PhaseOutcome } from '../operation.ts';
import type { Segment } from '../segment.ts';

/** Ends an instance: tear down, then the same clean every node goes through before it is available. */
export const undeploy: Operation = {
  name: 'undeploy',
  version: 1,
  limit: 'clean',
  also: 'clean',
  historyType: 'unprovision',
  phases: [{ name: 'tear down instance', run: tearDown }, ...cleanPhases],
  async fail(segment, _input, failure) {
    if (segment.node.provisionState === 'deleting') await failTearDown(segment, failure);
    else await failClean(segment, failure);
  },
};

/** States in which the machine may run the rescue ramdisk. */
const RESCUED: readonly ProvisionState[] = ['rescue', 'rescue wait', 'rescue failed', 'unrescue failed'];

async function tearDown(segment: Segment, input: OperationInput): Promise<PhaseOutcome> {
  const { node, interfaces, progress } = segment;
  // A crash came between the transition and the end of this phase.
  if (node.provisionState !== 'deleting') return { kind: 'next' };
  const call = segment.call('undeploy', segment.resumed);
  segment.markSoon();
  if (RESCUED.includes(input.from ?? 'active')) await interfaces.rescue.cleanUp(call);
  if (node.consoleEnabled && interfaces.console.enabled) await interfaces.console.stop(call);
  await interfaces.deploy.cleanUp(call);
  await interfaces.deploy.tearDown(call);
  await endInstance(segment);
  const first = cleanPhases[0]?.name ?? '';
  progress.phase = first;
  await segment.move('clean', {
    set: { ...emptied(segment), progress: { phase: first, timeline: progress.timeline ?? [] } as unknown as Document },
  });
  return { kind: 'next' };
}

/** What the instance held outside the node's row. */
async function endInstance(segment: Segment): Promise<void> {
  const { side, node } = segment;
  const before = node.instanceUuid !== null || Object.keys(node.instanceInfo).length > 0;
  if (before) await freeAllocation(side.store, node.uuid);
  if (segment.interfaces.network.storesVifs) await detachVifs(side.store, node.uuid);
}

/** What it held inside it. */
function emptied(segment: Segment): NodeChange {
  const { node } = segment;
  const automatic = node.driverInternalInfo['automatic_lessee'] === true;
  const internal = { ...node.driverInternalInfo };
  for (const key of ['automatic_lessee', 'instance', 'root_uuid_or_disk_id', 'is_whole_disk_image', 'deploy_steps']) {
    delete internal[key];
  }
  node.driverInternalInfo = internal;
  node.instanceInfo = {};
  node.instanceUuid = null;
  return {
    instance_info: {},
    instance_info_sealed: null,
    instance_uuid: null,
    instance_name: null,
    allocation_uuid: null,
    driver_internal_info: internal,
    deploy_step: {},
    ...(automatic ? { lessee: null } : {}),
  };
}

async function failTearDown(segment: Segment, failure: Failure): Promise<void> {
  const text = `Failed to tear down: ${failureText(failure)}`;
  await segment.conclude(text, emptied(segment));
}
