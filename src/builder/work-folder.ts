import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { freemem } from 'node:os';

const MEMORY = '/dev/shm';
/** A Debian system, its packages and its disk take less than a third of it; the rest is for who else is there. */
const ENOUGH = 5 * 1024 ** 3;

/**
 * Where a system is put together: in memory, where there is enough, for dpkg waits for the disk after each package;
 * else in `otherwise`.
 */
export function workFolder(otherwise: string): string {
  try {
    accessSync(MEMORY, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    const enough = Math.min(bavail * bsize, freemem()) >= ENOUGH;
    return enough && runsPrograms(readFileSync('/proc/self/mounts', 'utf8')) ? MEMORY : otherwise;
  } catch {
    return otherwise;
  }
}

/** Containers often mount it so that nothing there can be started. */
function runsPrograms(mounts: string): boolean {
  const line = mounts.split('\n').find((one) => one.split(' ')[1] === MEMORY);
  return line !== undefined && !(line.split(' ')[3] ?? '').split(',').includes('noexec');
}
