import { readFile, readlink } from 'node:fs/promises';

/** Tells one process from a later one with the same pid. Null when there is none. */
export async function startTime(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return null;
  // The command's name may hold spaces and brackets: count from the last bracket.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

/** Identity of this boot and of our view of process ids. Pids of another view mean nothing to us. */
export async function pidView(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const space = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${boot.trim()} ${space}`;
}

/** True when `pid` is gone or only waits to be reaped. */
export async function isGone(pid: number): Promise<boolean> {
  return (await startTime(pid)) === null;
}

/** True while `pid` is a process, dead and unreaped ones included. Cheap enough for every tick. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Sends a signal; a process that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
