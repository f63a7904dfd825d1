import type { Clock } from '#kernel/clock';
import type { IngotError } from '#kernel/errors';
import { StopRun } from './engine.ts';
import { errors } from './errors.ts';
import type { OwnLease } from './lease.ts';

/**
 * Why a run stops here although its workflow is not finished. None of these is a failure of the operation:
 * nothing is undone, somebody goes on later.
 * lost: another conductor owns the workflow. lease: this life ended. drain: we hand it over.
 * database: it is away. engine: the engine refused, for one because the recorded steps are not those of the code.
 */
export type StopKind = 'lost' | 'lease' | 'drain' | 'database' | 'engine';

/** What is known of a workflow when it is claimed. */
export interface RunFacts {
  id: string;
  workflow: string;
  /** Not the first to run it. */
  resumed: boolean;
  abortReason: string | null;
  parked: string | null;
  /** It stopped before for a reason that is shown to people until it gets further. */
  stalled: boolean;
}

/** A wait that a message, an abort or a stop ends. */
export interface Waiter {
  wake(): void;
}

/** One execution of a workflow in this process. */
export interface Run {
  readonly facts: RunFacts;
  readonly lease: OwnLease;
  /** Reason of an abort that was asked for; steps look at it unless the run is in its end (`failing`). */
  abortReason: string | null;
  failing: boolean;
  /** It recorded a step in this process. */
  progressed: boolean;
  /** It read or waited for messages: there is something to clear away at the end. */
  usedInbox: boolean;
  readonly stopped: { kind: StopKind; error: unknown } | undefined;
  /** Rejects with StopRun when the run is stopped. Never resolves. */
  readonly untilStopped: Promise<never>;
  readonly waiters: Set<Waiter>;
  /** Controllers of steps whose body is running. */
  readonly bodies: Set<AbortController>;
  /** Ends it here. The first reason counts. */
  stop(kind: StopKind, error?: unknown): void;
  /** Tells running bodies and waiters that an abort was asked for. */
  abort(reason: string): void;
  wake(): void;
}

/** Begins to keep track of one execution. `onStop` hears of the stop once. */
export function makeRun(facts: RunFacts, lease: OwnLease, onStop: (run: Run) => void): Run {
  let stopped: { kind: StopKind; error: unknown } | undefined;
  let reject: (error: Error) => void = () => {};
  const untilStopped = new Promise<never>((_, no) => {
    reject = no;
  });
  untilStopped.catch(() => {});
  const run: Run = {
    facts,
    lease,
    abortReason: facts.abortReason,
    failing: false,
    progressed: false,
    usedInbox: facts.resumed,
    get stopped() {
      return stopped;
    },
    untilStopped,
    waiters: new Set(),
    bodies: new Set(),
    stop(kind, error) {
      if (stopped !== undefined) return;
      stopped = { kind, error };
      for (const body of run.bodies) body.abort(stopReason(kind));
      run.wake();
      reject(new StopRun());
      onStop(run);
    },
    abort(reason) {
      if (run.abortReason !== null) return;
      run.abortReason = reason;
      if (run.failing) return;
      for (const body of run.bodies) body.abort(errors.Aborted(reason));
      run.wake();
    },
    wake() {
      for (const waiter of run.waiters) waiter.wake();
    },
  };
  return run;
}

function stopReason(kind: StopKind): IngotError {
  if (kind === 'drain') return errors.LeaseLost('it is stopping');
  return errors.LeaseLost(kind === 'lost' ? 'another conductor took the work over' : 'its lease ended');
}

/** All executions of this process. */
export interface Runs {
  add(run: Run): void;
  remove(run: Run): void;
  get(id: string): Run | undefined;
  all(): Run[];
  ids(): string[];
  readonly size: number;
  waiting(): number;
  /** Resolves when no body of a step runs any more, or after `ms`. Gives false when it gave up. */
  settled(runs: Iterable<Run>, ms: number): Promise<boolean>;
}

export function makeRuns(clock: Clock): Runs {
  // A workflow taken over by ourselves may briefly have two executions: the old one only waits to be let go.
  const byId = new Map<string, Run>();
  return {
    add(run) {
      byId.set(run.facts.id, run);
    },
    remove(run) {
      if (byId.get(run.facts.id) === run) byId.delete(run.facts.id);
    },
    get: (id) => byId.get(id),
    all: () => [...byId.values()],
    ids: () => [...byId.keys()],
    get size() {
      return byId.size;
    },
    waiting() {
      let count = 0;
      for (const run of byId.values()) if (run.waiters.size > 0) count++;
      return count;
    },
    async settled(runs, ms) {
      const list = [...runs];
      const deadline = clock.monotonic() + ms;
      while (list.some((run) => run.bodies.size > 0)) {
        if (clock.monotonic() >= deadline) return false;
        await clock.sleep(10);
      }
      return true;
    },
  };
}
