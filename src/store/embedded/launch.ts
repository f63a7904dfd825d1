import { open, stat, truncate } from 'node:fs/promises';
import type { Clock } from '#kernel/clock';
import { start } from '#kernel/run';
import { type Account, asAccount } from './account.ts';
import type { Binaries } from './binaries.ts';
import { reaching } from './cluster.ts';
import { embeddedErrors } from './errors.ts';
import type { Place } from './place.ts';
import { readPidFile, stopServer } from './postmaster.ts';

/** The server must answer within this; recovery after a crash counts. */
export const START_MS = 60_000;
const LOG_BYTES = 16 * 1024 * 1024;

/**
 * Starts the server and waits until it takes connections. Gives its pid. Throws `ServerFailed`.
 * After a crash some children of the dead server may need a moment to notice; until then it is tried again.
 */
export async function launch(place: Place, account: Account, binaries: Binaries, clock: Clock): Promise<number> {
  const end = clock.monotonic() + START_MS;
  for (;;) {
    const result = await reaching(place.cluster, account, (path, fds) =>
      launchOnce(place, account, binaries, clock, path, fds, end),
    );
    if (typeof result === 'number') return result;
    const orphans = result.includes('pre-existing shared memory block');
    if (!orphans || clock.monotonic() > end) throw embeddedErrors.ServerFailed(result, place.log);
    await clock.sleep(50);
  }
}

/** Gives the pid, or why it did not start. */
async function launchOnce(
  place: Place,
  account: Account,
  binaries: Binaries,
  clock: Clock,
  path: string,
  fds: number[],
  end: number,
): Promise<number | string> {
  const log = await open(place.log, 'a', 0o600);
  const logFrom = (await log.stat()).size;
  try {
    // Detached: a session of its own, so that the terminal's Ctrl-C reaches us alone and we stop it in order.
    const child = start(binaries.postgres, ['-D', path], {
      cwd: '/',
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', log.fd, log.fd, ...fds],
      detached: true,
      ...asAccount(account),
    });
    let ended: string | undefined;
    child.on('error', (error) => {
      ended = error.message;
    });
    child.on('exit', (code, name) => {
      ended = `it ended with ${name ?? `code ${code}`}`;
    });
    child.unref();
    for (;;) {
      if (ended !== undefined) return await lastWords(place, logFrom, ended);
      const at = await readPidFile(place);
      if (at !== undefined && at.pid === child.pid && at.ready) return at.pid;
      if (clock.monotonic() > end) {
        if (child.pid !== undefined) await stopServer(child.pid, clock, 2_000);
        return `it was not ready after ${START_MS / 1000} s`;
      }
      await clock.sleep(3);
    }
  } finally {
    await log.close();
  }
}

/** What the server wrote to its log since `from`, if it said why it gave up. */
async function lastWords(place: Place, from: number, fallback: string): Promise<string> {
  const file = await open(place.log, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16_384), 0, 16_384, from);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    const said =
      lines.find((line) => /No space left|PANIC/.test(line)) ??
      lines.findLast(
        (line) => /(FATAL|could not|error while loading)/.test(line) && !/the database system is/.test(line),
      );
    return said?.replace(/^.*?(FATAL|PANIC|ERROR|LOG):\s*/, '') ?? fallback;
  } finally {
    await file.close();
  }
}

/** Cuts a log that grew too long. The server appends, so this is safe under it. */
export async function trimLog(place: Place): Promise<void> {
  const at = await stat(place.log).catch(() => undefined);
  if (at !== undefined && at.size > LOG_BYTES) await truncate(place.log, 0).catch(() => {});
}
