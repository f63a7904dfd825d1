import { type Clock, systemClock } from '#kernel/clock';
import type { Log } from './log.ts';

/** Something that must be stopped in its turn. */
export interface ShutdownStep {
  name: string;
  /** Lower stops first: listeners 10, work 20, caches 30, database 90. Equal ones stop together. */
  order: number;
  /** Milliseconds it may take; then the next begins without it. */
  timeoutMs: number;
  stop(): void | Promise<void>;
}

export interface Shutdown {
  /** Adds a step; returns the way to take it back. */
  add(step: ShutdownStep): () => void;
  /** Stops everything, once; later calls wait for the first. Gives false when a step failed or ran out of time. */
  run(reason: string): Promise<boolean>;
  /** True from the moment a stop was asked for. */
  readonly stopping: boolean;
  /** Aborted at that moment. */
  readonly signal: AbortSignal;
  /**
   * Runs on SIGTERM and SIGINT and then ends the process: 0, or 1 when a step failed. A second signal ends
   * it at once with 130, unless it comes within a second of the first. Returns the way to stop listening.
   */
  onSignals(signals?: readonly NodeJS.Signals[]): () => void;
}

/** The ordered end of a process, so that a SIGTERM loses nothing that was promised. */
export function createShutdown(log: Log, clock: Clock = systemClock): Shutdown {
  const steps = new Set<ShutdownStep>();
  const controller = new AbortController();
  let running: Promise<boolean> | undefined;

  async function stopOne(step: ShutdownStep): Promise<boolean> {
    const started = clock.monotonic();
    let cancel = () => {};
    const late = new Promise<'late'>((resolve) => {
      cancel = clock.after(step.timeoutMs, () => resolve('late'));
    });
    try {
      const end = await Promise.race([Promise.resolve().then(() => step.stop()), late]);
      if (end === 'late') {
        log.error({ step: step.name, timeoutMs: step.timeoutMs }, 'shutdown step ran out of time');
        return false;
      }
      log.debug({ step: step.name, ms: Math.round(clock.monotonic() - started) }, 'shutdown step done');
      return true;
    } catch (err) {
      log.error({ step: step.name, err }, 'shutdown step failed');
      return false;
    } finally {
      cancel();
    }
  }

  async function stopAll(reason: string): Promise<boolean> {
    log.info({ reason }, 'stopping');
    controller.abort(new Error(`stopping: ${reason}`));
    let clean = true;
    // Looked at anew each time: a start that is still going on adds steps until it notices.
    while (steps.size > 0) {
      const order = Math.min(...[...steps].map((step) => step.order));
      const turn = [...steps].filter((step) => step.order === order);
      for (const step of turn) steps.delete(step);
      const ends = await Promise.all(turn.map(stopOne));
      clean &&= ends.every(Boolean);
    }
    log.info({ clean }, 'stopped');
    return clean;
  }

  const shutdown: Shutdown = {
    add(step) {
      steps.add(step);
      return () => void steps.delete(step);
    },
    run(reason) {
      running ??= stopAll(reason);
      return running;
    },
    get stopping() {
      return running !== undefined;
    },
    signal: controller.signal,
    onSignals(signals = ['SIGTERM', 'SIGINT']) {
      let first = 0;
      const onSignal = (name: NodeJS.Signals) => {
        if (running !== undefined) {
          // One Ctrl-C arrives up to three times: from the terminal, from npm, and from the wrapper in bin/.
          if (clock.monotonic() - first < 1000) return;
          log.warn({ signal: name }, 'second signal: ending at once');
          log.flush();
          process.exit(130);
        }
        first = clock.monotonic();
        void shutdown.run(name).then((clean) => {
          log.flush();
          process.exit(clean ? 0 : 1);
        });
      };
      for (const name of signals) process.on(name, onSignal);
      return () => {
        for (const name of signals) process.off(name, onSignal);
      };
    },
  };
  return shutdown;
}
