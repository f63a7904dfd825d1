import { randomUUID } from 'node:crypto';
import type { ImageInfo, WrittenImage } from '#agent-api/image-info';
import type { Run } from '../commands/command.ts';
import { isYes, numberOf } from '../commands/parameters.ts';
import { emptyGpt, type Partition, TYPES, writeGpt } from '../disks/gpt.ts';
import { rereadTable } from '../disks/reread.ts';
import { partitionPath, partitionsOf, putMbrEntry, readTable } from '../disks/tables.ts';
import { errors } from '../errors.ts';
import type { Trust } from '../http/request.ts';
import type { FoundDisk } from '../inventory/disks.ts';
import { outputOf } from '../machine/contract.ts';
import { MOST_CONFIG_DRIVE, putBytes } from './config-drive.ts';
import { streamImage } from './stream-image.ts';
import { eraseEnds } from './writer.ts';

const MIB = 1024 * 1024;
const ESP_MIB = 550;

/** What a partition of the layout is for. */
export type Role = 'esp' | 'bios' | 'prep' | 'ephemeral' | 'swap' | 'configdrive' | 'root';

export interface Wish {
  role: Role;
  mib: number;
}

/** The layout of a partition image, in ironic-python-agent's order: what boots, ephemeral, swap, config drive, root. */
export function layoutOf(info: ImageInfo, hasDrive: boolean, arch: string): Wish[] {
  const params = info as unknown as Readonly<Record<string, unknown>>;
  const size = (name: string) => numberOf(params, name, 0);
  const uefi = info.deploy_boot_mode === 'uefi';
  const gpt = uefi || info.disk_label === 'gpt';
  const root = size('root_mb');
  if (root <= 0) throw errors.BadParameters("'root_mb' must be a positive number for a partition image");
  const wishes: Wish[] = [];
  if (uefi) wishes.push({ role: 'esp', mib: ESP_MIB });
  else if (arch.startsWith('ppc64')) wishes.push({ role: 'prep', mib: 8 });
  else if (gpt) wishes.push({ role: 'bios', mib: 1 });
  if (size('ephemeral_mb') > 0) wishes.push({ role: 'ephemeral', mib: size('ephemeral_mb') });
  if (size('swap_mb') > 0) wishes.push({ role: 'swap', mib: size('swap_mb') });
  if (hasDrive) wishes.push({ role: 'configdrive', mib: MOST_CONFIG_DRIVE / MIB });
  return [...wishes, { role: 'root', mib: root }];
}

const GPT_TYPE: Readonly<Record<Role, string>> = {
  esp: TYPES.esp,
  bios: TYPES.biosBoot,
  prep: TYPES.prep,
  ephemeral: TYPES.linux,
  swap: TYPES.swap,
  configdrive: TYPES.linux,
  root: TYPES.linux,
};
const MBR_TYPE: Partial<Record<Role, string>> = { esp: '0xef', swap: '0x82', prep: '0x41' };
const NAME: Partial<Record<Role, string>> = { configdrive: 'config-2', ephemeral: 'ephemeral0', swap: 'swap1' };

/** Places the wishes from the first MiB on. Throws `DeviceTooSmall`. */
export function place(wishes: readonly Wish[], size: number, sector: number, path: string): (Partition & Wish)[] {
  let at = MIB / sector;
  const placed = wishes.map((wish, i) => {
    const first = at;
    at += (wish.mib * MIB) / sector;
    return {
      ...wish,
      number: i + 1,
      first,
      last: at - 1,
      type: GPT_TYPE[wish.role],
      uuid: randomUUID(),
      name: NAME[wish.role] ?? '',
      attributes: 0n,
    };
  });
  // The last MiB is the backup table's.
  if (at * sector > size - MIB) throw errors.DeviceTooSmall(path, size, at * sector + MIB);
  return placed;
}

/** Partitions the disk, makes the file systems and writes the image into its partition. */
export async function writePartitionImage(
  info: ImageInfo,
  disk: FoundDisk,
  drive: Buffer | null,
  run: Run,
  trust: Trust,
): Promise<Omit<WrittenImage, 'seconds'>> {
  const { machine } = run;
  const sector = disk.logical_sectors ?? 512;
  const arch = (await machine.text('/proc/sys/kernel/arch')) ?? 'x86_64';
  const wishes = layoutOf(info, drive !== null, arch);
  const parts = place(wishes, disk.size, sector, disk.name);
  const keep = isYes(info.preserve_ephemeral);
  await partition(info, disk, parts, run, keep);
  const path = (role: Role) => {
    const part = parts.find((p) => p.role === role);
    return part === undefined ? null : partitionPath(disk.name, part.number);
  };
  const root = path('root') as string;
  const esp = path('esp');
  if (esp !== null) await machine.run('mkfs.vfat', ['-F', '32', '-n', 'efi-part', esp]);
  const swap = path('swap');
  if (swap !== null) await machine.run('mkswap', ['-L', 'swap1', swap]);
  const ephemeral = path('ephemeral');
  if (ephemeral !== null && !keep) await makeFileSystem(run, info.ephemeral_format ?? 'ext4', 'ephemeral0', ephemeral);
  const configDrive = path('configdrive');
  if (configDrive !== null && drive !== null) {
    const device = await machine.open(configDrive, 'write');
    try {
      await putBytes(device, drive, 0, sector);
      await device.sync();
    } finally {
      await device.close();
    }
  }
  const written = await streamImage(info, root, run, trust);
  return {
    ...written,
    device: disk.name,
    peer_bytes: 0,
    root_uuid: await uuidOf(run, root),
    efi_system_partition_uuid: esp === null ? null : await uuidOf(run, esp),
  };
}

async function partition(
  info: ImageInfo,
  disk: FoundDisk,
  parts: readonly (Partition & Wish)[],
  run: Run,
  keep: boolean,
): Promise<void> {
  const sector = disk.logical_sectors ?? 512;
  const device = await run.machine.open(disk.name, 'write');
  try {
    if (keep) {
      // The ephemeral partition is kept only where it already is: anything else would lose what it is for.
      const before = parts.find((part) => part.role === 'ephemeral');
      const table = partitionsOf(await readTable(device, sector));
      const there = table.some((part) => part.first === before?.first && part.last === before.last);
      if (before !== undefined && !there) {
        throw errors.PartitioningFailed(disk.name, 'the ephemeral partition to preserve is not where it should be');
      }
    } else {
      await eraseEnds(device);
    }
    if (info.deploy_boot_mode === 'uefi' || info.disk_label === 'gpt') {
      const table = emptyGpt(disk.size, sector);
      table.partitions = [...parts];
      await writeGpt(device, table, { protective: true });
    } else {
      if (parts.length > 4) throw errors.PartitioningFailed(disk.name, 'an MBR has four partitions');
      const mbr = Buffer.alloc(sector);
      mbr.writeUInt32LE(run.random.bytes(4).readUInt32LE(0), 440);
      for (const part of parts) {
        putMbrEntry(mbr, { ...part, type: MBR_TYPE[part.role] ?? '0x83' }, part.role === 'root');
      }
      mbr.writeUInt16LE(0xaa55, 510);
      await device.write(mbr, 0);
      await device.sync();
    }
  } finally {
    await device.close();
  }
  await rereadTable(run.machine, disk.name);
}

const FILE_SYSTEMS: Readonly<Record<string, readonly string[]>> = {
  ext2: ['mkfs.ext2', '-F', '-L'],
  ext3: ['mkfs.ext3', '-F', '-L'],
  ext4: ['mkfs.ext4', '-F', '-L'],
  xfs: ['mkfs.xfs', '-f', '-L'],
  vfat: ['mkfs.vfat', '-n'],
};

async function makeFileSystem(run: Run, format: string, label: string, path: string): Promise<void> {
  const [tool, ...args] = FILE_SYSTEMS[format] ?? [];
  if (tool === undefined) throw errors.BadParameters(`'ephemeral_format' ${format} is not one of this ramdisk`);
  await run.machine.run(tool, [...args, label, path], { timeoutMs: 30 * 60_000 });
}

/** UUID of the file system on a partition, as blkid tells it. */
export async function uuidOf(run: Run, path: string): Promise<string | null> {
  const text = (await outputOf(run.machine, 'blkid', ['-p', '-o', 'value', '-s', 'UUID', path]))?.trim();
  return text === undefined || text === '' ? null : text;
}
