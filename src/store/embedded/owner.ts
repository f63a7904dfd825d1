import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import { embeddedErrors } from './errors.ts';
import { pidView, startTime } from './process.ts';

const TOUCH_MS = 1_000;
/** An owner we cannot see (another container) counts as alive while it touched its file within this. */
const STALE_MS = 2_500;

/** The right of this process to run the database of a data directory. */
export interface Ownership {
  release(): Promise<void>;
}

interface Owner {
  pid: number;
  started: string;
  view: string;
}

/**
 * Takes the data directory for this process by making `<dataDir>/owner`. A file left by a process that died
 * is replaced: pid and start time say whether it did; across containers, where pids mean nothing, the time
 * of the last touch does. Throws `DataDirInUse`.
 */
export async function takeOwnership(dataDir: string, clock: Clock): Promise<Ownership> {
  const path = join(dataDir, 'owner');
  const self: Owner = { pid: process.pid, started: (await startTime(process.pid)) ?? '', view: await pidView() };
  const mine = JSON.stringify(self);
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, mine, { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      try {
        await link(draft, path); // atomic: exactly one process gets it
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      await removeStale(path, dataDir, self, clock);
    }
  } finally {
    await unlink(draft).catch(() => {});
  }
  const stop = clock.every(TOUCH_MS, () => {
    const now = new Date(clock.now());
    utimes(path, now, now).catch(() => {});
  });
  return {
    async release() {
      stop();
      if ((await readFile(path, 'utf8').catch(() => '')) === mine) await rm(path, { force: true });
    },
  };
}

async function removeStale(path: string, dataDir: string, self: Owner, clock: Clock): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return; // gone by now
  const owner = parseOwner(text);
  if (owner !== undefined && (await isAlive(owner, path, self, clock))) {
    throw embeddedErrors.DataDirInUse(dataDir, `process ${owner.pid}`);
  }
  // Two starters may both see a stale file; only what was judged may be removed, so move it and look again.
  const aside = `${path}.stale.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8').catch(() => text)) !== text) await link(aside, path).catch(() => {});
  await unlink(aside).catch(() => {});
}

async function isAlive(owner: Owner, path: string, self: Owner, clock: Clock): Promise<boolean> {
  if (owner.view === self.view) return owner.started === (await startTime(owner.pid));
  // Another boot of this machine. (Two machines on one disk are nothing PostgreSQL could live with either.)
  if (owner.view.split(' ')[0] !== self.view.split(' ')[0]) return false;
  const before = await stat(path).catch(() => undefined);
  if (before === undefined) return false;
  for (let waited = 0; waited < STALE_MS; waited += 200) {
    await clock.sleep(200);
    const after = await stat(path).catch(() => undefined);
    if (after === undefined) return false;
    if (after.mtimeMs !== before.mtimeMs) return true;
  }
  return false;
}

function parseOwner(text: string): Owner | undefined {
  try {
    const value = JSON.parse(text) as Partial<Owner>;
    if (typeof value.pid === 'number' && typeof value.started === 'string' && typeof value.view === 'string') {
      return value as Owner;
    }
  } catch {
    // half-written by a machine that lost power
  }
  return undefined;
}
