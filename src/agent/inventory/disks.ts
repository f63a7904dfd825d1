import type { InventoryDisk } from '#agent-api/inventory';
import { type Machine, numberAt } from '../machine/contract.ts';

/** A disk with what the agent itself needs to know of it. */
export interface FoundDisk extends InventoryDisk {
  readOnly: boolean;
  removable: boolean;
  /** A software RAID array. */
  array: boolean;
  /** It, or a partition of it, belongs to such an array. */
  member: boolean;
}

/** Not disks: RAM, loops, drives, floppies, device mapper's. */
const NO_DISK = /^(loop|ram|zram|sr|fd|dm-|nbd|mtdblock|zd)/;
/** Paths of one disk through several ports of a fabric: nvme0c1n1. */
const HIDDEN_PATH = /^nvme\d+c\d+n\d+$/;

/**
 * The machine's disks as sysfs shows them, without udev: its database is not there in a small ramdisk. Ordered by
 * name. What has no size (an empty card reader) is left out.
 */
export async function listDisks(machine: Machine): Promise<FoundDisk[]> {
  const names = (await machine.names('/sys/block')).filter((name) => !NO_DISK.test(name) && !HIDDEN_PATH.test(name));
  const found = await Promise.all(names.map((name) => diskOf(machine, name)));
  return found.filter((disk): disk is FoundDisk => disk !== null).sort((a, b) => byName(a.name, b.name));
}

/** sda before sdb before sdaa, nvme2n1 before nvme10n1. */
function byName(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

async function diskOf(machine: Machine, name: string): Promise<FoundDisk | null> {
  const at = `/sys/block/${name}`;
  const size = ((await numberAt(machine, `${at}/size`)) ?? 0) * 512;
  if (size <= 0 || (await machine.text(`${at}/hidden`)) === '1') return null;
  const path = (await machine.resolve(at)) ?? at;
  const device = (await machine.resolve(`${at}/device`)) ?? '';
  const text = async (...files: string[]) => {
    for (const file of files) {
      const value = (await machine.text(`${at}/${file}`))?.trim();
      if (value) return value.replace(/\s+/g, ' ');
    }
    return null;
  };
  const wwid = await text('wwid', 'device/wwid');
  const names = wwnOf(wwid);
  return {
    name: `/dev/${name}`,
    model: await text('device/model'),
    size,
    rotational: (await text('queue/rotational')) === '1',
    ...names,
    serial: (await text('serial', 'device/serial')) ?? (await vpdSerial(machine, at)) ?? serialOfWwid(wwid),
    vendor: await text('device/vendor'),
    hctl: /\/(\d+:\d+:\d+:\d+)$/.exec(device)?.[1] ?? null,
    by_path: await byPath(machine, name, path),
    logical_sectors: await numberAt(machine, `${at}/queue/logical_block_size`),
    physical_sectors: await numberAt(machine, `${at}/queue/physical_block_size`),
    tran: transportOf(path),
    readOnly: (await text('ro')) === '1',
    removable: (await text('removable')) === '1',
    array: name.startsWith('md'),
    member: await isMember(machine, name),
  };
}

async function isMember(machine: Machine, name: string): Promise<boolean> {
  const inside = (await machine.names(`/sys/block/${name}`)).filter((entry) => entry.startsWith(name));
  const holders = await Promise.all(
    ['', ...inside.map((part) => `${part}/`)].map((part) => machine.names(`/sys/block/${name}/${part}holders`)),
  );
  return holders.flat().some((holder) => holder.startsWith('md'));
}

/** Unit serial number of a SCSI or ATA disk (VPD page 0x80). */
async function vpdSerial(machine: Machine, at: string): Promise<string | null> {
  const page = await machine.bytes(`${at}/device/vpd_pg80`);
  if (page === null || page.length < 4 || page[1] !== 0x80) return null;
  const text = page.subarray(4, 4 + page.readUInt16BE(2)).toString('latin1');
  const clean = text.replace(/[^\x20-\x7e]/g, '').trim();
  return clean === '' ? null : clean;
}

/** `t10.ATA     QEMU HARDDISK   QM00001` and the like end with the serial number. */
function serialOfWwid(wwid: string | null): string | null {
  return /^t10\.ATA\s.*\s(\S+)$/.exec(wwid ?? '')?.[1] ?? null;
}

/** World wide names as udev writes them: `naa.` in hex after 0x, its first 16 digits the name itself. */
export function wwnOf(wwid: string | null): Pick<InventoryDisk, 'wwn' | 'wwn_with_extension' | 'wwn_vendor_extension'> {
  const naa = /^naa\.([0-9a-f]+)$/i.exec(wwid ?? '')?.[1]?.toLowerCase();
  if (naa !== undefined) {
    const extension = naa.length > 16 ? `0x${naa.slice(16)}` : null;
    return { wwn: `0x${naa.slice(0, 16)}`, wwn_with_extension: `0x${naa}`, wwn_vendor_extension: extension };
  }
  const other = /^(eui\.|nvme\.|uuid\.)/.test(wwid ?? '') ? wwid : null;
  return { wwn: other, wwn_with_extension: other, wwn_vendor_extension: null };
}

/** How a disk is attached, from its path in sysfs; lsblk's words. */
export function transportOf(path: string): string | null {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/\/usb\d+\//, 'usb'],
    [/\/nvme\d*\/|\/nvme-subsystem\//, 'nvme'],
    [/\/ata\d+\//, 'sata'],
    [/\/session\d+\//, 'iscsi'],
    [/\/end_device-/, 'sas'],
    [/\/rport-/, 'fc'],
    [/\/virtio\d+\//, 'virtio'],
    [/\/mmc\d+\//, 'mmc'],
  ];
  return kinds.find(([shape]) => shape.test(path))?.[1] ?? null;
}

/** The `by-path` link of a disk: udev's where there is one, else made the same way from its path in sysfs. */
async function byPath(machine: Machine, name: string, path: string): Promise<string | null> {
  for (const link of await machine.names('/dev/disk/by-path')) {
    if ((await machine.resolve(`/dev/disk/by-path/${link}`)) === `/dev/${name}`) return `/dev/disk/by-path/${link}`;
  }
  const port = /\/(ata\d+)\//.exec(path)?.[1];
  const number = port === undefined ? null : await numberAt(machine, `/sys/class/ata_port/${port}/port_no`);
  const made = pathOf(path, await machine.text(`/sys/block/${name}/nsid`), number);
  return made === null ? null : `/dev/disk/by-path/${made}`;
}

/** udev's `ID_PATH` for the usual buses; null for what it would name in a way of its own. */
export function pathOf(path: string, nsid: string | null, ataPort: number | null): string | null {
  const pci = [...path.matchAll(/\/([0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?=\/)/g)].at(-1)?.[1];
  if (pci === undefined) return null;
  const scsi = /\/\d+:(\d+:\d+:\d+)\/block\//.exec(path)?.[1];
  const usb = /\/usb(\d+)\/(?:[^/]+\/)*\d+-([0-9.]+):(\d+\.\d+)\//.exec(path);
  if (usb !== null) {
    const unit = scsi === undefined ? '' : `-scsi-0:${scsi}`;
    return `pci-${pci}-usb-0:${usb[2]}:${usb[3]}${unit}`;
  }
  if (/\/nvme\d+\//.test(path)) return `pci-${pci}-nvme-${nsid ?? '1'}`;
  const ata = /\/ata(\d+)\//.exec(path)?.[1];
  if (ata !== undefined) {
    const target = /\/target\d+:\d+:(\d+)\//.exec(path)?.[1] ?? '0';
    return `pci-${pci}-ata-${ataPort ?? ata}.${target}`;
  }
  if (/\/(end_device-|rport-|session\d+)/.test(path)) return null;
  return scsi === undefined ? `pci-${pci}` : `pci-${pci}-scsi-0:${scsi}`;
}

/** The disk of an inventory, without what only the agent looks at. */
export function forInventory(disk: FoundDisk): InventoryDisk {
  const { readOnly: _ro, removable: _rm, array: _array, member: _member, ...rest } = disk;
  return rest;
}
