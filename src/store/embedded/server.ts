import { rmdir } from 'node:fs/promises';
import { IngotError, messageOf } from '#kernel/errors';
import { bringUp, type EmbeddedOptions, type Running, startAgain, urlsOf } from './bring-up.ts';
import { embeddedErrors } from './errors.ts';
import { trimLog } from './launch.ts';
import { type Ownership, takeOwnership } from './owner.ts';
import { openPlace } from './place.ts';
import { stopServer } from './postmaster.ts';
import { exists, isGone } from './process.ts';

const WATCH_MS = 100;
/** Every how many looks /proc is asked too: a dead server that nobody reaps still answers signals. */
const LOOK_CLOSER = 10;
const TRIM_MS = 60_000;
const BACKOFF_MS = [0, 100, 250, 500, 1_000, 2_000, 5_000] as const;

/** A PostgreSQL of ours, running. */
export interface EmbeddedServer {
  /** With the password: for connecting, never for logs. */
  readonly url: string;
  /** The same database as superuser. */
  readonly adminUrl: string;
  readonly socketDir: string;
  /** How it came to run; 'joined': another process runs it. */
  readonly how: 'created' | 'started' | 'adopted' | 'joined';
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
    if (error instanceof IngotError) throw error;
    throw embeddedErrors.DataDirUnusable(place.dataDir, messageOf(error), { cause: error });
  });
  try {
    return supervise(await bringUp(place, options), ownership, options);
  } catch (error) {
    await ownership.release();
    throw error;
  }
}

function supervise(running: Running, ownership: Ownership, options: EmbeddedOptions): EmbeddedServer {
  const { clock, log } = options;
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
        pid = await startAgain(running, options);
        problem = undefined;
        log.info({ pid }, 'the database server runs again');
        return;
      } catch (error) {
        problem = messageOf(error);
        log.error({ error: problem, attempt }, 'the database server could not be started again');
      }
    }
  };
  const check = async (watched: number) => {
    if (!(await isGone(watched)) || closing.signal.aborted) return;
    pid = undefined;
    problem = 'the database server died and is being started again';
    log.error({ pid: watched }, problem);
    restarting = restart().finally(() => {
      restarting = undefined;
    });
  };
  // By pid, not by the child's exit event: an adopted server is nobody's child here.
  let looks = 0;
  const stopWatch = clock.every(WATCH_MS, () => {
    if (checking || restarting || pid === undefined) return;
    looks += 1;
    if (looks % LOOK_CLOSER !== 0 && exists(pid)) return;
    checking = true;
    void check(pid).finally(() => {
      checking = false;
    });
  });
  const stopTrim = clock.every(TRIM_MS, () => void trimLog(running.place));
  return {
    ...urlsOf(running),
    socketDir: running.sockets,
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
      // A short folder in /run or /tmp has no other use; one inside the data directory may stay.
      if (!running.sockets.startsWith(running.place.dataDir)) await rmdir(running.sockets).catch(() => {});
      await ownership.release();
    },
  };
}
