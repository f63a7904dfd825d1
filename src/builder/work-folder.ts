import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** Names of the folders of builds; the process' number follows. */
export const BUILD = 'ingot-build-';
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

export const inMemory = (folder: string): boolean => folder.startsWith(`${MEMORY}/`);

/** Removes what builds left that were killed: in memory it would stay there. What is not ours to remove stays. */
export async function forgetDead(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const pid = name.startsWith(BUILD) ? Number.parseInt(name.slice(BUILD.length), 10) : Number.NaN;
    if (pid > 0 && !existsSync(`/proc/${pid}`))
      await rm(join(place, name), { recursive: true, force: true }).catch(() => {});
  }
}

/** Containers often mount it so that nothing there can be started. */
function runsPrograms(mounts: string): boolean {
  const line = mounts.split('\n').find((one) => one.split(' ')[1] === MEMORY);
  return line !== undefined && !(line.split(' ')[3] ?? '').split(',').includes('noexec');
}
