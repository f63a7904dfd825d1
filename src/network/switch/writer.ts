import type { Clock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import { newUuid } from '#kernel/ids';
import type { Log } from '#platform/log';
import type { Sealer, Store } from '#store/contract';
import { applyBatch, type BatchResult, isPassing, type PortOutcome } from './apply.ts';
import { SwitchConnection } from './connection.ts';
import type { SwitchDrivers } from './drivers/registry.ts';
import { errors } from './errors.ts';
import { driverOf, rulesOf, targetOf, wantedOf } from './known.ts';
import type { PortConfig } from './model/config.ts';
import { differencesOf } from './model/difference.ts';
import { TOPIC } from './service.ts';
import { type PortRow, portsOf, type Result, writeResults } from './store/ports.ts';
import { noteSaved, noteState, pinKey, releaseSwitch, type SwitchRow, takeSwitch } from './store/switches.ts';

/** The right to write lasts this long unless renewed; who comes after a conductor that died waits as long. */
const LEASE_MS = 8_000;
const RENEW_MS = 2_000;
/** We stop this long before others may begin. */
const MARGIN_MS = 1_500;
/** While another conductor has the switch, it is asked for again so often. */
const BUSY_MS = 100;
const UNSAVED = 'not saved yet';
const BACKOFF_MS = { first: 500, most: 10_000 };

export interface WriterParts {
  store: Store;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  drivers: SwitchDrivers;
  /** A connection nobody uses is closed after this long. Default a minute. */
  idleMs?: number;
}

interface Turn {
  running: Promise<void> | undefined;
  again: boolean;
  look: boolean;
  /** What runs on the switch would be gone after its restart. */
  unsaved: boolean;
  pause: number;
  cancel: (() => void) | undefined;
  connection: SwitchConnection | undefined;
}

/**
 * Writes to switches, one batch at a time each: while a batch runs, the wishes that come wait, and are the next one.
 * Over processes a lease in the switch's row keeps writers apart.
 */
export class SwitchWriter {
  readonly #parts: WriterParts;
  readonly #id = newUuid();
  readonly #turns = new Map<string, Turn>();
  readonly #stopping = new AbortController();

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** There may be something to do on a switch. `look`: read it, and repair what is otherwise, whoever did it. */
  nudge(id: string, look = false): void {
    if (this.#stopping.signal.aborted) return;
    let turn = this.#turns.get(id);
    if (turn === undefined) {
      turn = {
        running: undefined,
        again: false,
        look: false,
        unsaved: false,
        pause: 0,
        cancel: undefined,
        connection: undefined,
      };
      this.#turns.set(id, turn);
    }
    turn.look ||= look;
    turn.again = true;
    // While a switch cannot be reached, what comes waits with the rest.
    if (turn.running !== undefined || turn.cancel !== undefined) return;
    this.#go(id, turn);
  }

  /** Resolves when nothing is under way; for tests. */
  async idle(): Promise<void> {
    for (const { running } of this.#turns.values()) await running;
  }

  /** Forgets a switch that was removed or changed: the next batch connects anew. */
  async forget(id: string): Promise<void> {
    const turn = this.#turns.get(id);
    turn?.cancel?.();
    if (turn !== undefined) {
      turn.cancel = undefined;
      turn.pause = 0;
    }
    await turn?.running;
    await turn?.connection?.close();
    if (turn !== undefined) turn.connection = undefined;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped'));
    for (const turn of this.#turns.values()) {
      turn.cancel?.();
      await turn.running;
      await turn.connection?.close();
    }
  }

  #go(id: string, turn: Turn): void {
    turn.again = false;
    turn.running = this.#run(id, turn)
      .catch((error: unknown) => {
        this.#parts.log.warn({ err: error, switch: id }, 'switches: a turn failed');
        return BACKOFF_MS.first;
      })
      .then((wait) => {
        turn.running = undefined;
        if (this.#stopping.signal.aborted) return;
        if (wait > 0) {
          turn.cancel = this.#parts.clock.after(wait, () => {
            turn.cancel = undefined;
            this.#go(id, turn);
          });
        } else if (turn.again) this.#go(id, turn);
      });
  }

  /** Batches until there is nothing to do; gives milliseconds after which to try again, 0 for none. */
  async #run(id: string, turn: Turn): Promise<number> {
    const { store, clock } = this.#parts;
    const lease = new WriteLease(clock);
    const stopRenewing = clock.every(RENEW_MS, () => {
      void lease.renew(() => takeSwitch(store, id, this.#id, LEASE_MS)).catch(() => {});
    });
    let taken = false;
    try {
      for (;;) {
        this.#stopping.signal.throwIfAborted();
        const row = await lease.renew(() => takeSwitch(store, id, this.#id, LEASE_MS));
        // Another conductor writes: what is to do it finds itself, unless it just finished looking.
        if (row === undefined) return (await this.#hasWork(id, turn)) ? BUSY_MS : 0;
        taken = true;
        const look = turn.look;
        turn.look = false;
        const rows = await portsOf(store, id);
        const asked = row.read_wanted_at !== null && (row.read_at ?? '') < row.read_wanted_at;
        const pending = rows.filter((port) => port.plan !== null && port.done_revision < port.revision);
        if (pending.length === 0 && (turn.unsaved || (look && row.save_error !== null)))
          await this.#save(row, turn, lease);
        if (!look && !asked && pending.length === 0) return 0;
        const outcome = await this.#batch(row, rows, look || asked, turn, lease);
        if (outcome === 'again') continue;
        turn.look ||= look;
        turn.pause = turn.pause === 0 ? BACKOFF_MS.first : Math.min(turn.pause * 2, BACKOFF_MS.most);
        return turn.pause;
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return 0;
      throw error;
    } finally {
      stopRenewing();
      lease.end();
      if (taken) await releaseSwitch(store, id, this.#id).catch(() => {});
    }
  }

  async #hasWork(id: string, turn: Turn): Promise<boolean> {
    if (turn.look) return true;
    const rows = await portsOf(this.#parts.store, id);
    return rows.some((port) => port.plan !== null && port.done_revision < port.revision);
  }

  /** One batch. `later`: the switch could not be spoken to, or was cut; the same again after a pause. */
  async #batch(
    row: SwitchRow & { now: string },
    rows: readonly PortRow[],
    repair: boolean,
    turn: Turn,
    lease: WriteLease,
  ): Promise<'again' | 'later'> {
    const { store, drivers, log } = this.#parts;
    const rules = rulesOf(drivers, row);
    const wanted = new Map<string, PortConfig>();
    const tried = new Map<string, PortRow>();
    for (const port of rows) {
      const config = wantedOf(port, rules);
      if (config === null) continue;
      const pending = port.done_revision < port.revision;
      if (!pending && !(repair && row.drift === 'repair')) continue;
      wanted.set(port.port, config);
      tried.set(port.port, port);
    }
    const signal = AbortSignal.any([lease.signal, this.#stopping.signal]);
    const session = async () => {
      turn.connection ??= this.#connect(row);
      const open = await turn.connection.session(targetOf(this.#parts.sealer, row), row.updated_at, signal);
      if (row.host_key === null && open.shownKey !== null) await pinKey(store, row.id, open.shownKey);
      return open;
    };
    const before = new Set(rows.filter((port) => port.drift_since !== null).map(({ port }) => port));
    let result: BatchResult;
    try {
      result = await applyBatch(
        { name: row.name, parkingVlan: row.parking_vlan, session, mayWrite: () => lease.check(row.name), signal },
        wanted,
      );
    } catch (error) {
      return this.#failed(row, tried, asError(row.name, error));
    } finally {
      turn.connection?.rest();
    }
    for (const [port, { outcome, error }] of result.ports) {
      const asked = tried.get(port);
      if (asked === undefined) continue;
      if (error !== null) log.warn({ switch: row.name, port, outcome, err: error }, 'a switch port is not as wanted');
      else if (outcome === 'applied' && asked.done_revision >= asked.revision && !before.has(port)) {
        log.warn({ switch: row.name, port }, 'a switch port had been changed by somebody else and was put right');
      }
    }
    const results = resultsOf(rows, result, tried, rules);
    await store.tx(async (tx) => {
      // Machines do not wait for that: it is saved when nothing else is to be done, and who dies before leaves word.
      const saveError = result.wrote ? UNSAVED : undefined;
      await noteState(tx, row.id, 'ok', null);
      await writeResults(tx, row.id, this.#id, results, { whole: true, begunAt: row.now, saveError });
      tx.changed(TOPIC, row.id);
    });
    turn.unsaved ||= result.wrote;
    const passing = [...result.ports.values()].some(({ error }) => error !== null && isPassing(error));
    if (!passing) turn.pause = 0;
    return passing ? 'later' : 'again';
  }

  /** Makes what runs outlast a restart of the switch. That it fails is told, and tried again at the next reading. */
  async #save(row: SwitchRow, turn: Turn, lease: WriteLease): Promise<void> {
    const { store, sealer, log } = this.#parts;
    turn.unsaved = false;
    const signal = AbortSignal.any([lease.signal, this.#stopping.signal]);
    let problem: string | null = null;
    try {
      turn.connection ??= this.#connect(row);
      await (await turn.connection.session(targetOf(sealer, row), row.updated_at, signal)).save(signal);
    } catch (error) {
      problem = messageOf(error);
      log.warn({ switch: row.name, err: error }, 'the configuration of a switch could not be saved');
    } finally {
      turn.connection?.rest();
    }
    await noteSaved(store, row.id, problem);
  }

  #connect(row: SwitchRow): SwitchConnection {
    const { clock, drivers, idleMs = 60_000 } = this.#parts;
    return new SwitchConnection(driverOf(drivers, row), clock, idleMs, () => this.nudge(row.id, true));
  }

  /** The switch could not even be read. What no waiting cures ends the wishes that wait. */
  async #failed(row: SwitchRow, tried: ReadonlyMap<string, PortRow>, error: IngotError): Promise<'again' | 'later'> {
    const { store, log } = this.#parts;
    const passing = isPassing(error) || this.#stopping.signal.aborted;
    const told = { code: error.code, message: error.message };
    if (row.error !== error.message) log.warn({ switch: row.name, err: error }, 'a switch cannot be spoken to');
    const results = [...tried].map(([port, { revision, done_revision }]): Result => {
      const ends = !passing && done_revision < revision;
      return { port, revision, outcome: ends ? 'failed' : null, error: told, found: null, drifts: false };
    });
    await store.tx(async (tx) => {
      await noteState(tx, row.id, 'unreachable', told);
      await writeResults(tx, row.id, this.#id, results, { whole: false, begunAt: null, saveError: undefined });
      tx.changed(TOPIC, row.id);
    });
    return 'later';
  }
}

/** Everything to be written down after a batch. */
function resultsOf(
  rows: readonly PortRow[],
  { ports, reading }: BatchResult,
  tried: ReadonlyMap<string, PortRow>,
  rules: Parameters<typeof wantedOf>[1],
): Result[] {
  const results: Result[] = [];
  const known = new Map(rows.map((port) => [port.port, port]));
  for (const name of new Set([...reading.ports.keys(), ...tried.keys()])) {
    const found = reading.ports.get(name) ?? null;
    const outcome = ports.get(name);
    const port = known.get(name);
    const wanted = port === undefined ? null : wantedOf(port, rules);
    const drifts =
      port !== undefined &&
      wanted !== null &&
      port.done_revision >= port.revision &&
      (found === null || differencesOf(wanted, found).length > 0);
    results.push({
      port: name,
      revision: port?.plan == null ? null : port.revision,
      outcome: outcome === undefined ? null : endOf(outcome),
      error: outcome === undefined ? untouched(port) : told(outcome),
      found: found === null ? null : JSON.stringify(found),
      drifts,
    });
  }
  return results;
}

const endOf = ({ outcome, error }: PortOutcome): 'applied' | 'failed' | null => {
  if (outcome === 'already' || outcome === 'applied') return 'applied';
  return error !== null && isPassing(error) ? null : 'failed';
};
const told = ({ error }: PortOutcome) => (error === null ? null : { code: error.code, message: error.message });
const untouched = (port: PortRow | undefined) =>
  port?.error == null ? null : { code: port.error_code ?? '', message: port.error };

function asError(name: string, error: unknown): IngotError {
  return error instanceof IngotError ? error : errors.SwitchCut(name, messageOf(error), { cause: error });
}

/** Our side of the lease: it ends earlier here than for others. */
class WriteLease {
  readonly #clock: Clock;
  readonly #control = new AbortController();
  #until = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  /** Counts from before the question. */
  async renew<T>(take: () => Promise<T | undefined>): Promise<T | undefined> {
    const asked = this.#clock.monotonic();
    const row = await take();
    if (row === undefined || this.#control.signal.aborted) return undefined;
    this.#until = asked + LEASE_MS - MARGIN_MS;
    this.#cancel?.();
    this.#cancel = this.#clock.after(Math.max(0, this.#until - this.#clock.monotonic()), () =>
      this.#control.abort(errors.SwitchLeaseLost('the switch')),
    );
    return row;
  }

  /** Throws `SwitchLeaseLost`. */
  check(name: string): void {
    if (this.#clock.monotonic() >= this.#until) throw errors.SwitchLeaseLost(name);
  }

  end(): void {
    this.#cancel?.();
  }
}
