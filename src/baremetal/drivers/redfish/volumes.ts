import type { Resource } from '#protocols/redfish/client';
import { linkOf, linksOf, numberOf, objectAt, objectsOf, textOf, textsOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { RedfishBmc } from './bmc.ts';

/** Ironic's levels, Redfish's, and the fewest drives. */
export const LEVELS: Record<string, { type: string; drives: number }> = {
  '0': { type: 'RAID0', drives: 1 },
  '1': { type: 'RAID1', drives: 2 },
  '5': { type: 'RAID5', drives: 3 },
  '6': { type: 'RAID6', drives: 4 },
  '1+0': { type: 'RAID10', drives: 4 },
  '5+0': { type: 'RAID50', drives: 6 },
  '6+0': { type: 'RAID60', drives: 8 },
};

const GIB = 1024 ** 3;

/** A RAID controller with what hangs on it. */
export interface Controller {
  storage: Resource;
  volumesLink: string;
  volumes: Resource[];
  drives: Resource[];
}

/** Controllers that can make volumes. */
export async function controllersOf(bmc: RedfishBmc): Promise<Controller[]> {
  const found: Controller[] = [];
  for (const storage of await bmc.client.members((await bmc.system()).body['Storage'], bmc.ask)) {
    const volumesLink = linkOf(storage.body['Volumes']);
    if (volumesLink === null) continue;
    const parts = objectsOf(storage.body['StorageControllers']);
    if (parts.length === 0) {
      parts.push(...(await bmc.client.members(storage.body['Controllers'], bmc.ask)).map((one) => one.body));
    }
    if (!parts.some((one) => textsOf(one['SupportedRAIDTypes']).length > 0)) continue;
    const drives = await bmc.client.all(linksOf(storage.body['Drives']), bmc.ask);
    const volumes = await bmc.client.members({ '@odata.id': volumesLink }, bmc.ask);
    found.push({ storage, volumesLink, volumes, drives });
  }
  return found;
}

export const nameOf = ({ body }: Resource) => textOf(body['DisplayName']) ?? textOf(body['Name']);

/** A volume as Ironic's raid_config has it. */
export function logicalDisk(controller: Controller, volume: Resource, root: boolean): Document {
  const { body } = volume;
  const level = Object.keys(LEVELS).find((one) => LEVELS[one]?.type === body['RAIDType']);
  const links = linksOf(objectAt(body, 'Links')['Drives']);
  return {
    controller: textOf(controller.storage.body['Id']),
    id: textOf(body['Id']),
    name: nameOf(volume),
    raid_level: level ?? textOf(body['RAIDType']),
    size_gb: Math.floor((numberOf(body['CapacityBytes']) ?? 0) / GIB),
    physical_disks: links.map((link) => link.split('/').at(-1)),
    ...(root ? { is_root_volume: true } : {}),
  };
}

/** What a logical disk is made of. */
export interface Plan {
  controller: Controller;
  drives: Resource[];
  body: Document;
}

/** Chooses a controller and drives for a logical disk, as much as it leaves open. Throws 400. */
export function planVolume(controllers: readonly Controller[], wish: Document, name: string): Plan {
  const level = LEVELS[String(wish['raid_level'])];
  if (level === undefined) {
    throw errors.InvalidParameterValue(
      `Invalid raid_level "${String(wish['raid_level'])}": it must be one of ${Object.keys(LEVELS).join(', ')}.`,
    );
  }
  const size = wish['size_gb'];
  const bytes = size === 'MAX' ? null : (numberOf(size) ?? 0) * GIB;
  if (bytes !== null && bytes <= 0) throw errors.InvalidParameterValue('size_gb must be a number of GiB or MAX.');
  const named = Array.isArray(wish['physical_disks']) ? wish['physical_disks'].map(String) : null;
  const wanted = numberOf(wish['number_of_physical_disks']) ?? named?.length ?? level.drives;
  for (const controller of controllers) {
    if (wish['controller'] !== undefined && textOf(controller.storage.body['Id']) !== wish['controller']) continue;
    const free = controller.drives.filter((drive) => isFree(controller, drive) && fits(drive, wish));
    const chosen = named === null ? free.slice(0, wanted) : free.filter((drive) => named.includes(idOf(drive)));
    if (chosen.length < wanted) continue;
    const body: Document = {
      RAIDType: level.type,
      DisplayName: name,
      Links: { Drives: chosen.map((drive) => ({ '@odata.id': drive.path })) },
      ...(bytes === null ? {} : { CapacityBytes: bytes }),
    };
    return { controller, drives: chosen, body };
  }
  throw errors.InvalidParameterValue(
    `No RAID controller has ${wanted} free disks for a logical disk of level ${String(wish['raid_level'])}.`,
  );
}

const idOf = ({ body, path }: Resource) => textOf(body['Id']) ?? path.split('/').at(-1) ?? '';

function isFree(controller: Controller, drive: Resource): boolean {
  if (linksOf(objectAt(drive.body, 'Links')['Volumes']).length > 0) return false;
  return !controller.volumes.some(({ body }) => linksOf(objectAt(body, 'Links')['Drives']).includes(drive.path));
}

function fits({ body }: Resource, wish: Document): boolean {
  const type = textOf(wish['disk_type'])?.toUpperCase();
  const bus = textOf(wish['interface_type'])?.toUpperCase();
  if (type !== undefined && textOf(body['MediaType'])?.toUpperCase() !== type) return false;
  return bus === undefined || textOf(body['Protocol'])?.toUpperCase() === bus;
}
