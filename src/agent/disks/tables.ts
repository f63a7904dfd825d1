import { randomUUID } from 'node:crypto';
import { errors } from '../errors.ts';
import type { BlockDevice } from '../machine/contract.ts';
import { type Gpt, type Partition, readGpt, stretched, TYPES, writeGpt } from './gpt.ts';

const MIB = 1024 * 1024;
/** An MBR counts 32 bits of sectors. */
const MBR_LIMIT = 0xffffffff;

export type Table = { label: 'gpt'; gpt: Gpt } | { label: 'msdos'; partitions: Partition[] } | { label: 'none' };

/** Reads what partitions a disk: a GPT of the disk's sector size, else an MBR. */
export async function readTable(device: BlockDevice, sector: number): Promise<Table> {
  const gpt = await readGpt(device, sector);
  if (gpt !== null) return { label: 'gpt', gpt };
  const mbr = Buffer.alloc(512);
  if (device.size < 512) return { label: 'none' };
  await device.read(mbr, 0);
  if (mbr.readUInt16LE(510) !== 0xaa55) return { label: 'none' };
  const partitions = mbrPartitions(mbr);
  // A boot sector of a file system ends alike; its "entries" make no sense.
  const fits = partitions.every((p) => p.first > 0 && p.first * sector < device.size);
  return partitions.length === 0 || !fits ? { label: 'none' } : { label: 'msdos', partitions };
}

/** Primary partitions of an MBR. */
export function mbrPartitions(mbr: Buffer): Partition[] {
  const partitions: Partition[] = [];
  for (let i = 0; i < 4; i++) {
    const at = 446 + i * 16;
    const type = mbr.readUInt8(at + 4);
    const first = mbr.readUInt32LE(at + 8);
    const count = mbr.readUInt32LE(at + 12);
    if (type === 0 || count === 0) continue;
    const uuid = `${mbr.readUInt32LE(440).toString(16).padStart(8, '0')}-0${i + 1}`;
    const hex = `0x${type.toString(16).padStart(2, '0')}`;
    partitions.push({ number: i + 1, first, last: first + count - 1, type: hex, uuid, name: '', attributes: 0n });
  }
  return partitions;
}

/** Partitions of a table, in their order. */
export function partitionsOf(table: Table): readonly Partition[] {
  return table.label === 'gpt' ? table.gpt.partitions : table.label === 'msdos' ? table.partitions : [];
}

/** The EFI system partition, if the disk has one. */
export function systemPartition(table: Table): Partition | undefined {
  return partitionsOf(table).find((part) => part.type === TYPES.esp || part.type === '0xef');
}

/** `/dev/sda` and 1 → `/dev/sda1`; `/dev/nvme0n1` → `/dev/nvme0n1p1`. */
export function partitionPath(device: string, number: number): string {
  return /\d$/.test(device) ? `${device}p${number}` : `${device}${number}`;
}

/** After an image was written: the backup GPT goes to the end of this disk. True when it had to move. */
export async function repairGpt(device: BlockDevice, sector: number): Promise<boolean> {
  const gpt = await readGpt(device, sector);
  if (gpt === null || gpt.alternate === gpt.sectors - 1) return false;
  const outside = gpt.partitions.find((part) => part.last >= gpt.sectors);
  if (outside !== undefined) {
    throw errors.DeviceTooSmall(device.path, device.size, (outside.last + 1) * sector);
  }
  await writeGpt(device, stretched(gpt), { protective: false });
  return true;
}

/**
 * Adds a partition of `bytes` at the end of the disk; gives it. Throws `PartitioningFailed` when there is no place
 * for it or the disk has no table.
 */
export async function addAtEnd(device: BlockDevice, sector: number, bytes: number, name: string): Promise<Partition> {
  const table = await readTable(device, sector);
  const fail = (why: string) => errors.PartitioningFailed(device.path, why);
  if (table.label === 'none') throw fail('it has no partition table');
  const parts = partitionsOf(table);
  const align = MIB / sector;
  const length = Math.ceil(bytes / MIB) * align;
  const end = table.label === 'gpt' ? stretched(table.gpt).lastUsable + 1 : Math.min(device.size / sector, MBR_LIMIT);
  const first = Math.floor((end - length) / align) * align;
  const taken = parts.filter((part) => part.last >= first);
  if (first <= 0 || taken.length > 0) throw fail(`there are no ${bytes} bytes free at its end`);
  const numbers = new Set(parts.map((part) => part.number));
  const most = table.label === 'gpt' ? table.gpt.entries : 4;
  const number = Array.from({ length: most }, (_, i) => i + 1).find((n) => !numbers.has(n));
  if (number === undefined) throw fail('all its partitions are taken');
  const made: Partition = {
    number,
    first,
    last: first + length - 1,
    type: TYPES.linux,
    uuid: randomUUID(),
    name,
    attributes: 0n,
  };
  if (table.label === 'gpt') {
    await writeGpt(device, { ...stretched(table.gpt), partitions: [...parts, made] }, { protective: false });
    return made;
  }
  const mbr = Buffer.alloc(512);
  await device.read(mbr, 0);
  putMbrEntry(mbr, { ...made, type: '0x83' });
  await device.write(padded(mbr, await sectorAt(device, 0, sector)), 0);
  await device.sync();
  return { ...made, type: '0x83' };
}

/** Writes a partition into its slot of an MBR. */
export function putMbrEntry(mbr: Buffer, part: Partition, active = false): void {
  const at = 446 + (part.number - 1) * 16;
  // CHS addresses of large disks say nothing: all ones, as everybody writes them.
  mbr.set([active ? 0x80 : 0, 0xfe, 0xff, 0xff, Number(part.type), 0xfe, 0xff, 0xff], at);
  mbr.writeUInt32LE(part.first, at + 8);
  mbr.writeUInt32LE(part.last - part.first + 1, at + 12);
}

async function sectorAt(device: BlockDevice, offset: number, sector: number): Promise<Buffer> {
  const buffer = Buffer.alloc(sector);
  await device.read(buffer, offset);
  return buffer;
}

function padded(mbr: Buffer, sector: Buffer): Buffer {
  mbr.copy(sector, 0);
  return sector;
}
