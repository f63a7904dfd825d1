import { errors } from '../errors.ts';

export type Compression = 'none' | 'gzip' | 'xz' | 'zstd';
export type Format = 'raw' | 'qcow2' | 'vmdk' | 'vhd' | 'vhdx' | 'vdi' | 'qed' | 'luks' | 'parallels';

/** Bytes at the beginning that tell what a file is. */
export const HEAD = 64 * 1024;

/** How a stream is compressed, by its first bytes. */
export function compressionOf(head: Buffer): Compression {
  if (head.length >= 2 && head.readUInt16BE(0) === 0x1f8b) return 'gzip';
  if (head.length >= 4 && head.readUInt32BE(0) === 0x28b52ffd) return 'zstd';
  if (head.length >= 6 && head.toString('hex', 0, 6) === 'fd377a585a00') return 'xz';
  return 'none';
}

/** Magic words of formats that are more than their bytes: a tool that opens them may follow them elsewhere. */
const MAGIC: readonly (readonly [Format, number, Buffer])[] = [
  ['qcow2', 0, Buffer.from('QFI\xfb', 'latin1')],
  ['qed', 0, Buffer.from('QED\0', 'latin1')],
  ['vmdk', 0, Buffer.from('KDMV', 'latin1')],
  ['vmdk', 0, Buffer.from('COWD', 'latin1')],
  ['vmdk', 0, Buffer.from('# Disk DescriptorFile', 'latin1')],
  ['vhdx', 0, Buffer.from('vhdxfile', 'latin1')],
  ['vhd', 0, Buffer.from('conectix', 'latin1')],
  ['vdi', 0x40, Buffer.from('7f10dabe', 'hex')],
  ['luks', 0, Buffer.from('LUKS\xba\xbe', 'latin1')],
  ['parallels', 0, Buffer.from('WithoutFreeSpace', 'latin1')],
  ['parallels', 0, Buffer.from('WithouFreSpacExt', 'latin1')],
];

/** What a file is, by its first bytes; never by what it is said to be. */
export function formatOf(head: Buffer): Format {
  for (const [format, at, magic] of MAGIC) {
    if (head.subarray(at, at + magic.length).equals(magic)) return format;
  }
  return 'raw';
}

/**
 * Is the content what was declared, and does the conductor allow it? Throws `ImageRefused` otherwise. ISO images and
 * anything with a partition table are raw.
 */
export function checkFormat(head: Buffer, declared: string | undefined, permitted: readonly string[]): Format {
  const found = formatOf(head);
  const said = declared === undefined || declared === '' || declared === 'auto' ? found : declared;
  const same = said === found || (found === 'raw' && (said === 'iso' || said === 'ami'));
  if (!same) throw errors.ImageRefused(`it is ${found}, but was declared as ${said}`);
  if (!permitted.includes(said)) throw errors.ImageRefused(`${said} is not one of ${permitted.join(', ')}`);
  if (found !== 'raw' && found !== 'qcow2') throw errors.ImageRefused(`${found} images are not written`);
  return found;
}

/** Incompatible features of qcow2 that change nothing about where data is: dirty, corrupt, compression, extended L2. */
const HARMLESS = 0b1_1011n;
const EXTERNAL_DATA = 0b100n;
const HEADER_END = 0;
const DATA_FILE_NAME = 0x44415441;
/** Enough for a petabyte is not needed; a bomb is. */
const MOST_VIRTUAL = 2n ** 50n;

/**
 * Looks at a qcow2 header before any tool opens the file. Throws `ImageRefused` for backing files, external data,
 * encryption and features nobody knows. Gives the virtual size.
 */
export function checkQcow2(head: Buffer): number {
  const bad = (why: string) => errors.ImageRefused(`its qcow2 header ${why}`);
  if (head.length < 104) throw bad('is cut');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw bad(`has version ${version}`);
  if (head.readBigUInt64BE(8) !== 0n || head.readUInt32BE(16) !== 0) throw bad('names a backing file');
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw bad('has an impossible cluster size');
  const size = head.readBigUInt64BE(24);
  if (size === 0n || size > MOST_VIRTUAL) throw bad('has an impossible size');
  if (head.readUInt32BE(32) !== 0) throw bad('says it is encrypted');
  if (version === 3) {
    const features = head.readBigUInt64BE(72);
    if ((features & EXTERNAL_DATA) !== 0n) throw bad('names an external data file');
    if ((features & ~HARMLESS) !== 0n) throw bad('has features that are not known');
  }
  checkExtensions(head, version === 2 ? 72 : head.readUInt32BE(100), bad);
  return Number(size);
}

function checkExtensions(head: Buffer, start: number, bad: (why: string) => Error): void {
  for (let at = start; ; ) {
    if (at < 72 || at + 8 > head.length) throw bad('has extensions without an end');
    const type = head.readUInt32BE(at);
    if (type === HEADER_END) return;
    if (type === DATA_FILE_NAME) throw bad('names an external data file');
    at += 8 + Math.ceil(head.readUInt32BE(at + 4) / 8) * 8;
  }
}
