import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** A statement. Give hot ones a `name`: PostgreSQL then parses and plans it once a connection. */
export interface Statement {
  name?: string;
  text: string;
  values?: readonly unknown[];
}

/** What reads rows: the pool, or one transaction. */
export interface Reader {
  /** Runs one statement and gives its rows. Throws StoreErrors: `DatabaseUnavailable` (503), `Conflict`… */
  query<R = Record<string, unknown>>(statement: Statement): Promise<R[]>;
  /** The typed query builder on the same connection(s). For everything that is not a hot path. */
  readonly db: Kysely<Tables>;
}

/** One transaction on one connection. Must not outlive the callback it was given to. */
export interface Tx extends Reader {
  /**
   * Runs the last statement of the transaction and commits in the same round trip. Nothing can be asked after it; what
   * is thrown after it undoes nothing.
   */
  last<R = Record<string, unknown>>(statement: Statement): Promise<R[]>;
  /** Remembers that `id` of `topic` changed; told to all processes after the commit (never inside it). */
  changed(topic: string, id: string): void;
  /** Runs after a successful commit, in order. Errors are logged, not thrown. */
  afterCommit(fn: () => void): void;
  /** The raw client for the workflow engine's enqueue: a plain `{ query }` object. */
  readonly client: { query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }> };
}

/** One change. Carries no data: whoever hears it reads the truth again. */
export interface Change {
  topic: string;
  /** The row's id; '*' means anything of the topic may have changed (after a lost connection): rescan. */
  id: string;
}

export interface ChangeFeed {
  /** Calls `fn` for each change of `topic` ('*' = all) in this or any other process. Returns the way out. */
  subscribe(topic: string, fn: (change: Change) => void): () => void;
  /** Resolves once changes of other processes are heard. `subscribe` starts that; only tests need to wait. */
  listening(): Promise<void>;
  /**
   * Tells that rows changed by a single statement outside a transaction (`store.query`), after it succeeded.
   * In a transaction use `tx.changed`.
   */
  announce(topic: string, ...ids: string[]): void;
}

export interface Store extends Reader {
  /**
   * Runs `fn` in a transaction (read committed). Commits when it resolves, rolls back when it throws.
   * Serialization failures and deadlocks are retried up to three times, so `fn` must have no outside effects.
   */
  tx<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  readonly changes: ChangeFeed;
  /** The URL engines of ours (DBOS) connect to, without secrets in logs. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Seals secrets for the database: AES-256-GCM, key from a file outside the database. `aad` binds the text to
 * its place (`node:<uuid>:driver_info`), so that a sealed value moved to another row does not open.
 */
export interface Sealer {
  /** Gives `v1.<key id>.<iv>.<ciphertext+tag>` in base64url. */
  seal(value: unknown, aad: string): string;
  /** Throws `KeyMissing` (names the key id) or `SealBroken`. */
  open<T>(sealed: string, aad: string): T;
}
