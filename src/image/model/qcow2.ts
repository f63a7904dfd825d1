import { errors } from '../errors.ts';
import type { ImageLimits } from './limits.ts';

/** What a qcow2 header says of the disk. */
export interface Qcow2Facts {
  version: 2 | 3;
  virtualBytes: number;
  clusterBytes: number;
  compressionType: 'zlib' | 'zstd';
}

const EXTENSIONS = {
  end: 0,
  backingFormat: 0xe2792aca,
  featureNames: 0x6803f857,
  bitmaps: 0x23852875,
  encryption: 0x0537be77,
  dataFile: 0x44415441,
} as const;
const FEATURES = { dirty: 1n, corrupt: 2n, dataFile: 4n, compression: 8n, extendedL2: 16n } as const;
const UNDERSTOOD = FEATURES.dirty | FEATURES.compression | FEATURES.extendedL2;
const MOST_L1_ENTRIES = 4 * 1024 * 1024;

/**
 * Reads and judges a qcow2 header before any tool opens the file. Refuses whatever makes a tool look outside the file
 * (backing file, external data file), whatever is not known, and sizes that do not fit together.
 * `head` is the file's first 64 KiB (or all of it); `fileBytes` its length when it is known. Throws `ImageHostile`,
 * `ImageTooLarge`, `ImageBroken`.
 */
export function judgeQcow2(head: Buffer, fileBytes: number | null, limits: ImageLimits): Qcow2Facts {
  const bad = (why: string) => errors.ImageHostile(`its qcow2 header ${why}`);
  if (head.length < 104) throw errors.ImageBroken('its qcow2 header is cut off');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw bad(`has the unknown version ${version}`);
  if (head.readBigUInt64BE(8) !== 0n || head.readUInt32BE(16) !== 0) throw bad('names a backing file');
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw bad('has an impossible cluster size');
  const clusterBytes = 2 ** clusterBits;
  const size = head.readBigUInt64BE(24);
  if (size === 0n) throw errors.ImageEmpty();
  if (size > BigInt(limits.maxVirtualBytes)) throw errors.ImageTooLarge('its disk', limits.maxVirtualBytes);
  if (head.readUInt32BE(32) !== 0) throw bad('says that it is encrypted');
  const features = version === 3 ? head.readBigUInt64BE(72) : 0n;
  if ((features & FEATURES.dataFile) !== 0n) throw bad('names an external data file');
  if ((features & FEATURES.corrupt) !== 0n) throw bad('says that it is corrupt');
  if ((features & ~UNDERSTOOD) !== 0n) throw bad('has incompatible features that are not known');
  judgeTables(head, { clusterBytes, fileBytes, size, extended: (features & FEATURES.extendedL2) !== 0n, bad });
  const headerLength = version === 3 ? head.readUInt32BE(100) : 72;
  if (headerLength < (version === 3 ? 104 : 72) || headerLength > clusterBytes || headerLength % 8 !== 0) {
    throw bad('has an impossible length');
  }
  const compression = headerLength > 104 ? (head[104] ?? 0) : 0;
  if (compression > 1) throw bad('has an unknown way of compression');
  judgeExtensions(head, headerLength, clusterBytes, bad);
  return { version, virtualBytes: Number(size), clusterBytes, compressionType: compression === 1 ? 'zstd' : 'zlib' };
}

function judgeTables(
  head: Buffer,
  about: {
    clusterBytes: number;
    fileBytes: number | null;
    size: bigint;
    extended: boolean;
    bad: (why: string) => Error;
  },
): void {
  const { clusterBytes, fileBytes, size, extended, bad } = about;
  const l1Entries = head.readUInt32BE(36);
  const perL1 = BigInt(clusterBytes) * BigInt(clusterBytes / (extended ? 16 : 8));
  const needed = Number((size + perL1 - 1n) / perL1);
  if (l1Entries > MOST_L1_ENTRIES || needed > MOST_L1_ENTRIES) throw bad('has a table that is too large');
  if (l1Entries < needed) throw bad('has a table too small for its disk');
  const inside = (offset: bigint, bytes: number, what: string) => {
    if (offset % BigInt(clusterBytes) !== 0n) throw bad(`has its ${what} at a crooked place`);
    if (offset === 0n || offset > BigInt(Number.MAX_SAFE_INTEGER)) throw bad(`has its ${what} at an impossible place`);
    if (fileBytes !== null && Number(offset) + bytes > fileBytes) throw bad(`has its ${what} outside the file`);
  };
  inside(head.readBigUInt64BE(40), l1Entries * 8, 'first table');
  const refcountClusters = head.readUInt32BE(56);
  if (refcountClusters > 8192) throw bad('has a table of references that is too large');
  inside(head.readBigUInt64BE(48), refcountClusters * clusterBytes, 'table of references');
  if (head.readUInt32BE(60) !== 0) throw bad('holds snapshots of other disks');
}

function judgeExtensions(head: Buffer, from: number, clusterBytes: number, bad: (why: string) => Error): void {
  const end = Math.min(head.length, clusterBytes);
  for (let at = from; at + 8 <= end; ) {
    const type = head.readUInt32BE(at);
    const length = head.readUInt32BE(at + 4);
    switch (type) {
      case EXTENSIONS.end:
        return;
      case EXTENSIONS.backingFormat:
        throw bad('names the format of a backing file');
      case EXTENSIONS.encryption:
        throw bad('says that it is encrypted');
      case EXTENSIONS.dataFile:
        throw bad('names an external data file');
      case EXTENSIONS.featureNames:
      case EXTENSIONS.bitmaps:
        break;
      default:
        throw bad('has an extension that is not known');
    }
    if (length > end - at - 8) throw bad('has an extension that does not fit');
    at += 8 + Math.ceil(length / 8) * 8;
  }
}
