import { IngotError } from '#kernel/errors';
import type { PortChange, SwitchReading, SwitchSession } from './drivers/contract.ts';
import { errors } from './errors.ts';
import { changesOf } from './model/changes.ts';
import type { PortConfig } from './model/config.ts';
import { differencesInWords, differencesOf, sameConfig } from './model/difference.ts';

/** How it went with one port. */
export interface PortOutcome {
  /**
   * `already`: nothing was written. `applied`: it reads as wanted. `kept`: it reads as before. `torn`: neither.
   * `unread`: nobody could look.
   */
  outcome: 'already' | 'applied' | 'kept' | 'torn' | 'unread';
  found: PortConfig | null;
  error: IngotError | null;
}

export interface Batch {
  /** The switch's name, for messages. */
  name: string;
  parkingVlan: number;
  /** The connection; a new one when the last was cut. */
  session(): Promise<SwitchSession>;
  /** Called before each write: throws when somebody else may write by now. */
  mayWrite(): void;
  signal: AbortSignal;
}

/** What a batch did. */
export interface BatchResult {
  ports: Map<string, PortOutcome>;
  /** What the switch read last. */
  reading: SwitchReading;
  wrote: boolean;
}

/** Errors after which the same may be tried again. */
const PASSING = new Set(['SwitchUnreachable', 'SwitchCut', 'SwitchBusy', 'SwitchLeaseLost']);
export const isPassing = (error: unknown): boolean => error instanceof IngotError && PASSING.has(error.code);

/**
 * Makes ports as wanted, and reads them back. Each port ends as it was or as wanted; where a switch leaves one in
 * between, it is put back, and where that fails the outcome says `torn`. Of a batch the switch refuses, halves are
 * tried until those it means are found. Throws only when the switch could not even be read.
 */
export async function applyBatch(batch: Batch, wanted: ReadonlyMap<string, PortConfig>): Promise<BatchResult> {
  const run = new BatchRun(batch, await firstReading(batch));
  const todo: PortChange[] = [];
  for (const [port, to] of wanted) {
    const from = run.reading.ports.get(port);
    if (from === undefined) run.settle(port, 'kept', null, errors.SwitchNoPort(batch.name, port));
    else if (differencesOf(to, from).length === 0) run.settle(port, 'already', from, null);
    else todo.push({ port, from, to });
  }
  if (todo.length > 0) await run.make(todo);
  return { ports: run.outcomes, reading: run.reading, wrote: run.wrote };
}

/** A connection that lay idle may be dead without anybody having said so: a second one tells. */
async function firstReading({ session, signal }: Batch): Promise<SwitchReading> {
  try {
    return await (await session()).read(signal);
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'SwitchCut' || signal.aborted) throw error;
    return (await session()).read(signal);
  }
}

class BatchRun {
  readonly outcomes = new Map<string, PortOutcome>();
  reading: SwitchReading;
  wrote = false;
  readonly #batch: Batch;

  constructor(batch: Batch, reading: SwitchReading) {
    this.#batch = batch;
    this.reading = reading;
  }

  settle(port: string, outcome: PortOutcome['outcome'], found: PortConfig | null, error: IngotError | null): void {
    this.outcomes.set(port, { outcome, found, error });
  }

  async make(todo: readonly PortChange[]): Promise<void> {
    const failure = await this.#write(todo);
    const unsettled = await this.#judge(todo, failure);
    if (unsettled === null || unsettled.length === 0) return;
    if (failure === null || isPassing(failure)) {
      // Said yes and did not do it, or nobody heard the answer: trying parts of it tells no more.
      for (const { port, to, from } of unsettled) {
        const found = this.reading.ports.get(port) ?? from;
        const words = differencesInWords(differencesOf(to, found));
        this.settle(port, 'kept', found, failure ?? errors.SwitchNotSo(this.#batch.name, port, words));
      }
      return;
    }
    const blamed = unsettled.filter(({ port }) => port === failure.details?.['port']);
    if (unsettled.length === 1 || blamed.length > 0) {
      for (const { port, from } of blamed.length > 0 ? blamed : unsettled) this.settle(port, 'kept', from, failure);
      const rest = unsettled.filter((change) => !blamed.includes(change));
      if (blamed.length > 0 && rest.length > 0) await this.make(this.#fresh(rest));
      return;
    }
    for (const half of halves(unsettled)) await this.make(this.#fresh(half));
  }

  /** The same changes, from what is now. */
  #fresh(changes: readonly PortChange[]): PortChange[] {
    return changes.map(({ port, from, to }) => ({ port, from: this.reading.ports.get(port) ?? from, to }));
  }

  async #write(changes: readonly PortChange[]): Promise<IngotError | null> {
    const { session, mayWrite, signal, name, parkingVlan } = this.#batch;
    try {
      const open = await session();
      mayWrite();
      this.wrote = true;
      await open.apply(changesOf(this.reading, changes, parkingVlan), signal);
      return null;
    } catch (error) {
      return asError(name, error);
    }
  }

  /** Reads back. Gives the changes that are as before, or were put back; null when nobody can look. */
  async #judge(todo: readonly PortChange[], failure: IngotError | null): Promise<PortChange[] | null> {
    if (!(await this.#read(todo, failure))) return null;
    const { kept, torn } = this.#sort(todo);
    if (torn.length === 0) return kept;
    const back = torn.map(({ port, from }) => ({
      port,
      from: this.reading.ports.get(port) ?? from,
      to: restorable(from, this.#batch.parkingVlan),
    }));
    const problem = await this.#write(back);
    if (!(await this.#read(torn, problem))) return null;
    const again = this.#sort(torn);
    for (const { port } of again.torn) {
      const why = problem?.message ?? failure?.message ?? 'it does not do what it says';
      this.settle(
        port,
        'torn',
        this.reading.ports.get(port) ?? null,
        errors.SwitchTorn(this.#batch.name, port, why, { cause: failure }),
      );
    }
    return [...kept, ...again.kept];
  }

  async #read(todo: readonly PortChange[], failure: IngotError | null): Promise<boolean> {
    try {
      this.reading = await (await this.#batch.session()).read(this.#batch.signal);
      return true;
    } catch (error) {
      const why = failure ?? asError(this.#batch.name, error);
      for (const { port } of todo) this.settle(port, 'unread', null, why);
      return false;
    }
  }

  /** Settles what is as wanted; gives the others by whether they are as they were. */
  #sort(todo: readonly PortChange[]): { kept: PortChange[]; torn: PortChange[] } {
    const kept: PortChange[] = [];
    const torn: PortChange[] = [];
    for (const change of todo) {
      const now = this.reading.ports.get(change.port);
      if (now !== undefined && differencesOf(change.to, now).length === 0)
        this.settle(change.port, 'applied', now, null);
      else if (now !== undefined && sameConfig(now, change.from)) kept.push(change);
      else torn.push(change);
    }
    return { kept, torn };
  }
}

/** What was found can be written again. What routed or negotiated is parked and shut: that is never written. */
const restorable = (config: PortConfig, parking: number): PortConfig =>
  config.mode === 'other' ? { ...config, mode: 'access', untagged: parking, tagged: [], enabled: false } : config;

function halves<T>(list: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}

function asError(name: string, error: unknown): IngotError {
  if (error instanceof IngotError) return error;
  return errors.SwitchCut(name, error instanceof Error ? error.message : String(error), { cause: error });
}
