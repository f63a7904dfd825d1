import { type Clock, systemClock } from '#kernel/clock';
import { type IngotError, messageOf } from '#kernel/errors';
import { type Random, systemRandom } from '#kernel/random';
import { RowCache, type RowChange, type Wanted } from './cache.ts';
import { errors } from './errors.ts';
import type { Operation, OperationResult } from './operations.ts';
import { parseRemotes, type Remote, type TlsKeys } from './remote.ts';
import { Session } from './session.ts';

const BACKOFF_MS = { first: 100, most: 8_000 };

/** What is told of the life of a connection; `log` of any room fits. */
export interface OvsdbLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface OvsdbOptions {
  /** `tcp:HOST:PORT`, `ssl:HOST:PORT`, `unix:PATH`; the members of a cluster with commas between. */
  remote: string;
  tls?: TlsKeys;
  database: string;
  /** What to hold in the cache. */
  tables: Wanted;
  /** Follow the leader of a cluster (default); only then locks hold. */
  leaderOnly?: boolean;
  /** A lock to hold or wait for while connected. */
  lock?: string;
  clock?: Clock;
  random?: Random;
  log?: OvsdbLog;
  /** Milliseconds: to connect (default 5,000), per call (30,000), of silence before an echo (5,000). */
  connectMs?: number;
  callMs?: number;
  probeMs?: number;
}

/** What people see of a client. */
export interface OvsdbStatus {
  connected: boolean;
  /** The server talked to, or the last one tried. */
  remote: string;
  /** Why there is no connection; null while there is one. */
  problem: string | null;
  locked: boolean;
  rows: number;
}

/**
 * A client that stays connected to a database, or comes back to it, and holds its rows. Reconnects with a growing
 * pause, walks through the servers of a cluster, and asks for no more than it missed.
 */
export class OvsdbClient {
  readonly cache = new RowCache();
  readonly #options: OvsdbOptions;
  readonly #remotes: readonly Remote[];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onChange = new Set<(changes: readonly RowChange[]) => void>();
  readonly #onState = new Set<() => void>();
  readonly #closing = new AbortController();
  #session: Session | undefined;
  #lastTransaction: string | null = null;
  #at = 0;
  #locked = false;
  #problem: string | null = 'not connected yet';
  readonly #loop: Promise<void>;

  /** Starts connecting at once. Throws `OvsdbBadRemote`. */
  constructor(options: OvsdbOptions) {
    this.#options = options;
    this.#remotes = parseRemotes(options.remote);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#loop = this.#run();
  }

  status(): OvsdbStatus {
    const connected = this.#session !== undefined;
    const remote = this.#session?.remote ?? this.#remotes[this.#at % this.#remotes.length];
    const problem = connected ? null : this.#problem;
    return { connected, remote: remote?.text ?? '', problem, locked: this.#locked, rows: this.cache.size };
  }

  get connected(): boolean {
    return this.#session !== undefined;
  }

  /** True while this client holds the lock it was told to take. A transaction that must not run without it asserts it. */
  get locked(): boolean {
    return this.#locked;
  }

  /** Calls `fn` with what changed in the cache, in order, after it did. Returns the way out. */
  onChange(fn: (changes: readonly RowChange[]) => void): () => void {
    this.#onChange.add(fn);
    return () => this.#onChange.delete(fn);
  }

  /** Calls `fn` when the client connected, lost its connection, or got or lost its lock. Returns the way out. */
  onState(fn: () => void): () => void {
    this.#onState.add(fn);
    return () => this.#onState.delete(fn);
  }

  /** Resolves once connected, with the rows in the cache. Throws `OvsdbUnreachable` with the last problem. */
  async ready(timeoutMs: number): Promise<void> {
    if (this.#session !== undefined) return;
    await new Promise<void>((resolve, reject) => {
      const done = (settle: () => void) => {
        cancel();
        stop();
        settle();
      };
      const stop = this.onState(() => {
        if (this.#session !== undefined) done(resolve);
      });
      const cancel = this.#clock.after(timeoutMs, () =>
        done(() => reject(errors.OvsdbUnreachable(this.status().remote, this.#problem ?? 'no answer yet'))),
      );
    });
  }

  /**
   * Runs operations as one transaction: all of them or none. By the time it resolves, the cache has what they did.
   * Throws `OvsdbRefused` (its `details.error` is the protocol's word: `timed out` for a wait that did not hold,
   * `not owner` for a lock), `OvsdbUnreachable`, and `OvsdbTimeout` or `OvsdbClosed` when nobody knows the outcome.
   */
  transact(operations: readonly Operation[], timeoutMs = this.#options.callMs ?? 30_000): Promise<OperationResult[]> {
    const session = this.#session;
    if (session === undefined) {
      return Promise.reject(errors.OvsdbUnreachable(this.status().remote, this.#problem ?? 'no connection'));
    }
    return session.transact(operations, timeoutMs);
  }

  /** Ends the connection for good. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#session?.close('closed by us');
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let pause = BACKOFF_MS.first;
    while (!signal.aborted) {
      try {
        const { session, ended } = await this.#open();
        pause = BACKOFF_MS.first;
        this.#session = session;
        this.#options.log?.info(
          { remote: session.remote.text, database: this.#options.database },
          'connected to OVSDB',
        );
        this.#tellState();
        if (signal.aborted) session.close('closed by us');
        this.#lost(await ended);
      } catch (error) {
        this.#lost(error);
      }
      this.#at++;
      // Every server of a cluster is tried before anyone waits.
      if (signal.aborted || this.#at % this.#remotes.length !== 0) continue;
      await this.#clock.sleep(pause * (0.5 + this.#random.next()), signal).catch(() => {});
      pause = Math.min(pause * 2, BACKOFF_MS.most);
    }
  }

  async #open(): Promise<{ session: Session; ended: Promise<IngotError> }> {
    const { tls, lock, database, tables, leaderOnly, connectMs, callMs, probeMs } = this.#options;
    let end: (error: IngotError) => void = () => {};
    const ended = new Promise<IngotError>((resolve) => {
      end = resolve;
    });
    const session = await Session.open(this.#remotes[this.#at % this.#remotes.length] as Remote, {
      clock: this.#clock,
      ...(tls === undefined ? {} : { tls }),
      ...(lock === undefined ? {} : { lock }),
      database,
      tables,
      leaderOnly: leaderOnly ?? true,
      connectMs: connectMs ?? 5_000,
      callMs: callMs ?? 30_000,
      probeMs: probeMs ?? 5_000,
      cache: this.cache,
      lastTransaction: this.#lastTransaction,
      onChanges: (changes, last) => {
        this.#lastTransaction = last;
        if (changes.length > 0) for (const fn of this.#onChange) fn(changes);
      },
      onLock: (held) => {
        this.#locked = held;
        this.#tellState();
      },
      onClose: (error) => end(error),
    });
    return { session, ended };
  }

  #lost(error: unknown): void {
    const news = this.#session !== undefined || this.#problem === 'not connected yet';
    this.#problem = messageOf(error);
    this.#session = undefined;
    this.#locked = false;
    // Something was not understood, so part of it may be missing: take the whole content next time.
    const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined)?.code : undefined;
    if (cause === 'OvsdbGarbage') this.#lastTransaction = null;
    if (!news || this.#closing.signal.aborted) return;
    this.#options.log?.warn({ problem: this.#problem, database: this.#options.database }, 'no connection to OVSDB');
    this.#tellState();
  }

  #tellState(): void {
    for (const fn of this.#onState) fn();
  }
}
