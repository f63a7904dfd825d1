import { readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import type { Place } from './place.ts';
import { isGone, signal } from './process.ts';

/** What `postmaster.pid` says. */
export interface Postmaster {
  pid: number;
  socketDir: string;
  ready: boolean;
}

/** Reads `postmaster.pid`; undefined when there is none or it is still being written. */
export async function readPidFile(place: Place): Promise<Postmaster | undefined> {
  const text = await readFile(join(place.cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return { pid, socketDir: lines[4] ?? '', ready: (lines[7] ?? '').trim() === 'ready' };
}

/** True when `pid` is a server of this very cluster: a server works inside its data directory. */
export async function servesCluster(pid: number, place: Place): Promise<boolean> {
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  if (cwd !== place.cluster) return false;
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return name.startsWith('postgres') || name.startsWith('postmaster');
}

/**
 * Finds a server of this cluster that another life of ours left running, waiting while it starts or stops.
 * Any other pid file is removed. PostgreSQL would not dare when the pid now belongs to another program, or to
 * a dead server that nobody reaps (containers without init). Children of a dead server that are still at work
 * keep a new one out all the same: they hold the shared memory that belongs to the data directory.
 * Only the owner of the data directory removes anything.
 */
export async function findRunning(
  place: Place,
  clock: Clock,
  waitMs: number,
  owner = true,
): Promise<Postmaster | undefined> {
  const end = clock.monotonic() + waitMs;
  for (;;) {
    const found = await readPidFile(place);
    if (found === undefined) return undefined;
    if (!(await servesCluster(found.pid, place))) {
      if (owner) await rm(join(place.cluster, 'postmaster.pid'), { force: true });
      return undefined;
    }
    if (found.ready) return found;
    if (clock.monotonic() > end) return found;
    await clock.sleep(10);
  }
}

/**
 * Stops a server: fast (roll back, checkpoint), and when that takes too long immediate (the next start
 * recovers from the log). Resolves when the process is gone.
 */
export async function stopServer(pid: number, clock: Clock, patienceMs = 15_000): Promise<void> {
  for (const name of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    signal(pid, name);
    signal(pid, 'SIGCONT'); // a stopped process would never hear it
    const end = clock.monotonic() + patienceMs;
    while (clock.monotonic() < end) {
      if (await isGone(pid)) return;
      await clock.sleep(5);
    }
  }
}
