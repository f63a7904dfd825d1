import { capabilityOf } from '../../model/capabilities.ts';
import type { Document } from '../../model/node.ts';
import type { DriverCall, DriverStep, StepOutcome } from '../contract.ts';
import { ask, longStep, resultOf } from './command.ts';
import type { AgentContext } from './context.ts';

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The BMC was told while the agent was at work: kept with the node until the agent is done. */
const TOLD = 'agent_boot_told';

/**
 * Ironic's `prepare_instance_boot`: the agent sets the firmware's boot entry (UEFI) or the boot loader, and meanwhile the
 * BMC is told to boot from disk. A whole-disk image brings its boot loader: where the agent cannot do more for it, the
 * firmware finds it by itself.
 */
export function prepareInstanceBoot(context: AgentContext): DriverStep {
  const needsAgent = async (call: DriverCall): Promise<boolean> => {
    const { driverInternalInfo: info } = call.node;
    const whole = info['is_whole_disk_image'] !== false;
    if (!whole) return true;
    const mode = capabilityOf(call.node, 'boot_mode') ?? (await call.interfaces.management.getBootMode(call)) ?? 'uefi';
    return mode === 'uefi';
  };
  const toDisk = async (call: DriverCall): Promise<StepOutcome> => {
    if (call.node.driverInternalInfo[TOLD] !== true) {
      await call.interfaces.boot.cleanUpRamdisk(call);
      await call.interfaces.boot.prepareInstance(call);
    }
    call.notes.internal({ [TOLD]: undefined });
    return { kind: 'done' };
  };
  const parts = longStep(
    context,
    'prepare_instance_boot',
    async (call) => ({
      name: 'image.install_bootloader',
      what: 'set the boot loader',
      params: await paramsOf(context, call),
    }),
    async (call, command) => {
      const whole = call.node.driverInternalInfo['is_whole_disk_image'] !== false;
      if (command.status === 'FAILED' && whole) {
        context.log.warn(
          { node: call.node.uuid, err: command.error },
          'the agent set no boot entry for a whole-disk image',
        );
      } else resultOf('image.install_bootloader', command);
      return await toDisk(call);
    },
  );
  return {
    interface: 'deploy',
    step: 'prepare_instance_boot',
    priority: 60,
    kinds: ['deploy'],
    requiresRamdisk: true,
    ...parts,
    async run(call, args) {
      if (!(await needsAgent(call))) return await toDisk(call);
      const outcome = await parts.run(call, args);
      // It has what it needs in memory. A successor does not know how far this came, and does it when the agent is done.
      if (outcome.kind !== 'wait' || call.resumed || !isGiven(call)) return outcome;
      await toDisk(call);
      call.notes.internal({ [TOLD]: true });
      return outcome;
    },
  };
}

/** Is the agent at work, or is the machine still waited for? */
const isGiven = (call: DriverCall) => call.node.driverInternalInfo['agent_command'] !== undefined;

async function paramsOf(context: AgentContext, call: DriverCall): Promise<Document> {
  const { node } = call;
  const info = node.driverInternalInfo;
  let root = text(info['root_uuid_or_disk_id']);
  let esp = text(info['efi_system_partition_uuid']);
  let prep: string | null = null;
  if (info['is_whole_disk_image'] === false) {
    const uuids = await ask(context, call, 'standby.get_partition_uuids', {});
    root = text(uuids['root uuid']) ?? root;
    esp = text(uuids['efi system partition uuid']) ?? esp;
    prep = text(uuids['PReP Boot partition uuid']);
  }
  return {
    root_uuid: root,
    efi_system_part_uuid: esp,
    prep_boot_part_uuid: prep,
    target_boot_mode: capabilityOf(node, 'boot_mode') ?? (await call.interfaces.management.getBootMode(call)) ?? 'uefi',
    ignore_bootloader_failure: node.driverInternalInfo['is_whole_disk_image'] === false ? null : true,
  };
}
