import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import { type Operation, type OvsdbClient } from '#protocols/ovsdb/index';
import type { Store } from '#store/contract';
import { type Chassis, UNITS, type UnitKind } from '../model/truth.ts';
import { allUnits, dropMarks, expandMarks, readMarks } from '../store/dirty.ts';
import { readTruth, type Wish } from '../store/truth.ts';
import { Backlog, parseUnit, type UnitName } from './backlog.ts';
import { planUnits } from './plan.ts';
import { baseUnit, type WantedUnit, wantedUnit } from './rows/unit.ts';
import { BASE_UNIT } from './rows/wanted.ts';
import { NorthboundView } from './view.ts';

/** The lock of the northbound database: whoever holds it writes, the others wait. */
export const LOCK = 'ingot_network';
/** The topic of the change feed that says: something of the network changed. */
export const TOPIC = 'network';

/** Marks taken at once, and units looked at in one go: what the event loop can bear, and one transaction. */
const MARKS = 1_000;
const SLICE = 500;
const AGAIN_MS = 1_000;
/** A unit OVN refuses is tried again after this long, or when it changes. */
const REFUSED_MS = 30_000;

export interface OvnReconcilerOptions {
  store: Store;
  /** Northbound, with `NB_TABLES` and the lock `LOCK`. */
  nb: OvsdbClient;
  /** The hosts that carry networks, as known now. */
  chassis(): readonly Chassis[];
  clock: Clock;
  log: Log;
  /** Networks have a port for the metadata service. Default no. */
  metadata?: boolean;
  /** Everything is compared this often, whatever changed. Default ten minutes. */
  resyncMs?: number;
  /** The queue is looked at this often even when nobody says that something changed. Default a second. */
  pollMs?: number;
}

/** What people see of it. */
export interface OvnReconcilerStatus {
  /** `away`: no connection. `standby`: another process holds the lock. */
  state: 'away' | 'standby' | 'syncing' | 'in sync';
  /** Units that wait to be looked at. */
  backlog: number;
  /** Units OVN refused, with its words. */
  refused: Readonly<Record<string, string>>;
  /** Milliseconds the last comparison of everything took; null before the first. */
  fullSyncMs: number | null;
  transactions: number;
  lastError: string | null;
}

/** Makes the northbound database equal to the truth, and keeps it so. */
export class OvnReconciler {
  readonly #options: OvnReconcilerOptions;
  readonly #backlog = new Backlog();
  readonly #refused = new Map<string, { why: string; at: number }>();
  readonly #stopping = new AbortController();
  readonly #ways: (() => void)[] = [];
  /** Units of the transaction in hand: changes of theirs are our own. */
  #inHand: ReadonlySet<string> = new Set();
  #view: NorthboundView | undefined;
  #baseDirty = true;
  #full: { since: number } | undefined;
  #fullAt = Number.NEGATIVE_INFINITY;
  #fullSyncMs: number | null = null;
  #transactions = 0;
  #lastError: string | null = null;
  #wake: (() => void) | undefined;
  #woken = false;
  #loop: Promise<void> | undefined;
  readonly #idle = new Set<() => void>();

  constructor(options: OvnReconcilerOptions) {
    this.#options = options;
  }

  start(): void {
    const { store, nb } = this.#options;
    this.#ways.push(
      store.changes.subscribe(TOPIC, () => this.nudge()),
      nb.onState(() => {
        if (!nb.locked) this.#leave();
        this.nudge();
      }),
    );
    this.#loop = this.#run();
  }

  /** Look at the queue now. */
  nudge(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Chassis came, went or died: whatever stands on them is made again. */
  async chassisChanged(): Promise<void> {
    for (const one of await allUnits(this.#options.store)) {
      if (one.unit === 'network' || one.unit === 'router') this.#backlog.add(one);
    }
    this.nudge();
  }

  /** Compare everything now. */
  resync(): void {
    this.#fullAt = Number.NEGATIVE_INFINITY;
    this.nudge();
  }

  /** Resolves when OVN has everything that was in the queue. For tests and benches. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.add(resolve);
      this.nudge();
    });
  }

  status(): OvnReconcilerStatus {
    const { nb } = this.#options;
    const busy = this.#full !== undefined || this.#backlog.size > 0;
    return {
      state: !nb.connected ? 'away' : !nb.locked ? 'standby' : busy ? 'syncing' : 'in sync',
      backlog: this.#backlog.size,
      refused: Object.fromEntries([...this.#refused].map(([key, { why }]) => [key, why])),
      fullSyncMs: this.#fullSyncMs,
      transactions: this.#transactions,
      lastError: this.#lastError,
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const way of this.#ways.splice(0)) way();
    this.nudge();
    await this.#loop;
    this.#leave();
  }

  /** Not ours to write any more: when it is again, everything is compared. */
  #leave(): void {
    this.#view?.close();
    this.#view = undefined;
    this.#full = undefined;
    this.#fullAt = Number.NEGATIVE_INFINITY;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let wait = this.#options.pollMs ?? 1_000;
      try {
        this.#woken = false;
        if (await this.#turn()) continue;
        this.#lastError = null;
      } catch (error) {
        if (signal.aborted) return;
        // The first failure is news, the hundredth is not.
        log[this.#lastError === null ? 'warn' : 'debug']({ err: error }, 'networks could not be carried to OVN');
        this.#lastError = messageOf(error);
        wait = AGAIN_MS;
        await clock.sleep(AGAIN_MS, signal).catch(() => {});
      }
      if (this.#woken) continue;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(wait, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }

  /** One batch; false when there is nothing to do. */
  async #turn(): Promise<boolean> {
    const { nb, store, clock } = this.#options;
    // Who comes while this turn runs may have written what it did not read any more.
    const waiting = [...this.#idle];
    if (!nb.connected || !nb.locked) return false;
    this.#view ??= new NorthboundView(nb, (units) => this.#touched(units));
    if (clock.monotonic() - this.#fullAt >= (this.#options.resyncMs ?? 600_000)) await this.#beginFull();
    for (const [key, { at }] of this.#refused) if (clock.monotonic() - at >= REFUSED_MS) this.#again(key);

    const marks = await readMarks(store, MARKS);
    if (marks.length > 0) {
      // Changes come before the backlog: somebody waits for them. What others stand on comes first.
      const names = (await expandMarks(store, marks)).sort((a, b) => UNITS.indexOf(a.unit) - UNITS.indexOf(b.unit));
      for (let i = 0; i < names.length; i += SLICE) await this.#apply(names.slice(i, i + SLICE));
      await dropMarks(
        store,
        marks.map(({ seq }) => seq),
      );
      return true;
    }
    const names = this.#backlog.take(SLICE);
    if (names.length > 0 || this.#baseDirty) {
      await this.#apply(names);
      return true;
    }
    if (this.#full !== undefined) {
      this.#fullSyncMs = clock.monotonic() - this.#full.since;
      this.#full = undefined;
    }
    for (const resolve of waiting) {
      this.#idle.delete(resolve);
      resolve();
    }
    return false;
  }

  /** Everything there is, in the truth or in OVN, is to be looked at. */
  async #beginFull(): Promise<void> {
    const { store, clock } = this.#options;
    this.#full = { since: clock.monotonic() };
    this.#fullAt = clock.monotonic();
    this.#baseDirty = true;
    for (const one of await allUnits(store)) this.#backlog.add(one);
    for (const key of this.#view?.units() ?? []) this.#again(key);
  }

  /** Rows of these units changed in OVN. Unless it was us, they are looked at. */
  #touched(units: ReadonlySet<string>): void {
    for (const key of units) if (!this.#inHand.has(key)) this.#again(key);
    if (this.#backlog.size > 0 || this.#baseDirty) this.nudge();
  }

  #again(key: string): void {
    if (key === BASE_UNIT) this.#baseDirty = true;
    const unit = parseUnit(key);
    if (unit !== undefined) this.#backlog.add(unit);
  }

  async #apply(names: readonly UnitName[]): Promise<void> {
    const { store, chassis, metadata = false } = this.#options;
    const truth = { ...(await readTruth(store, wishOf(names))), chassis: chassis(), metadata };
    const units = names.map(({ unit, id }) => wantedUnit(unit, id, truth));
    const base = this.#baseDirty;
    if (base) units.unshift(baseUnit());
    this.#baseDirty = false;
    try {
      await this.#write(units);
    } catch (error) {
      for (const name of names) this.#backlog.add(name);
      this.#baseDirty ||= base;
      throw error;
    }
  }

  /** Writes units in one transaction. Where OVN refuses it, halves are tried until the one it means is found. */
  async #write(units: readonly WantedUnit[]): Promise<void> {
    const view = this.#view;
    if (view === undefined) throw new IngotError('OvnNotOurs', 503, 'the lock of the northbound database was lost');
    const { operations, waiting } = planUnits(units, view);
    if (operations.length > 0) {
      try {
        await this.#transact(operations, units);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const [first] = units;
        if (units.length === 1 && first !== undefined) {
          this.#refuse(first.key, messageOf(error));
          return;
        }
        const half = Math.ceil(units.length / 2);
        await this.#write(units.slice(0, half));
        await this.#write(units.slice(half));
        return;
      }
    }
    for (const { key } of units) if (!waiting.has(key)) this.#refused.delete(key);
    for (const [key, missing] of waiting) this.#wait(key, missing, units);
    this.#verify(units.filter(({ key }) => !waiting.has(key)));
  }

  async #transact(operations: readonly Operation[], units: readonly WantedUnit[]): Promise<void> {
    this.#inHand = new Set(units.map(({ key }) => key));
    try {
      await this.#options.nb.transact([{ op: 'assert', lock: LOCK }, ...operations]);
      this.#transactions++;
    } finally {
      this.#inHand = new Set();
    }
  }

  /** Somebody may have written in between: what is not as wanted is looked at again. */
  #verify(units: readonly WantedUnit[]): void {
    if (this.#view === undefined || planUnits(units, this.#view).operations.length === 0) return;
    for (const unit of units) if (planUnits([unit], this.#view).operations.length > 0) this.#again(unit.key);
  }

  /** A unit refers to a row that is not there: its unit first, then this one again. */
  #wait(key: string, missing: string, units: readonly WantedUnit[]): void {
    const known = this.#refused.get(key);
    if (known !== undefined || units.some((unit) => unit.key === missing.split('/')[0])) {
      this.#refuse(key, `it stands on ${missing}, which is not there`);
      return;
    }
    this.#refuse(key, `it waits for ${missing}`);
    this.#again(missing);
    this.#again(key);
  }

  #refuse(key: string, why: string): void {
    const known = this.#refused.get(key);
    if (known?.why !== why) {
      const news = why.startsWith('it waits') ? 'debug' : 'warn';
      this.#options.log[news]({ unit: key, why }, 'a network object is not in OVN yet');
    }
    this.#refused.set(key, { why, at: this.#options.clock.monotonic() });
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof IngotError &&
  (error.code === 'OvsdbRefused' || error.code === 'OvsdbBadValue') &&
  error.details?.['error'] !== 'not owner';

function wishOf(names: readonly UnitName[]): Wish {
  const wish: Partial<Record<UnitKind, Set<string>>> = {};
  for (const kind of UNITS) wish[kind] = new Set();
  for (const { unit, id } of names) wish[unit]?.add(id);
  return wish;
}
