import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { IngotError, messageOf } from '#kernel/errors';

/** Bytes of a config drive, unpacked. */
export const MOST_BYTES = 64 * 1024 * 1024;
/** More than this out of one byte in is no config drive, it is a bomb. */
const MOST_RATIO = 1000;

/**
 * Checks a config drive that came ready: base64 of a gzip of at most 64 MiB. Unpacked in passing, kept nowhere. Throws
 * IngotError 400 `BadConfigDrive`.
 */
export async function checkConfigDrive(base64: string): Promise<void> {
  const bad = (why: string, cause?: unknown) =>
    new IngotError(
      'BadConfigDrive',
      400,
      `The config drive is not usable: ${why}`,
      cause === undefined ? {} : { cause },
    );
  const packed = Buffer.from(base64, 'base64');
  if (packed.length < 18 || packed[0] !== 0x1f || packed[1] !== 0x8b) throw bad('it is no gzip in base64');
  const most = Math.min(MOST_BYTES, Math.max(1024 * 1024, packed.length * MOST_RATIO));
  let size = 0;
  const pipe = Readable.from([packed]).pipe(createGunzip());
  try {
    for await (const part of pipe) {
      size += (part as Buffer).length;
      if (size > most) throw bad(`unpacked it is larger than ${most} bytes`);
    }
  } catch (error) {
    if (error instanceof IngotError) throw error;
    throw bad(messageOf(error), error);
  }
}
