/** What the first bytes of a file say that it is. */
export type FoundFormat =
  | 'qcow2'
  | 'iso'
  | 'raw'
  | 'qcow'
  | 'qed'
  | 'vmdk'
  | 'vhd'
  | 'vhdx'
  | 'vdi'
  | 'luks'
  | 'parallels'
  | 'cloop'
  | 'dmg'
  | 'ova';
export type Compression = 'none' | 'gzip' | 'xz' | 'zstd' | 'bzip2' | 'lz4' | 'zip';

/** Bytes needed to tell formats apart: an ISO says what it is after 32 KiB. */
export const HEAD_BYTES = 64 * 1024;

const starts = (head: Buffer, text: string | readonly number[], at = 0) => {
  const wanted = Buffer.from(text as string, 'latin1');
  return head.length >= at + wanted.length && head.subarray(at, at + wanted.length).equals(wanted);
};
const bytes = (...values: number[]) => Buffer.from(values).toString('latin1');

/** How a stream is packed. */
export function compressionOf(head: Buffer): Compression {
  if (starts(head, bytes(0x1f, 0x8b))) return 'gzip';
  if (starts(head, bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0))) return 'xz';
  if (starts(head, bytes(0x28, 0xb5, 0x2f, 0xfd))) return 'zstd';
  if (head.length >= 4 && (head.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50) return 'zstd';
  if (starts(head, 'BZh')) return 'bzip2';
  if (starts(head, bytes(0x04, 0x22, 0x4d, 0x18))) return 'lz4';
  if (starts(head, bytes(0x50, 0x4b, 0x03, 0x04))) return 'zip';
  return 'none';
}

/** What is in it. Everything that nothing else claims is raw. */
export function formatOf(head: Buffer): FoundFormat {
  if (starts(head, bytes(0x51, 0x46, 0x49, 0xfb)))
    return head.length >= 8 && head.readUInt32BE(4) === 1 ? 'qcow' : 'qcow2';
  if (starts(head, bytes(0x51, 0x45, 0x44, 0))) return 'qed';
  if (starts(head, 'KDMV') || starts(head, 'COWD')) return 'vmdk';
  if (isVmdkDescriptor(head)) return 'vmdk';
  if (starts(head, 'vhdxfile')) return 'vhdx';
  if (starts(head, 'conectix') || starts(head, 'cxsparse')) return 'vhd';
  if (starts(head, bytes(0x7f, 0x10, 0xda, 0xbe), 0x40)) return 'vdi';
  if (starts(head, bytes(0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe))) return 'luks';
  if (starts(head, 'WithoutFreeSpace') || starts(head, 'WithouFreSpacExt')) return 'parallels';
  if (starts(head, '#!/bin/sh\n#V2.0 Format')) return 'cloop';
  if (starts(head, 'koly')) return 'dmg';
  if (starts(head, 'ustar', 257) && /\.ovf\0/.test(head.subarray(0, 100).toString('latin1'))) return 'ova';
  if (starts(head, 'CD001', 0x8001)) return 'iso';
  return 'raw';
}

/** A text that lists files a tool would open. It may stand behind spaces or a comment, so all of the head counts. */
function isVmdkDescriptor(head: Buffer): boolean {
  const text = head.subarray(0, 4096).toString('latin1');
  return /^\s*#\s*Disk DescriptorFile/i.test(text) || /createType\s*=\s*"/.test(text);
}

/** A name people know. */
export const FORMAT_NAMES: Readonly<Record<FoundFormat, string>> = {
  qcow2: 'qcow2',
  iso: 'an ISO',
  raw: 'raw',
  qcow: 'qcow (version 1)',
  qed: 'QED',
  vmdk: 'VMDK',
  vhd: 'VHD',
  vhdx: 'VHDX',
  vdi: 'VDI',
  luks: 'LUKS',
  parallels: 'a Parallels disk',
  cloop: 'cloop',
  dmg: 'DMG',
  ova: 'an OVA archive',
};
