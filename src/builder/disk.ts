import type { Hash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { gpt, type PARTITION_TYPES, SECTOR } from './gpt.ts';

const MIB = 1024 * 1024;
const CHUNK = 4 * MIB;

/** What becomes a partition, in the order of the disk. */
export interface Slice {
  number: number;
  type: keyof typeof PARTITION_TYPES;
  name: string;
  bytes: number;
  /** File whose bytes it holds. */
  file: string;
}

/**
 * Writes a disk that boots from BIOS and UEFI: the slices, each aligned to a MiB. Blocks of
 * zeroes are holes. Gives the size of the disk.
 */
export async function writeDisk(
  target: string,
  slices: readonly Slice[],
  bootCode: Buffer,
  seed: string,
): Promise<number> {
  let at = MIB;
  const placed = slices.map((slice) => {
    const first = at;
    at += Math.ceil(slice.bytes / MIB) * MIB;
    return { ...slice, first };
  });
  const total = at + MIB;
  const partitions = placed.map(({ number, type, name, first, bytes }) => ({
    number,
    type,
    name,
    firstSector: first / SECTOR,
    sectors: (Math.ceil(bytes / MIB) * MIB) / SECTOR,
  }));
  const tables = gpt(total / SECTOR, partitions, seed, bootCode);
  const disk = await open(target, 'w', 0o644);
  try {
    await disk.truncate(total);
    await disk.write(tables.start, 0, tables.start.length, 0);
    await disk.write(tables.end, 0, tables.end.length, tables.endOffset);
    for (const { file, first } of placed) await copySparse(file, disk, first);
  } finally {
    await disk.close();
  }
  return total;
}

/** Copies a disk, with holes for zeroes, and hashes it on the way. */
export async function copyDisk(from: string, to: string, hash: Hash): Promise<void> {
  const disk = await open(to, 'w', 0o644);
  try {
    await disk.truncate((await stat(from)).size);
    await copySparse(from, disk, 0, hash);
  } finally {
    await disk.close();
  }
}

type Disk = Awaited<ReturnType<typeof open>>;

async function copySparse(file: string, disk: Disk, offset: number, hash?: Hash): Promise<void> {
  const source = await open(file, 'r');
  const chunk = Buffer.alloc(CHUNK);
  const zeroes = Buffer.alloc(CHUNK);
  try {
    for (let at = 0; ; ) {
      const { bytesRead } = await source.read(chunk, 0, CHUNK, at);
      if (bytesRead === 0) return;
      const part = chunk.subarray(0, bytesRead);
      hash?.update(part);
      if (!part.equals(zeroes.subarray(0, bytesRead))) await disk.write(part, 0, bytesRead, offset + at);
      at += bytesRead;
    }
  } finally {
    await source.close();
  }
}
