import { createShutdown, type Shutdown } from '#platform/shutdown';
import type { Log } from '#platform/log';
import type { Config } from '#platform/settings';
import { openLog, watchFaults } from './logging.ts';
import { stopWithWrapper } from './wrapper.ts';

/** What a program that serves has around it. */
export interface Frame {
  log: Log;
  shutdown: Shutdown;
}

/** What it does in there. */
export interface Served<T> {
  /** Milliseconds that a stop which is asked for meanwhile waits for the start to notice. */
  startMs: number;
  start(frame: Frame): Promise<T>;
  /** Called once it runs, unless a stop was asked for. */
  runs(started: T, frame: Frame): void | Promise<void>;
}

/**
 * Starts what serves until a signal comes, and returns when it runs. Throws what stopped it from starting, after all
 * that had started was stopped.
 */
export async function inFrame<T>(config: Config, served: Served<T>): Promise<void> {
  const log = openLog(config);
  const shutdown = createShutdown(log);
  const faults = watchFaults(log);
  shutdown.onSignals(['SIGTERM', 'SIGINT', 'SIGHUP']);
  stopWithWrapper();
  const starting = served.start({ log, shutdown });
  // A stop that is asked for meanwhile waits for the start to notice: what it started must end with it.
  shutdown.add({ name: 'start', order: 0, timeoutMs: served.startMs, stop: () => starting.then(ignore, ignore) });
  try {
    const started = await starting;
    if (!shutdown.stopping) await served.runs(started, { log, shutdown });
  } catch (error) {
    // A signal during the start makes the start fail; the stop it asked for goes on by itself.
    if (shutdown.stopping) return;
    faults.off();
    await shutdown.run('the start failed');
    log.flush();
    throw error;
  }
}

function ignore(): void {}
