import type { Resource } from '#protocols/redfish/client';
import { type Json, linksOf, objectAt, textOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { RedfishBmc } from './bmc.ts';
import { awaitTask, type TaskEnd } from './tasks.ts';

const FIRST = 'ServerBoot.1.FirstBootDevice';
const ONCE = 'ServerBoot.1.BootOnce';
const ATTACHED = 'VirtualMedia.1.Attached';
const MEDIA = 'VCD-DVD';
const NORMAL = 'Normal';
const CONVERT = '#DellRaidService.ConvertToRAID';
/** Converting drives, a reboot apart. */
const CONVERT_MS = 10 * 60_000;

/**
 * What iDRAC does by attributes of its own only (openstack/sushy-oem-idrac; Dell's attribute registry): booting from
 * virtual media before 6.00, and showing them to the host on 4.40.
 */
export async function setMediaBoot(
  bmc: RedfishBmc,
  system: Resource,
  device: string,
  persistent: boolean,
): Promise<void> {
  const found = await attributesWith(bmc, system, FIRST);
  if (found === undefined) return;
  const now = objectAt(found.body, 'Attributes');
  if (device === 'cdrom') await write(bmc, found, { [FIRST]: MEDIA, [ONCE]: persistent ? 'Disabled' : 'Enabled' });
  else if (now[FIRST] === MEDIA) await write(bmc, found, { [FIRST]: NORMAL });
}

/** Media that are inserted are to be seen by the host. */
export async function attachMedia(bmc: RedfishBmc, system: Resource): Promise<void> {
  const found = await attributesWith(bmc, system, ATTACHED);
  if (found === undefined || objectAt(found.body, 'Attributes')[ATTACHED] === 'AutoAttach') return;
  await write(bmc, found, { [ATTACHED]: 'AutoAttach' });
}

/** A PERC shows drives to the system as they are until they are converted, and takes none such into a volume. */
const isNonRaid = ({ body }: Resource) =>
  textOf(objectAt(body, 'Oem', 'Dell', 'DellPhysicalDisk')['RaidStatus']) === 'NonRAID';

/**
 * Converts those of the drives that a volume cannot be made of yet. `reset`: that happens with the next reset. Throws 400
 * where the BMC has no way to.
 */
export async function convertToRaid(bmc: RedfishBmc, drives: readonly Resource[]): Promise<TaskEnd> {
  const raw = drives.filter(isNonRaid);
  if (raw.length === 0) return 'done';
  const links = objectAt((await bmc.system()).body, 'Links', 'Oem', 'Dell');
  const service = await bmc.client.follow(links['DellRaidService'], bmc.ask);
  const target = textOf(objectAt(service?.body ?? {}, 'Actions', CONVERT)['target']);
  const names = raw.map(({ body, path }) => textOf(body['Id']) ?? path);
  if (target === null) {
    throw errors.InvalidParameterValue(
      `The disks ${names.join(', ')} are not in RAID mode, and this BMC cannot convert them (it has no ` +
        'DellRaidService): convert them in the setup of the RAID controller, then try again.',
    );
  }
  const written = await bmc.client.post(target, { PDArray: names }, bmc.ask);
  return awaitTask(bmc, written, `the conversion of ${names.join(', ')}`, CONVERT_MS, true);
}

const write = (bmc: RedfishBmc, place: Resource, attributes: Json) =>
  bmc.client.patch(place, { Attributes: attributes }, bmc.ask);

/** The group of attributes that has this one: as the managers link them, or where they used to be. */
async function attributesWith(bmc: RedfishBmc, system: Resource, name: string): Promise<Resource | undefined> {
  for (const manager of await bmc.managers(system)) {
    const linked = linksOf(objectAt(manager.body, 'Links', 'Oem', 'Dell')['DellAttributes']);
    for (const link of [...linked, `${manager.path.replace(/\/$/, '')}/Attributes`]) {
      const found = await bmc.client.find(link, bmc.ask);
      if (found !== undefined && name in objectAt(found.body, 'Attributes')) return found;
    }
  }
  return undefined;
}
