import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type Clock } from '#kernel/clock';

/**
 * Holds `file` as a lock of this host while `work` runs; waits for whoever holds it. A holder that died does not
 * hold it any more.
 */
export async function locked<T>(file: string, clock: Clock, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (!(await alive(file))) await rm(file, { force: true });
      else await clock.sleep(200, signal);
    }
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function alive(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  // Empty: its maker is between making and writing it.
  if (!Number.isInteger(pid) || pid <= 0) return true;
  return stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
}
