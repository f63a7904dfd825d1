import { errors } from '../errors.ts';
import { type Compression, compressionOf, FORMAT_NAMES, type FoundFormat, formatOf } from './detect.ts';
import type { ImageLimits } from './limits.ts';
import { judgeQcow2 } from './qcow2.ts';

export type UsableFormat = 'raw' | 'qcow2' | 'iso';
export type UsableCompression = 'none' | 'gzip' | 'xz' | 'zstd';

export interface Judged {
  format: UsableFormat;
  /** Bytes of the disk; null when only the end of the stream tells. */
  virtualBytes: number | null;
}

/** How a source is packed; throws for what is not unpacked here. */
export function judgeCompression(head: Buffer): UsableCompression {
  const found: Compression = compressionOf(head);
  if (found === 'bzip2' || found === 'lz4' || found === 'zip') {
    throw errors.ImageHostile(`it is packed with ${found}; raw and qcow2 images may be packed with zstd, gzip or xz`);
  }
  return found;
}

/**
 * Judges what is in an image by its first bytes, whatever it was declared to be. `length`: of the file, unpacked, when
 * it is known. Throws `ImageFormat` when it is declared otherwise, and `ImageHostile` for formats that tools follow to
 * other files.
 */
export function judgeHead(
  head: Buffer,
  length: number | null,
  declared: 'raw' | 'qcow2' | 'iso' | 'auto' | undefined,
  limits: ImageLimits,
): Judged {
  if (head.length === 0) throw errors.ImageEmpty();
  const found = formatOf(head);
  if (!isUsable(found)) {
    throw errors.ImageHostile(`it is ${FORMAT_NAMES[found]}; convert it first: qemu-img convert -O qcow2 in out.qcow2`);
  }
  if (declared !== undefined && declared !== 'auto' && declared !== found) {
    throw errors.ImageFormat(declared, FORMAT_NAMES[found]);
  }
  // A file that is both: whoever reads its start sees one image, whoever reads further another.
  if (found === 'qcow2' && head.subarray(0x8001, 0x8006).toString('latin1') === 'CD001') {
    throw errors.ImageHostile('it is a qcow2 and an ISO at once');
  }
  if (found === 'qcow2') return { format: 'qcow2', virtualBytes: judgeQcow2(head, length, limits).virtualBytes };
  if (length !== null && length > limits.maxVirtualBytes)
    throw errors.ImageTooLarge('its disk', limits.maxVirtualBytes);
  return { format: found, virtualBytes: length };
}

function isUsable(found: FoundFormat): found is UsableFormat {
  return found === 'raw' || found === 'qcow2' || found === 'iso';
}
