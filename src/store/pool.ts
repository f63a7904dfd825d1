import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Statement } from './contract.ts';
import { breaksConnection, errors, pgCode, toStoreError } from './errors.ts';
import type { StoreLog } from './log.ts';
import { storeTypes } from './parsers.ts';
import type { Tables } from './tables.ts';

/** Time limits of the store, in milliseconds. */
export interface Deadlines {
  /** PostgreSQL cancels a statement after this. */
  statement: number;
  /** We give up on an answer after this; must be more than `statement`, it is for a server that is silent. */
  answer: number;
  /** A free connection, or a new one, must be had within this. */
  connect: number;
  /** PostgreSQL ends a session that sits in a transaction without saying anything for this long. */
  idleInTransaction: number;
}

export const defaultDeadlines: Deadlines = {
  statement: 8_000,
  answer: 10_000,
  connect: 3_000,
  idleInTransaction: 30_000,
};

/** What our parsers and texts rely on, whatever the server's or the role's defaults are. */
const SESSION = '-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c standard_conforming_strings=on';

/** Settings of one connection of ours, pooled or not. The URL may hold a password: never log it. */
export function clientConfig(url: string, name: string, deadlines: Deadlines): pg.ClientConfig {
  const merged = new URL(url);
  // What stands in the URL wins in the driver, so ours must be put there, after the operator's.
  const theirs = merged.searchParams.get('options');
  merged.searchParams.set('options', theirs === null ? SESSION : `${theirs} ${SESSION}`);
  return {
    connectionString: merged.href,
    application_name: name,
    types: storeTypes,
    keepAlive: true,
    connectionTimeoutMillis: deadlines.connect,
    query_timeout: deadlines.answer,
    statement_timeout: deadlines.statement,
    idle_in_transaction_session_timeout: deadlines.idleInTransaction,
  };
}

/** Throws `BadDatabaseUrl`, which never shows the password. */
export function checkUrl(url: string): void {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw errors.BadDatabaseUrl('it is no URL (characters such as @ / : in a password are written %40 %2F %3A)');
  }
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) throw errors.BadDatabaseUrl(`it begins with ${parsed.protocol}`);
  if (parsed.pathname.length < 2) throw errors.BadDatabaseUrl('it names no database');
}

/** Host, port and database of a URL, for messages. */
export function describeUrl(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  return `${searchParams.get('host') ?? hostname}${port === '' ? '' : `:${port}`}${pathname}`;
}

/** The connections of the store. */
export interface Pool {
  query<R>(statement: Statement): Promise<R[]>;
  connect(): Promise<pg.PoolClient>;
  readonly db: Kysely<Tables>;
  /** Connections open, and callers waiting for one. */
  counts(): { open: number; idle: number; waiting: number };
  end(): Promise<void>;
}

/** PostgreSQL's word for: the plan of a prepared statement is older than the table. Nothing ran. */
const STALE_PLAN = '0A000';

export interface PoolOptions {
  url: string;
  name: string;
  max: number;
  deadlines: Deadlines;
  log: StoreLog;
  /** Why the server we run ourselves does not run now. */
  problem(): string | undefined;
}

/** Opens no connection yet: they come as they are needed, up to `max`. */
export function makePool({ url, name, max, deadlines, log, problem }: PoolOptions): Pool {
  const pool = new pg.Pool({ ...clientConfig(url, name, deadlines), max, min: 0, idleTimeoutMillis: 60_000 });
  // Without a listener an idle connection that the server closes would end the process.
  let ending = false;
  pool.on('error', (error) => {
    if (!ending) log.warn({ error: error.message }, 'an idle database connection was lost');
  });
  pool.on('connect', (client) => client.on('error', () => {}));

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      if (problem()?.includes('No space left')) {
        throw errors.DatabaseFull('it cannot even start', { cause: error, retryAfter: 5 });
      }
      throw toStoreError(error);
    }
  };
  const once = async <R>(statement: Statement): Promise<R[]> => {
    const client = await connect();
    let broken = true;
    try {
      const result = await client.query(statement as pg.QueryConfig);
      broken = false;
      return result.rows as R[];
    } catch (error) {
      broken = breaksConnection(error) || pgCode(error) === STALE_PLAN;
      throw error;
    } finally {
      client.release(broken);
    }
  };
  const query = async <R>(statement: Statement): Promise<R[]> => {
    try {
      return await once<R>(statement);
    } catch (error) {
      if (pgCode(error) === STALE_PLAN && statement.name !== undefined) {
        return await once<R>(statement).catch((again) => {
          throw toStoreError(again);
        });
      }
      throw toStoreError(error);
    }
  };
  const db = kyselyOn(async () => {
    const client = await connect();
    let broken = false;
    return {
      query: async (text, values) => {
        try {
          return await client.query(text, values as unknown[]);
        } catch (error) {
          broken ||= breaksConnection(error) || pgCode(error) === STALE_PLAN;
          throw toStoreError(error);
        }
      },
      release: () => client.release(broken),
    };
  });
  return {
    query,
    connect,
    db,
    counts: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    end: () => {
      ending = true;
      return pool.end();
    },
  };
}

/** What Kysely needs of a connection. */
export interface KyselyClient {
  query(text: string, values: readonly unknown[]): Promise<pg.QueryResult>;
  release(): void;
}

/** Kysely on connections of ours. Cheap (some microseconds), so that every transaction may have its own. */
export function kyselyOn(connect: () => Promise<KyselyClient>): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: { connect: connect as never, end: async () => {} } }),
  });
}

/** A Kysely that speaks through `client` and must not begin or end transactions itself. */
export function kyselyInside(client: { query(text: string, values?: unknown[]): Promise<unknown> }): Kysely<Tables> {
  const shim: KyselyClient = {
    query: (text, values) => {
      if (/^\s*(begin|start\s+transaction|commit|end|abort|rollback\s*;?\s*$)/i.test(text)) {
        throw errors.QueryFailed('a transaction is open already: use the one you were given');
      }
      return client.query(text, values as unknown[]) as Promise<pg.QueryResult>;
    },
    release: () => {},
  };
  return kyselyOn(async () => shim);
}
