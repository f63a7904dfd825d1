import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { BlockDevice } from '../machine/contract.ts';
import { errors } from '../errors.ts';

/** A partition; sectors are of the disk's logical size, both ends included. */
export interface Partition {
  number: number;
  first: number;
  last: number;
  /** GUID in lower case, or for an MBR `0x83`. */
  type: string;
  uuid: string;
  name: string;
  attributes: bigint;
}

/** A GUID partition table (UEFI 2.10, 5.3). */
export interface Gpt {
  sector: number;
  /** Sectors of the disk. */
  sectors: number;
  diskGuid: string;
  entries: number;
  firstUsable: number;
  lastUsable: number;
  partitions: Partition[];
  /** Where the backup header is said to be. */
  alternate: number;
}

const SIGNATURE = 'EFI PART';
const HEADER = 92;
const ENTRY = 128;

/** Types of partitions by what they hold. */
export const TYPES = {
  linux: '0fc63daf-8483-4772-8e79-3d69d8477de4',
  swap: '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f',
  esp: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  biosBoot: '21686148-6449-6e6f-744e-656564454649',
  prep: '9e1a2d38-c612-4316-aa26-8b49521e5a8b',
  raid: 'a19d880f-05fc-4d3b-a006-743f0f84911e',
} as const;

/** Reads the primary table; null when there is none. Throws when there is one that cannot be believed. */
export async function readGpt(device: BlockDevice, sector: number): Promise<Gpt | null> {
  if (device.size < 34 * sector) return null;
  const header = Buffer.alloc(sector);
  await device.read(header, sector);
  if (header.toString('latin1', 0, 8) !== SIGNATURE) return null;
  const bad = (why: string) => errors.PartitioningFailed(device.path, `its GPT is not valid: ${why}`);
  const length = header.readUInt32LE(12);
  if (length < HEADER || length > sector) throw bad('the header has no such length');
  const sum = header.readUInt32LE(16);
  const copy = Buffer.from(header.subarray(0, length));
  copy.writeUInt32LE(0, 16);
  if (crc32(copy) !== sum) throw bad('the checksum of the header');
  const entries = header.readUInt32LE(80);
  const size = header.readUInt32LE(84);
  if (size !== ENTRY || entries === 0 || entries > 1024) throw bad('the entries have an unusual size');
  const array = Buffer.alloc(Math.ceil((entries * ENTRY) / sector) * sector);
  await device.read(array, Number(header.readBigUInt64LE(72)) * sector);
  if (crc32(array.subarray(0, entries * ENTRY)) !== header.readUInt32LE(88)) throw bad('the checksum of the entries');
  const partitions: Partition[] = [];
  for (let i = 0; i < entries; i++) {
    const entry = array.subarray(i * ENTRY, (i + 1) * ENTRY);
    const type = guidAt(entry, 0);
    if (/^[0-]+$/.test(type)) continue;
    partitions.push({
      number: i + 1,
      first: Number(entry.readBigUInt64LE(32)),
      last: Number(entry.readBigUInt64LE(40)),
      type,
      uuid: guidAt(entry, 16),
      name: entry.toString('utf16le', 56, 128).replace(/\0.*$/s, ''),
      attributes: entry.readBigUInt64LE(48),
    });
  }
  return {
    sector,
    sectors: Math.floor(device.size / sector),
    diskGuid: guidAt(header, 56),
    entries,
    firstUsable: Number(header.readBigUInt64LE(40)),
    lastUsable: Number(header.readBigUInt64LE(48)),
    partitions,
    alternate: Number(header.readBigUInt64LE(32)),
  };
}

/** A new table for a disk. */
export function emptyGpt(size: number, sector: number): Gpt {
  const sectors = Math.floor(size / sector);
  const array = (128 * ENTRY) / sector;
  return {
    sector,
    sectors,
    diskGuid: randomUUID(),
    entries: 128,
    firstUsable: 2 + array,
    lastUsable: sectors - 2 - array,
    partitions: [],
    alternate: sectors - 1,
  };
}

/** The table with its backup at the end of this disk, where a larger image had none. */
export function stretched(gpt: Gpt): Gpt {
  const array = Math.ceil((gpt.entries * ENTRY) / gpt.sector);
  return { ...gpt, alternate: gpt.sectors - 1, lastUsable: gpt.sectors - 2 - array };
}

/** Writes both tables, backup first, so that a power cut leaves one that is whole. */
export async function writeGpt(device: BlockDevice, gpt: Gpt, options: { protective: boolean }): Promise<void> {
  const array = entriesOf(gpt);
  const sum = crc32(array.subarray(0, gpt.entries * ENTRY));
  const end = gpt.sectors - 1;
  const arraySectors = array.length / gpt.sector;
  await device.write(array, (end - arraySectors) * gpt.sector);
  await device.write(headerOf(gpt, end, 1, end - arraySectors, sum), end * gpt.sector);
  await device.sync();
  await device.write(array, 2 * gpt.sector);
  await device.write(headerOf(gpt, 1, end, 2, sum), gpt.sector);
  if (options.protective) await device.write(protectiveMbr(gpt), 0);
  await device.sync();
}

function entriesOf(gpt: Gpt): Buffer {
  const array = Buffer.alloc(Math.ceil((gpt.entries * ENTRY) / gpt.sector) * gpt.sector);
  for (const part of gpt.partitions) {
    const entry = array.subarray((part.number - 1) * ENTRY, part.number * ENTRY);
    putGuid(entry, 0, part.type);
    putGuid(entry, 16, part.uuid);
    entry.writeBigUInt64LE(BigInt(part.first), 32);
    entry.writeBigUInt64LE(BigInt(part.last), 40);
    entry.writeBigUInt64LE(part.attributes, 48);
    entry.write(part.name.slice(0, 36), 56, 'utf16le');
  }
  return array;
}

function headerOf(gpt: Gpt, own: number, other: number, array: number, sum: number): Buffer {
  const header = Buffer.alloc(gpt.sector);
  header.write(SIGNATURE, 0, 'latin1');
  header.writeUInt32LE(0x00010000, 8);
  header.writeUInt32LE(HEADER, 12);
  header.writeBigUInt64LE(BigInt(own), 24);
  header.writeBigUInt64LE(BigInt(other), 32);
  header.writeBigUInt64LE(BigInt(gpt.firstUsable), 40);
  header.writeBigUInt64LE(BigInt(gpt.lastUsable), 48);
  putGuid(header, 56, gpt.diskGuid);
  header.writeBigUInt64LE(BigInt(array), 72);
  header.writeUInt32LE(gpt.entries, 80);
  header.writeUInt32LE(ENTRY, 84);
  header.writeUInt32LE(sum, 88);
  header.writeUInt32LE(crc32(header.subarray(0, HEADER)), 16);
  return header;
}

function protectiveMbr(gpt: Gpt): Buffer {
  const mbr = Buffer.alloc(gpt.sector);
  mbr.set([0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff], 446);
  mbr.writeUInt32LE(1, 454);
  mbr.writeUInt32LE(Math.min(gpt.sectors - 1, 0xffffffff), 458);
  mbr.writeUInt16LE(0xaa55, 510);
  return mbr;
}

/** GUIDs keep their first three fields in little-endian order. */
function guidAt(buffer: Buffer, at: number): string {
  const hex = (part: Buffer) => part.toString('hex');
  const turned = (from: number, to: number) => hex(Buffer.from(buffer.subarray(at + from, at + to)).reverse());
  return [
    turned(0, 4),
    turned(4, 6),
    turned(6, 8),
    hex(buffer.subarray(at + 8, at + 10)),
    hex(buffer.subarray(at + 10, at + 16)),
  ].join('-');
}

function putGuid(buffer: Buffer, at: number, guid: string): void {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  order.forEach((from, to) => buffer.writeUInt8(bytes[from] ?? 0, at + to));
}
