import type { Kysely } from 'kysely';
import { type Clock, systemClock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import { type Random, systemRandom } from '#kernel/random';
import { type Feed, makeFeed } from './changes.ts';
import type { ChangeFeed, Statement, Store, Tx } from './contract.ts';
import { joinEmbedded } from './embedded/attach.ts';
import { type EmbeddedServer, openEmbedded } from './embedded/server.ts';
import type { Settings } from './embedded/settings.ts';
import { type Listener, makeListener } from './listen.ts';
import { silentLog, type StoreLog } from './log.ts';
import { defaultMigrationsDir, migrate, readMigrations } from './migrate.ts';
import { checkUrl, type Deadlines, defaultDeadlines, describeUrl, makePool, type Pool } from './pool.ts';
import type { Tables } from './tables.ts';
import { runTx } from './tx.ts';

export interface StoreOptions {
  /** An external PostgreSQL, 15 or newer. Without it one is run in `<dataDir>/pg`. */
  databaseUrl?: string;
  /** Needed without `databaseUrl`. */
  dataDir?: string;
  /**
   * 'own' (default): this process runs the embedded server, and is the only one that does. 'join': use the
   * server another process runs on the data directory, and leave it running.
   */
  server?: 'own' | 'join';
  /** Default: beside this module, or beside the bundle. */
  migrationsDir?: string;
  /** 'apply' (default) brings the database up to date; 'check' refuses one that is not; 'skip' does not look. */
  migrate?: 'apply' | 'check' | 'skip';
  /** Pooled connections; one more listens. Default 10 (of the product's 14). */
  maxConnections?: number;
  deadlines?: Partial<Deadlines>;
  /** Settings of the embedded server over ours. */
  settings?: Settings;
  /** Shown in pg_stat_activity. Default 'ingot'. */
  name?: string;
  log?: StoreLog;
  clock?: Clock;
  random?: Random;
}

/** A store with what the composition root and `operate` want to know of it. */
export interface OpenStore extends Store {
  /** The server we run; undefined when the database is external. */
  readonly embedded: EmbeddedServer | undefined;
  /** Names of the migrations this start applied. */
  readonly applied: readonly string[];
  /** Names of all migrations the database has. */
  readonly level: readonly string[];
  /** Pooled connections open and idle, and callers waiting for one. */
  counts(): { open: number; idle: number; waiting: number };
}

/**
 * Opens the database: starts or adopts the embedded server (or takes `databaseUrl`), migrates, and gives the
 * store. Throws errors with a sentence that says what to do (errors.ts, embedded/errors.ts, migrate.ts).
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLog;
  const deadlines = { ...defaultDeadlines, ...options.deadlines };
  const embedded = await openServer(options, clock, log);
  try {
    const url = embedded?.url ?? options.databaseUrl ?? '';
    checkUrl(url);
    const migrations = await readMigrations(options.migrationsDir ?? defaultMigrationsDir());
    const mode = options.migrate ?? 'apply';
    const done =
      mode === 'skip'
        ? { applied: [], level: migrations.map((m) => m.name) }
        : await migrate(url, migrations, deadlines, mode === 'apply').catch((error) => {
            throw named(error, url);
          });
    const pool = makePool({
      url,
      name: options.name ?? 'ingot',
      max: options.maxConnections ?? 10,
      deadlines,
      log,
      problem: () => embedded?.problem(),
    });
    return new PostgresStore({
      url,
      embedded,
      pool,
      deadlines,
      clock,
      log,
      random: options.random ?? systemRandom,
      ...done,
    });
  } catch (error) {
    await embedded?.close();
    throw error;
  }
}

async function openServer(options: StoreOptions, clock: Clock, log: StoreLog): Promise<EmbeddedServer | undefined> {
  if (options.databaseUrl !== undefined) return undefined;
  if (options.dataDir === undefined) throw new Error('openStore needs a databaseUrl or a dataDir');
  if (options.server === 'join') return joinEmbedded(options.dataDir, clock);
  return openEmbedded({
    dataDir: options.dataDir,
    clock,
    log,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
}

/** At the start people want to know which database it is that does not answer. */
function named(error: unknown, url: string): unknown {
  if (!(error instanceof IngotError) || !/^Database(Unavailable|Refused)$/.test(error.code)) return error;
  const said = error.message.replace('The database ', `The database ${describeUrl(url)} `);
  return new IngotError(error.code, error.status, said, { cause: error, retryAfter: 1 });
}

interface StoreParts {
  url: string;
  embedded: EmbeddedServer | undefined;
  pool: Pool;
  deadlines: Deadlines;
  clock: Clock;
  random: Random;
  log: StoreLog;
  applied: readonly string[];
  level: readonly string[];
}

class PostgresStore implements OpenStore {
  readonly changes: ChangeFeed;
  readonly #parts: StoreParts;
  readonly #feed: Feed;
  readonly #listener: Listener;
  #closed: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    const { clock, log } = parts;
    this.#feed = makeFeed(clock, log, (payloads) => this.#listener.send(payloads));
    this.#listener = makeListener(parts.url, parts.deadlines, clock, log, {
      payload: (text) => this.#feed.receive(text),
      connected: () => this.#feed.reconnected(),
    });
    this.changes = {
      subscribe: (topic, fn) => {
        void this.#listener.start();
        return this.#feed.subscribe(topic, fn);
      },
      listening: () => this.#listener.start(),
      announce: (topic, ...ids) => this.#feed.announce(ids.map((id) => ({ topic, id }))),
    };
  }

  get url(): string {
    return this.#parts.url;
  }

  get db(): Kysely<Tables> {
    return this.#parts.pool.db;
  }

  get embedded(): EmbeddedServer | undefined {
    return this.#parts.embedded;
  }

  get applied(): readonly string[] {
    return this.#parts.applied;
  }

  get level(): readonly string[] {
    return this.#parts.level;
  }

  counts(): { open: number; idle: number; waiting: number } {
    return this.#parts.pool.counts();
  }

  query<R = Record<string, unknown>>(statement: Statement): Promise<R[]> {
    return this.#parts.pool.query<R>(statement);
  }

  tx<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    return runTx({ ...this.#parts, announce: (changes) => this.#feed.announce(changes) }, fn);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { clock, pool, embedded } = this.#parts;
    await atMost(clock, 500, this.#feed.flush());
    await this.#listener.close();
    // Callers are expected to be done; one that hangs must not keep the program from ending.
    await atMost(clock, 5_000, pool.end());
    await embedded?.close();
  }
}

/** Waits for `work`, but no longer than `ms`. */
function atMost(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, resolve);
    work.then(resolve, reject).finally(cancel);
  });
}
