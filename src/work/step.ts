import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Random } from '#kernel/random';
import type { Log } from '#platform/log';
import type { Json, StepContext, StepSpec } from './contract.ts';
import { StopRun } from './engine.ts';
import { errors, isDatabaseAway, isTransient, type RecordedError, toRecord } from './errors.ts';
import type { Probe } from './probe.ts';
import type { Run } from './run.ts';

/** What is recorded of a step: its value, its error, or that an abort came in its place. `x`: an abort was seen. */
export type StepRecord = { v?: Json; x?: 1 } | { e: RecordedError; x?: 1 } | { a: string };

export interface StepParts {
  clock: Clock;
  random: Random;
  log: Log;
  /** Resolves when the database answers again; rejects when the signal is aborted. */
  databaseBack(signal: AbortSignal): Promise<void>;
  probe: Probe | undefined;
}

/** A body that does not heed its signal gets this long before we go on without it. */
const GRACE_MS = 2_000;
const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 15_000;
const AWAY_MAX_MS = 5_000;
/** Bytes of a result, an input or a message. */
export const MAX_JSON_BYTES = 256 * 1024;

/**
 * Runs a step's body to an end that can be recorded. Throws only StopRun: the run was stopped, and whatever the
 * body did or threw is for its successor to find out. `thrown.cause` is set to what a failed body threw.
 */
export async function performStep<T extends Json | void>(
  parts: StepParts,
  run: Run,
  spec: StepSpec<T>,
  thrown: { cause?: unknown },
): Promise<StepRecord> {
  const { clock } = parts;
  if (run.stopped !== undefined) throw new StopRun();
  if (run.abortReason !== null && !run.failing) return { a: run.abortReason };
  const body = new AbortController();
  const budget = makeBudget(clock, spec.budgetMs, () => body.abort(errors.StepTimeout(spec.name, spec.budgetMs)));
  run.bodies.add(body);
  let retries = spec.retries ?? 0;
  let away = 0;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const value = await attemptStep(parts, run, spec, body.signal, attempt);
        checkSize(`The result of step "${spec.name}"`, value);
        const seen = run.abortReason !== null && !run.failing ? ({ x: 1 } as const) : {};
        return value === undefined ? seen : { v: value as Json, ...seen };
      } catch (error) {
        if (run.stopped !== undefined || !run.lease.held) throw new StopRun();
        if (body.signal.aborted) {
          if (run.abortReason !== null && !run.failing) return { a: run.abortReason };
          thrown.cause = error;
          return { e: toRecord(body.signal.reason) };
        }
        if (isDatabaseAway(error)) {
          parts.log.warn(
            { workflow: run.facts.id, step: spec.name, err: error },
            'the database is away: the step waits',
          );
          budget.pause();
          await parts.databaseBack(body.signal).catch(() => {});
          // A database that reads but does not write (full, standby) says so again and again: ever more slowly.
          await clock.sleep(Math.min(AWAY_MAX_MS, 50 * 2 ** away++), body.signal).catch(() => {});
          budget.resume();
          continue;
        }
        if (retries <= 0 || !isTransient(error)) {
          thrown.cause = error;
          return { e: toRecord(error) };
        }
        retries--;
        const wait = backoff(parts.random, attempt, error);
        parts.log.debug(
          { workflow: run.facts.id, step: spec.name, attempt, wait, err: error },
          'a step is tried again',
        );
        await clock.sleep(wait, body.signal).catch(() => {});
      }
    }
  } finally {
    budget.stop();
    run.bodies.delete(body);
  }
}

async function attemptStep<T extends Json | void>(
  parts: StepParts,
  run: Run,
  spec: StepSpec<T>,
  signal: AbortSignal,
  attempt: number,
): Promise<T> {
  signal.throwIfAborted();
  run.lease.assertHeld();
  const { resumed } = run.facts;
  const work = async (again: boolean): Promise<T> => {
    const context: StepContext = { signal, attempt, resumed: resumed || again, lease: run.lease };
    if (spec.check && (resumed || again || attempt > 1)) {
      const found = await spec.check(context);
      if (found !== undefined) return found;
      signal.throwIfAborted();
    }
    return await spec.do(context);
  };
  const body = parts.probe === undefined ? work(false) : parts.probe.body(run.facts, spec, signal, work);
  return await untilAborted(parts, body, signal, spec.name);
}

/** Waits for the body, and once its signal is aborted for at most the grace. */
async function untilAborted<T>(parts: StepParts, work: Promise<T>, signal: AbortSignal, step: string): Promise<T> {
  let cancel: (() => void) | undefined;
  let onAbort: (() => void) | undefined;
  const given = new Promise<never>((_, reject) => {
    onAbort = () => {
      cancel = parts.clock.after(GRACE_MS, () => {
        parts.log.error(
          { step, reason: messageOf(signal.reason) },
          'a step does not heed its signal: going on without it',
        );
        reject(signal.reason);
      });
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, given]);
  } finally {
    cancel?.();
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

function backoff(random: Random, attempt: number, error: unknown): number {
  const asked = (error as { retryAfter?: number }).retryAfter;
  if (asked !== undefined) return asked * 1000;
  return Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (attempt - 1)) * (0.5 + random.next() / 2);
}

/** Time a step may use; stands still while paused. */
function makeBudget(clock: Clock, ms: number, onEnd: () => void) {
  let left = ms;
  let since = clock.monotonic();
  let cancel: (() => void) | undefined;
  const arm = () => {
    since = clock.monotonic();
    // Longer than a timer holds: in slices.
    const slice = Math.min(left, 2 ** 30);
    cancel = clock.after(slice, () => {
      left -= slice;
      if (left <= 0) onEnd();
      else arm();
    });
  };
  arm();
  return {
    pause() {
      cancel?.();
      left -= clock.monotonic() - since;
    },
    resume() {
      arm();
    },
    stop: () => cancel?.(),
  };
}

/** Throws `WorkTooLarge`: what is recorded must stay small. */
export function checkSize(what: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return;
  const bytes = JSON.stringify(value).length;
  if (bytes > MAX_JSON_BYTES) throw errors.WorkTooLarge(what, bytes, MAX_JSON_BYTES);
}
