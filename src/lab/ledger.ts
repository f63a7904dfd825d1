import { type Clock, systemClock } from '#kernel/clock';

/** Who asked: the door they came by, their address, and the account they used (null: none was checked yet). */
export interface Caller {
  channel: 'redfish' | 'ipmi' | 'ssh' | 'control' | 'guest' | 'lab';
  address: string;
  user: string | null;
}

/**
 * One thing that happened. `request` is a write that reached a BMC (whatever came of it); `action` is something
 * the BMC really did to the machine; `event` is what the machine did by itself.
 */
export interface LedgerEntry {
  seq: number;
  /** Wall clock, ISO 8601. */
  at: string;
  /** Monotonic milliseconds, to measure gaps with. */
  t: number;
  machine: string;
  kind: 'request' | 'action' | 'event';
  caller: Caller;
  /** `power.on`, `boot.set`, `PATCH /redfish/v1/…`, `chassis control 3`, … */
  action: string;
  detail: Record<string, unknown>;
}

/** What to pick from the ledger. */
export interface LedgerQuery {
  machine?: string;
  kind?: LedgerEntry['kind'];
  /** Only actions that start so: `power.` gives all power actions. */
  action?: string;
  /** Only entries after this number. */
  after?: number;
}

/**
 * Everything that was asked of and done to the lab's machines, in order. Tests read it to prove that nothing
 * was done twice. Holds the last `limit` entries; reading is not recorded, only counted per BMC.
 */
export class Ledger {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #listeners = new Set<(entry: LedgerEntry) => void>();
  #entries: LedgerEntry[] = [];
  #next = 1;

  constructor(clock: Clock = systemClock, limit = 200_000) {
    this.#clock = clock;
    this.#limit = limit;
  }

  add(
    machine: string,
    kind: LedgerEntry['kind'],
    caller: Caller,
    action: string,
    detail: Record<string, unknown> = {},
  ): LedgerEntry {
    const at = new Date(this.#clock.now()).toISOString();
    const entry = { seq: this.#next++, at, t: this.#clock.monotonic(), machine, kind, caller, action, detail };
    this.#entries.push(entry);
    if (this.#entries.length > this.#limit * 1.25) this.#entries = this.#entries.slice(-this.#limit);
    for (const listener of [...this.#listeners]) listener(entry);
    return entry;
  }

  list(query: LedgerQuery = {}): LedgerEntry[] {
    return this.#entries.filter(
      (e) =>
        (query.machine === undefined || e.machine === query.machine) &&
        (query.kind === undefined || e.kind === query.kind) &&
        (query.action === undefined || e.action.startsWith(query.action)) &&
        (query.after === undefined || e.seq > query.after),
    );
  }

  /** The number of the newest entry; 0 when there is none. */
  get last(): number {
    return this.#next - 1;
  }

  onEntry(fn: (entry: LedgerEntry) => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }
}
