import { open, stat, truncate } from 'node:fs/promises';
import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import { start } from '#kernel/run';
import type { StoreLog } from '../log.ts';
import { type Account, asAccount, chooseAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import {
  ADMIN,
  clusterVersion,
  createCluster,
  DATABASE,
  type Passwords,
  reach,
  readPasswords,
  ROLE,
  writeConfig,
} from './cluster.ts';
import { embeddedErrors } from './errors.ts';
import { type Ownership, takeOwnership } from './owner.ts';
import { openPlace, type Place, socketDir } from './place.ts';
import { findRunning, readPidFile, stopServer } from './postmaster.ts';
import { isGone } from './process.ts';
import { defaultSettings, type Settings } from './settings.ts';

/** The server must answer within this; recovery after a crash counts. */
const START_MS = 60_000;
const WATCH_MS = 200;
const LOG_BYTES = 16 * 1024 * 1024;
const BACKOFF_MS = [0, 100, 250, 500, 1_000, 2_000, 5_000] as const;

export interface EmbeddedOptions {
  dataDir: string;
  clock: Clock;
  log: StoreLog;
  /** Over the defaults of settings.ts. */
  settings?: Settings;
  /** Leaves the npm package's binaries out, for tests of the way back to Debian's. */
  skipEmbedded?: boolean;
}

/** A PostgreSQL of ours, running. */
export interface EmbeddedServer {
  /** With the password: for connecting, never for logs. */
  readonly url: string;
  readonly adminUrl: string;
  readonly socketDir: string;
  /** How it came to run. */
  readonly how: 'created' | 'started' | 'adopted';
  pid(): number | undefined;
  /** Why it does not run now, in a sentence; undefined while it does. */
  problem(): string | undefined;
  /** Stops the server (rolls back what is open) and gives the data directory free. */
  close(): Promise<void>;
}

/**
 * Brings up the database in `<dataDir>/pg`: creates it the first time, adopts the server another life of
 * this program left running, else starts one; starts it again when it dies. One process owns it at a time.
 * Throws the errors of errors.ts.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const place = await openPlace(options.dataDir);
  const ownership = await takeOwnership(place.dataDir, options.clock).catch((error) => {
    if (error instanceof Error && 'status' in error) throw error;
    throw embeddedErrors.DataDirUnusable(place.dataDir, messageOf(error), { cause: error });
  });
  try {
    return supervise(await bringUp(place, options), ownership, options);
  } catch (error) {
    await ownership.release();
    throw error;
  }
}

/** A server that runs, whoever watches it. */
export interface Running {
  place: Place;
  account: Account;
  passwords: Passwords;
  how: EmbeddedServer['how'];
  pid: number;
  sockets: string;
}

/** Adopts, or creates and starts, the server of a place this process has the right to. */
export async function bringUp(place: Place, options: EmbeddedOptions): Promise<Running> {
  const account = await chooseAccount(place.cluster);
  const major = await clusterVersion(place);
  const left = major === undefined ? undefined : await findRunning(place, options.clock, START_MS);
  if (left?.ready) {
    const passwords = await readPasswords(place);
    options.log.info({ pid: left.pid }, 'adopted the database server that was left running');
    return { place, account, passwords, how: 'adopted', pid: left.pid, sockets: left.socketDir };
  }
  const binaries = await locate(place, account, major, options);
  const passwords = major === undefined ? await createCluster(place, account, binaries) : await readPasswords(place);
  const how = major === undefined ? 'created' : 'started';
  const sockets = await socketDir(place, account);
  await writeConfig(place, account, { ...defaultSettings(binaries.major, sockets), ...options.settings });
  const pid = await launch(place, account, binaries, options.clock);
  return { place, account, passwords, how, pid, sockets };
}

/** The URLs of a running server, with their passwords. */
export function urlsOf(running: Running): { url: string; adminUrl: string } {
  const address = `localhost/${DATABASE}?host=${encodeURIComponent(running.sockets)}`;
  return {
    url: `postgresql://${ROLE}:${running.passwords.ingot}@${address}`,
    adminUrl: `postgresql://${ADMIN}:${running.passwords.admin}@${address}`,
  };
}

function locate(
  place: Place,
  account: Account,
  major: number | undefined,
  options: EmbeddedOptions,
): Promise<Binaries> {
  return findBinaries({
    account,
    dataDir: place.dataDir,
    major,
    ...(options.skipEmbedded === undefined ? {} : { skipEmbedded: options.skipEmbedded }),
  });
}

/** Starts the server and waits until it takes connections. Gives its pid. Throws `ServerFailed`. */
async function launch(place: Place, account: Account, binaries: Binaries, clock: Clock): Promise<number> {
  const log = await open(place.log, 'a', 0o600);
  const logFrom = (await log.stat()).size;
  try {
    const { path, cwd } = await reach(place.cluster, account);
    // Detached: a session of its own, so that the terminal's Ctrl-C reaches us alone and we stop it in order.
    const child = start(binaries.postgres, ['-D', path], {
      cwd,
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin', PGTZ: 'UTC' },
      stdio: ['ignore', log.fd, log.fd],
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
    const end = clock.monotonic() + START_MS;
    for (;;) {
      const at = await readPidFile(place);
      if (at?.pid === child.pid && at?.ready) return at.pid;
      if (ended !== undefined) throw embeddedErrors.ServerFailed(await lastWords(place, logFrom, ended), place.log);
      if (clock.monotonic() > end) {
        if (child.pid !== undefined) await stopServer(child.pid, clock, 2_000);
        throw embeddedErrors.ServerFailed(`not ready after ${START_MS / 1000} s`, place.log);
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
    const fatal = lines.findLast((line) => /(FATAL|PANIC|could not|error while loading)/.test(line));
    return fatal?.replace(/^.*?(FATAL|PANIC):\s*/, '') ?? fallback;
  } finally {
    await file.close();
  }
}

function supervise(running: Running, ownership: Ownership, options: EmbeddedOptions): EmbeddedServer {
  const { clock, log } = options;
  const { place, account, sockets } = running;
  let pid: number | undefined = running.pid;
  let problem: string | undefined;
  let restarting: Promise<void> | undefined;
  let checking = false;
  const closing = new AbortController();

  const restart = async () => {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      const wait = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)] ?? 5_000;
      await clock.sleep(wait, closing.signal).catch(() => {});
      if (closing.signal.aborted) return;
      try {
        const left = await findRunning(place, clock, START_MS);
        if (left?.ready) pid = left.pid;
        else {
          const binaries = await locate(place, account, await clusterVersion(place), options);
          await writeConfig(place, account, { ...defaultSettings(binaries.major, sockets), ...options.settings });
          pid = await launch(place, account, binaries, clock);
        }
        problem = undefined;
        log.info({ pid }, 'the database server runs again');
        return;
      } catch (error) {
        problem = messageOf(error);
        log.error({ error: problem, attempt }, 'the database server could not be started again');
      }
    }
  };
  // By pid, not by the child's exit event: an adopted server is nobody's child here.
  const stopWatch = clock.every(WATCH_MS, () => {
    if (checking || restarting || pid === undefined) return;
    checking = true;
    const watched = pid;
    isGone(watched)
      .then((gone) => {
        if (!gone || closing.signal.aborted) return;
        pid = undefined;
        problem = 'the database server died and is being started again';
        log.error({ pid: watched }, problem);
        restarting = restart().finally(() => {
          restarting = undefined;
        });
      })
      .finally(() => {
        checking = false;
      });
  });
  const stopTrim = clock.every(60_000, () => void trimLog(place));
  return {
    ...urlsOf(running),
    socketDir: sockets,
    how: running.how,
    pid: () => pid,
    problem: () => problem,
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(new Error('closed'));
      stopWatch();
      stopTrim();
      await restarting;
      if (pid !== undefined) await stopServer(pid, clock);
      await ownership.release();
    },
  };
}

/** The server appends, so cutting the file short under it is safe. */
async function trimLog(place: Place): Promise<void> {
  const at = await stat(place.log).catch(() => undefined);
  if (at !== undefined && at.size > LOG_BYTES) await truncate(place.log, 0).catch(() => {});
}
