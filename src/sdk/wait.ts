import type { Connection } from './connection.ts';
import { SdkError } from './errors.ts';
import { readEvents } from './events.ts';
import type { Operation } from './operation.ts';

export type Facts = Record<string, unknown>;

/** What came of looking at a resource once. */
export type Verdict = { done: true } | { done: false; failed?: string };

export interface Watch {
  connection: Connection;
  /** Where the event stream is; without one the resource is polled. */
  events?: Connection;
  /** Of the event stream; events of other rows of it are passed over. */
  topic: string;
  /** Reads the resource. */
  operation: Operation;
  params: Record<string, string>;
  query?: Record<string, unknown>;
  judge(facts: Facts): Verdict;
  onLook?(facts: Facts): void;
  /** Milliseconds in all; 0 = no end. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Milliseconds between looks: soon at first, then rarer. Where events come, looking is only for what they missed. */
const FIRST_POLL_MS = 250;
const POLL_MS = 2000;
const POLL_WITH_EVENTS_MS = 10_000;

/** Rings when something may have changed. A ring before anybody listens is kept. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async heard(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#rung = false;
  }
}

/**
 * Looks at a resource until `judge` says it is done. Gives the facts of the last look. Throws SdkError: `WaitFailed`
 * when it cannot get there any more, `WaitTooLong` at the deadline. A server that is away for a while is waited for.
 */
export async function waitFor(watch: Watch): Promise<Facts> {
  const { connection, timeoutMs } = watch;
  const { clock } = connection;
  const end = new AbortController();
  const signal = watch.signal === undefined ? end.signal : AbortSignal.any([end.signal, watch.signal]);
  const deadline = timeoutMs === 0 ? Number.POSITIVE_INFINITY : clock.monotonic() + timeoutMs;
  const bell = new Bell();
  const listener: Listener = { live: false, id: undefined };
  const listening = watch.events === undefined ? undefined : listen(watch, watch.events, bell, listener, signal);
  let last: Facts = {};
  try {
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(POLL_MS, pollMs * 1.5)) {
      const facts = await look(watch, signal, deadline);
      if (facts !== undefined) {
        last = facts;
        listener.id = facts['uuid'];
        watch.onLook?.(facts);
        const verdict = watch.judge(facts);
        if (verdict.done) return facts;
        if (verdict.failed !== undefined) throw new SdkError('WaitFailed', 0, verdict.failed);
      }
      const leftMs = deadline - clock.monotonic();
      if (leftMs <= 0) {
        const said = String(last['provision_state'] ?? last['state'] ?? last['power_state'] ?? 'unknown');
        throw new SdkError('WaitTooLong', 0, `Not there after ${timeoutMs / 1000} s; the state is "${said}".`);
      }
      const pause = new AbortController();
      const quiet = AbortSignal.any([pause.signal, signal]);
      const sleepMs = Math.min(listener.live ? POLL_WITH_EVENTS_MS : pollMs, leftMs);
      await Promise.race([clock.sleep(sleepMs, quiet).catch(() => undefined), bell.heard()]);
      pause.abort();
      watch.signal?.throwIfAborted();
    }
  } finally {
    end.abort();
    await listening;
  }
}

/** One look; undefined when the server could not be asked just now. */
async function look(watch: Watch, signal: AbortSignal, deadline: number): Promise<Facts | undefined> {
  const { connection, operation, params, query } = watch;
  try {
    return (await connection.loose(operation, { params, query, signal, timeoutMs: 30_000 })) as Facts;
  } catch (error) {
    watch.signal?.throwIfAborted();
    const passing = error instanceof SdkError && (error.status === 0 || error.status >= 500 || error.status === 409);
    if (passing && connection.clock.monotonic() < deadline) return undefined;
    throw error;
  }
}

interface Listener {
  /** Events come: looking is only for what they missed. */
  live: boolean;
  /** Of the row that is watched, once it is known. */
  id: unknown;
}

/** Rings for each event of the row. Without an event stream it ends at once: polling does. */
async function listen(watch: Watch, events: Connection, bell: Bell, state: Listener, signal: AbortSignal) {
  while (!signal.aborted) {
    try {
      for await (const event of readEvents(events, { topics: [watch.topic], signal })) {
        state.live = event.event !== 'bye' && event.event !== 'dropped';
        if (event.event !== watch.topic || state.id === undefined || idOf(event.data) === state.id) bell.ring();
      }
    } catch (error) {
      // No such door here, or not for us: never asked again.
      if (error instanceof SdkError && error.status >= 400 && error.status < 500) return;
    } finally {
      state.live = false;
    }
    await events.clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
}

/** The row an event is about. */
function idOf(data: string): unknown {
  try {
    return (JSON.parse(data) as { id?: unknown } | null)?.id;
  } catch {
    return undefined;
  }
}
