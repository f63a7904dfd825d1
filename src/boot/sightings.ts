import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';
import { addSightings, type SightingRow } from './store/sightings.ts';

const FLUSH_MS = 400;
const MAX_WAITING = 5000;
/** A machine that asks the same again and again fills no table: once in this time is enough. */
const SAME_MS = 2000;

/**
 * Collects what machines ask for and stores it in batches. DHCP tells which machine has which address, so that what
 * comes by TFTP and HTTP finds its machine.
 */
export class SightingCollector {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #waiting: SightingRow[] = [];
  readonly #macOf = new Map<string, string>();
  readonly #last = new Map<string, number>();
  readonly #stop: () => void;
  #nodeOf: ReadonlyMap<string, string> = new Map();
  #flushing: Promise<void> = Promise.resolve();

  constructor(store: Store, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#stop = clock.every(FLUSH_MS, () => void this.flush());
  }

  /** Which node has which network address, of what is offered now and was not long ago. */
  know(nodeOf: ReadonlyMap<string, string>): void {
    this.#nodeOf = new Map([...this.#nodeOf, ...nodeOf]);
  }

  /** Learns that the machine with this MAC has that address. */
  leased(mac: string, address: string): void {
    if (this.#macOf.size > 50_000) this.#macOf.clear();
    this.#macOf.set(address, mac);
  }

  macOf(address: string): string | undefined {
    return this.#macOf.get(address);
  }

  /** Notes one; `nodeUuid` and `mac` are found by the address when not given. */
  note(seen: Omit<SightingRow, 'at' | 'nodeUuid'> & { nodeUuid?: string }): void {
    const mac = seen.mac ?? (seen.address === undefined ? undefined : this.#macOf.get(seen.address));
    const nodeUuid = seen.nodeUuid ?? (mac === undefined ? undefined : this.#nodeOf.get(mac)) ?? null;
    const now = this.#clock.now();
    const key = `${nodeUuid ?? mac ?? seen.address}/${seen.method}/${seen.what}`;
    if (now - (this.#last.get(key) ?? -Infinity) < SAME_MS) return;
    if (this.#last.size > 20_000) this.#last.clear();
    this.#last.set(key, now);
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push({ ...seen, ...(mac === undefined ? {} : { mac }), nodeUuid, at: new Date(now).toISOString() });
  }

  /** Stores what waits. Never rejects: what cannot be stored now is tried again, up to a bound. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(async () => {
      const rows = this.#waiting.splice(0);
      if (rows.length === 0) return;
      try {
        await addSightings(this.#store, rows);
      } catch (error) {
        this.#log.warn({ err: error }, 'what machines asked for could not be stored');
        this.#waiting.unshift(...rows.slice(-MAX_WAITING));
      }
    });
    return this.#flushing;
  }

  async close(): Promise<void> {
    this.#stop();
    await this.flush();
  }
}
