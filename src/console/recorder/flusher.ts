import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Reader } from '#store/contract';
import { openTenancies } from '../store/tenancies.ts';
import type { NodeConsole } from './node-console.ts';

/** Until the next check: soon when somebody watches, else a few bytes may gather. */
const WATCHED_MS = 15;
const UNWATCHED_MS = 250;
/** Most nodes of one check. */
const BATCH = 500;

/**
 * Writes down what machines said once it is known whose it is: one question to the database for all nodes that spoke
 * lately, however many those are. Nodes that are silent cost nothing.
 */
export class Flusher {
  readonly #reader: Reader;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #dirty = new Set<NodeConsole>();
  #timer: { cancel: () => void; dueAt: number } | undefined;
  #running: Promise<void> | undefined;

  constructor(reader: Reader, clock: Clock, log: Log) {
    this.#reader = reader;
    this.#clock = clock;
    this.#log = log;
  }

  /** There is something to write, or the tenancy may be another. */
  dirty(console: NodeConsole): void {
    this.#dirty.add(console);
    this.#schedule(console.watchers.size > 0 ? WATCHED_MS : UNWATCHED_MS);
  }

  /** Checks and writes what there is now. */
  async flush(): Promise<void> {
    await this.#running;
    if (this.#dirty.size === 0) return;
    this.#running = this.#round().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Writes all there is, with what can be known of it, and stops. */
  async close(): Promise<void> {
    for (let i = 0; i < 3 && this.#dirty.size > 0; i++) await this.flush();
    this.#timer?.cancel();
  }

  #schedule(ms: number): void {
    const dueAt = this.#clock.monotonic() + ms;
    if (this.#timer !== undefined) {
      if (this.#timer.dueAt <= dueAt) return;
      this.#timer.cancel();
    }
    const cancel = this.#clock.after(ms, () => {
      this.#timer = undefined;
      void this.flush();
    });
    this.#timer = { cancel, dueAt };
  }

  async #round(): Promise<void> {
    const batch = [...this.#dirty].slice(0, BATCH);
    for (const one of batch) this.#dirty.delete(one);
    const askedAt = this.#clock.monotonic();
    try {
      const open = await openTenancies(
        this.#reader,
        batch.map(({ uuid }) => uuid),
      );
      const answeredAt = this.#clock.monotonic();
      await Promise.all(
        batch.map((console) => {
          const found = open.get(console.uuid);
          const check = { askedAt, answeredAt, tenancy: found?.id ?? null, ageMs: found?.ageMs ?? 0 };
          return this.#write(console, console.settle(check), check.tenancy);
        }),
      );
    } catch (error) {
      this.#log.warn({ err: messageOf(error), nodes: batch.length }, 'whose console output is cannot be asked now');
      const now = this.#clock.monotonic();
      await Promise.all(batch.map((console) => this.#write(console, console.giveUp(now), undefined)));
      for (const one of batch) if (one.hasPending) this.#dirty.add(one);
    }
    for (const one of batch) if (one.hasPending) this.#dirty.add(one);
    if (this.#dirty.size > 0) {
      const watched = [...this.#dirty].some(({ watchers }) => watchers.size > 0);
      this.#schedule(watched ? WATCHED_MS : UNWATCHED_MS);
    }
  }

  /** Who watches is told of the records first, then of the tenancy: the last bytes of a lease are still its own. */
  async #write(
    console: NodeConsole,
    records: Parameters<NodeConsole['log']['append']>[0],
    tenancy: number | null | undefined,
  ): Promise<void> {
    try {
      if (records.length > 0) console.tell(await console.log.append(records));
    } catch (error) {
      this.#log.error({ node: console.uuid, err: messageOf(error) }, 'console output could not be written');
    }
    if (tenancy === undefined) return;
    for (const watcher of [...console.watchers]) watcher.tenancy(tenancy);
  }
}
