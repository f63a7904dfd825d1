import type { Resource } from '#protocols/redfish/client';
import { type Json, linksOf, objectAt } from '#protocols/redfish/json';
import type { RedfishBmc } from './bmc.ts';

const FIRST = 'ServerBoot.1.FirstBootDevice';
const ONCE = 'ServerBoot.1.BootOnce';
const ATTACHED = 'VirtualMedia.1.Attached';
const MEDIA = 'VCD-DVD';
const NORMAL = 'Normal';

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
