import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const SECTOR = 512;
const ENTRIES = 128;
const TABLE_SECTORS = (ENTRIES * 128) / SECTOR;

/** Partition types by what they are for. */
export const PARTITION_TYPES = {
  efi: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  root: '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
} as const;

export interface Partition {
  /** 1 to 128: its place in the table, which need not be the order on the disk. */
  number: number;
  type: keyof typeof PARTITION_TYPES;
  name: string;
  firstSector: number;
  sectors: number;
}

/** The partition table of a disk: what stands at its start (with the boot code) and at its end. */
export interface GptTables {
  start: Buffer;
  end: Buffer;
  /** Where `end` begins. */
  endOffset: number;
}

/**
 * Makes a GUID partition table. GUIDs come from `seed`, so that the same image is the same bytes.
 * `bootCode` (at most 440 bytes) goes into the protective MBR.
 */
export function gpt(
  totalSectors: number,
  partitions: readonly Partition[],
  seed: string,
  bootCode?: Buffer,
): GptTables {
  const table = Buffer.alloc(ENTRIES * 128);
  for (const one of partitions) {
    const at = (one.number - 1) * 128;
    guidBytes(PARTITION_TYPES[one.type]).copy(table, at);
    guidBytes(guidOf(`${seed}/partition/${one.number}`)).copy(table, at + 16);
    table.writeBigUInt64LE(BigInt(one.firstSector), at + 32);
    table.writeBigUInt64LE(BigInt(one.firstSector + one.sectors - 1), at + 40);
    // Attribute 2: what a BIOS starts from.
    if (one.type === 'efi') table.writeBigUInt64LE(4n, at + 48);
    table.write(one.name.slice(0, 35), at + 56, 'utf16le');
  }
  const backupTable = totalSectors - 1 - TABLE_SECTORS;
  const head = (own: number, other: number, tableAt: number) => {
    const header = Buffer.alloc(SECTOR);
    header.write('EFI PART', 0, 'latin1');
    header.writeUInt32LE(0x10000, 8);
    header.writeUInt32LE(92, 12);
    header.writeBigUInt64LE(BigInt(own), 24);
    header.writeBigUInt64LE(BigInt(other), 32);
    header.writeBigUInt64LE(BigInt(2 + TABLE_SECTORS), 40);
    header.writeBigUInt64LE(BigInt(backupTable - 1), 48);
    guidBytes(guidOf(`${seed}/disk`)).copy(header, 56);
    header.writeBigUInt64LE(BigInt(tableAt), 72);
    header.writeUInt32LE(ENTRIES, 80);
    header.writeUInt32LE(128, 84);
    header.writeUInt32LE(crc32(table), 88);
    header.writeUInt32LE(crc32(header.subarray(0, 92)), 16);
    return header;
  };
  return {
    start: Buffer.concat([protectiveMbr(totalSectors, bootCode), head(1, totalSectors - 1, 2), table]),
    end: Buffer.concat([table, head(totalSectors - 1, 1, backupTable)]),
    endOffset: backupTable * SECTOR,
  };
}

function protectiveMbr(totalSectors: number, bootCode?: Buffer): Buffer {
  const mbr = Buffer.alloc(SECTOR);
  bootCode?.copy(mbr, 0, 0, 440);
  mbr[446 + 2] = 2; // starts at CHS 0/0/2
  mbr[446 + 4] = 0xee;
  mbr.fill(0xff, 446 + 5, 446 + 8);
  mbr.writeUInt32LE(1, 446 + 8);
  mbr.writeUInt32LE(Math.min(totalSectors - 1, 0xffffffff), 446 + 12);
  mbr.writeUInt16LE(0xaa55, 510);
  return mbr;
}

/** A GUID (version 4 in form) made of a text. */
export function guidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x40;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** The mixed byte order in which GUIDs stand on disks. */
function guidBytes(guid: string): Buffer {
  const raw = Buffer.from(guid.replaceAll('-', ''), 'hex');
  raw.subarray(0, 4).reverse();
  raw.subarray(4, 6).reverse();
  raw.subarray(6, 8).reverse();
  return raw;
}
