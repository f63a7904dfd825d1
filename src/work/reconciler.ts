import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Work } from './contract.ts';

// Chores beside workflows: power sync, time limits, drift of networks. Level-triggered: a run looks at the
// world and at the database and puts right what differs; it takes no input, so a lost nudge costs nothing but
// time, and two processes doing the same do no harm.

/** What a run is given. */
export interface ChoreRun {
  /** Aborted when the reconciler is stopped, or the run takes longer than its budget. */
  readonly signal: AbortSignal;
  /** Is `key` (a node's uuid) ours to look after? Asks the live conductors of the group. */
  owns(key: string): boolean;
}

export interface ReconcilerOptions {
  name: string;
  /** Milliseconds from the end of a run to the beginning of the next. */
  everyMs: number;
  /** The chore. What it throws is shown and logged; the next run comes as usual. */
  run(run: ChoreRun): Promise<void>;
  /** Milliseconds a run may take. Default ten times `everyMs`, at least a minute. */
  budgetMs?: number;
  /** Shares keys out over the group's conductors. Without it every key is ours. */
  shard?: { work: Pick<Work, 'owns'>; group: string };
  clock: Clock;
  log: Log;
}

/** What people see of a reconciler. */
export interface ReconcilerStatus {
  name: string;
  running: boolean;
  runs: number;
  /** Milliseconds since the epoch when the last run began; null before the first. */
  lastRunAt: number | null;
  durationMs: number | null;
  /** Why the last run failed; null when it did not. */
  lastError: string | null;
  failuresInARow: number;
}

export interface Reconciler {
  /** First run at once. */
  start(): void;
  /** Run soon; while a run is under way, once more after it. */
  nudge(): void;
  /** Resolves when no run is under way and none will come. */
  stop(): Promise<void>;
  status(): ReconcilerStatus;
}

/** A chore that runs on a timer and on a nudge, one run at a time. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { clock, log, name } = options;
  const budgetMs = options.budgetMs ?? Math.max(60_000, options.everyMs * 10);
  let stopped = true;
  let again = false;
  let running: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let current: AbortController | undefined;
  const status: ReconcilerStatus = {
    name,
    running: false,
    runs: 0,
    lastRunAt: null,
    durationMs: null,
    lastError: null,
    failuresInARow: 0,
  };

  const runOnce = async (): Promise<void> => {
    const control = new AbortController();
    current = control;
    const began = clock.monotonic();
    status.running = true;
    status.lastRunAt = clock.now();
    const cancelBudget = clock.after(budgetMs, () => control.abort(new Error(`it took longer than ${budgetMs} ms`)));
    try {
      await options.run({
        signal: control.signal,
        owns: (key) => options.shard?.work.owns(options.shard.group, key) ?? true,
      });
      status.lastError = null;
      status.failuresInARow = 0;
    } catch (error) {
      if (!stopped) {
        status.lastError = messageOf(control.signal.aborted ? control.signal.reason : error);
        // The first failure is news, the hundredth is not.
        const level = status.failuresInARow++ === 0 ? 'warn' : 'debug';
        log[level]({ chore: name, err: error }, 'a chore failed');
      }
    } finally {
      cancelBudget();
      status.running = false;
      status.runs++;
      status.durationMs = clock.monotonic() - began;
      current = undefined;
    }
  };
  const tick = (): void => {
    cancel?.();
    cancel = undefined;
    if (stopped || running !== undefined) return;
    again = false;
    running = runOnce().then(() => {
      running = undefined;
      if (!stopped) cancel = clock.after(again ? 0 : options.everyMs, tick);
    });
  };
  return {
    start() {
      if (!stopped) return;
      stopped = false;
      tick();
    },
    nudge() {
      again = true;
      tick();
    },
    async stop() {
      stopped = true;
      cancel?.();
      current?.abort(new Error('stopped'));
      await running;
    },
    status: () => ({ ...status }),
  };
}
