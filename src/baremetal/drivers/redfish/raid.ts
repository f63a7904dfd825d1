import { Type } from 'typebox';
import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { DriverCall, RaidInterface } from '../contract.ts';
import type { RedfishBmc, RedfishContext } from './bmc.ts';
import { convertToRaid } from './dell.ts';
import { REDFISH_PROPERTIES, redfishSettings } from './settings.ts';
import { redfishStep } from './step.ts';
import { awaitTask, type TaskEnd } from './tasks.ts';
import { controllersOf, logicalDisk, nameOf, planVolume } from './volumes.ts';

/** Making a volume, a reboot apart. */
const VOLUME_MS = 30 * 60_000;

/**
 * RAID volumes over Redfish. Volumes are made and deleted one after another, since controllers take one task at a
 * time, and are known by their names: a step that runs again makes only what is missing.
 */
export function redfishRaid(context: RedfishContext): RaidInterface {
  const flags = Type.Object({
    create_root_volume: Type.Optional(Type.Boolean()),
    create_nonroot_volumes: Type.Optional(Type.Boolean()),
  });
  const create = redfishStep(
    context,
    'raid',
    'create_configuration',
    async (bmc, call, args) => {
      const all = wishesOf(call.node.targetRaidConfig);
      const isWanted = (wish: Document) =>
        wish['is_root_volume'] === true
          ? args['create_root_volume'] !== false
          : args['create_nonroot_volumes'] !== false;
      await make(bmc, call, all, isWanted);
    },
    flags,
  );
  const erase = redfishStep(context, 'raid', 'delete_configuration', async (bmc, call) => {
    await deleteAll(bmc, call);
    call.notes.raidConfig({});
  });
  const apply = redfishStep(
    context,
    'raid',
    'apply_configuration',
    async (bmc, call, args) => {
      const wishes = wishesOf((args['raid_config'] ?? {}) as Document);
      // what an earlier life of this step made is not deleted again
      if (args['delete_existing'] !== false && !call.resumed) await deleteAll(bmc, call);
      await make(bmc, call, wishes, () => true);
    },
    Type.Object({ raid_config: Type.Unknown(), delete_existing: Type.Optional(Type.Boolean()) }),
  );
  const steps = [create, erase, { ...apply, kinds: ['deploy' as const] }];
  return {
    name: 'redfish',
    properties: REDFISH_PROPERTIES,
    validate: (node) => {
      redfishSettings(node);
    },
    steps: () => steps,
    logicalDiskProperties: {
      raid_level: 'RAID level: 0, 1, 5, 6, 1+0, 5+0 or 6+0. Required.',
      size_gb: 'Size in GiB, or MAX for all that the disks give. Required.',
      is_root_volume: 'True for the volume with the root device; at most one. Optional.',
      volume_name: 'Name of the volume. Optional.',
      controller: 'Id of the RAID controller. Optional.',
      physical_disks: 'Ids of the disks. Optional.',
      number_of_physical_disks: 'How many disks; default the fewest the level needs. Optional.',
      disk_type: 'hdd or ssd. Optional.',
      interface_type: 'sata, scsi or sas. Optional.',
    },
  };
}

/** Logical disks of a configuration; those that take what is left come last. Throws 400. */
function wishesOf(config: Document): Document[] {
  const disks = config['logical_disks'];
  if (!Array.isArray(disks) || disks.length === 0) {
    throw errors.MissingParameterValue('The target RAID configuration has no logical_disks.');
  }
  const wishes = (disks as Document[]).map((one, i) => ({ volume_name: `volume-${i + 1}`, ...one }));
  if (wishes.filter((one: Document) => one['is_root_volume'] === true).length > 1) {
    throw errors.InvalidParameterValue('At most one logical disk may be the root volume.');
  }
  return wishes.sort((a: Document, b: Document) => Number(a['size_gb'] === 'MAX') - Number(b['size_gb'] === 'MAX'));
}

async function make(
  bmc: RedfishBmc,
  call: DriverCall,
  wishes: readonly Document[],
  isWanted: (wish: Document) => boolean,
): Promise<void> {
  let needsReset = false;
  for (const wish of wishes.filter(isWanted)) {
    const name = String(wish['volume_name']);
    needsReset = (await makeOne(bmc, wish, name)) === 'reset' || needsReset;
  }
  if (needsReset) await call.power.reboot();
  const roots = wishes.filter((one) => one['is_root_volume'] === true).map((one) => String(one['volume_name']));
  const disks = (await controllersOf(bmc)).flatMap((controller) =>
    controller.volumes.map((volume) => logicalDisk(controller, volume, roots.includes(nameOf(volume) ?? ''))),
  );
  call.notes.raidConfig({ logical_disks: disks, last_updated: new Date(bmc.clock.now()).toISOString() });
}

async function makeOne(bmc: RedfishBmc, wish: Document, name: string): Promise<TaskEnd> {
  return bmc.patiently(async () => {
    const controllers = await controllersOf(bmc);
    if (controllers.length === 0) throw errors.UnsupportedDriverExtension(bmc.call.node.driver, 'RAID on this machine');
    if (controllers.some((one) => one.volumes.some((volume) => nameOf(volume) === name))) return 'done';
    const plan = planVolume(controllers, wish, name);
    if ((await convertToRaid(bmc, plan.drives)) === 'reset') await bmc.call.power.reboot();
    const written = await bmc.client.post(plan.controller.volumesLink, plan.body, bmc.ask);
    return awaitTask(bmc, written, `the volume ${name}`, VOLUME_MS, true);
  });
}

async function deleteAll(bmc: RedfishBmc, call: DriverCall): Promise<void> {
  let needsReset = false;
  for (const controller of await controllersOf(bmc)) {
    for (const volume of controller.volumes) {
      const end = await bmc.patiently(async () => {
        if ((await bmc.client.find(volume.path, bmc.ask)) === undefined) return 'done';
        const written = await bmc.client.delete(volume.path, bmc.ask);
        return awaitTask(bmc, written, `deleting the volume ${nameOf(volume)}`, VOLUME_MS, true);
      });
      needsReset ||= end === 'reset';
    }
  }
  if (needsReset) await call.power.reboot();
}
