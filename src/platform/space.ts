import { stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errors } from './errors.ts';

const MIB = 1024 * 1024;
/** A new database takes 70 MiB, and must be able to grow. */
export const SPACE_TO_BEGIN = 256 * MIB;
/** PostgreSQL's log files come in pieces of 16 MiB. */
export const SPACE_TO_GO_ON = 64 * MIB;

/** Bytes this user may still write where `path` is or will be; undefined when that cannot be found out. */
export async function freeSpace(path: string): Promise<number | undefined> {
  for (let dir = path; ; dir = dirname(dir)) {
    const at = await statfs(dir).catch(() => undefined);
    if (at !== undefined) return at.bavail * at.bsize;
    if (dirname(dir) === dir) return undefined;
  }
}

/** Throws `DiskFull` when a database in the data directory could not be made, or not go on. */
export async function requireSpace(dataDir: string): Promise<void> {
  const isNew = (await stat(join(dataDir, 'pg')).catch(() => undefined)) === undefined;
  const needed = isNew ? SPACE_TO_BEGIN : SPACE_TO_GO_ON;
  const free = await freeSpace(dataDir);
  if (free !== undefined && free < needed) {
    throw errors.DiskFull(dataDir, Math.floor(free / MIB), needed / MIB);
  }
}
