import pg from 'pg';
import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import type { Random } from '#kernel/random';
import type { Change, Statement, Tx } from './contract.ts';
import { breaksConnection, errors, isRetryable, pgCode, toStoreError } from './errors.ts';
import type { StoreLog } from './log.ts';
import { kyselyInside, type Pool } from './pool.ts';
import type { Tables } from './tables.ts';
import type { Kysely } from 'kysely';

const RETRIES = 3;

export interface TxParts {
  pool: Pool;
  clock: Clock;
  random: Random;
  log: StoreLog;
  /** Tells the changes of a transaction that committed, or that may have. */
  announce(changes: Iterable<Change>): void;
}

/** Runs `fn` in a transaction; see `Store.tx`. */
export async function runTx<T>(parts: TxParts, fn: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptTx(parts, fn);
    } catch (error) {
      if (attempt >= RETRIES || !(isRetryable(error) || isStalePlan(error))) throw toStoreError(error);
      await parts.clock.sleep(5 * 2 ** attempt * (0.5 + parts.random.next()));
    }
  }
}

/** A prepared statement planned before a table changed its shape; the whole transaction may run again. */
function isStalePlan(error: unknown): boolean {
  return pgCode(error) === '0A000' && String((error as Error).message).includes('cached plan');
}

async function attemptTx<T>(parts: TxParts, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await parts.pool.connect();
  const changes = new Map<string, Set<string>>();
  const after: (() => void)[] = [];
  let open = true;
  let broken = false;
  const send = async <R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>> => {
    if (!open) throw errors.QueryFailed('this transaction has ended');
    try {
      return await client.query<R>(config);
    } catch (error) {
      broken ||= breaksConnection(error) || isStalePlan(error);
      throw error;
    }
  };
  const mapped = async <R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>> => {
    try {
      return await send<R>(config);
    } catch (error) {
      throw toStoreError(error);
    }
  };
  let db: Kysely<Tables> | undefined;
  const tx: Tx = {
    query: async <R>(statement: Statement) =>
      (await mapped<pg.QueryResultRow>(statement as pg.QueryConfig)).rows as R[],
    get db() {
      db ??= kyselyInside({ query: (text, values) => mapped({ text, values: values ?? [] }) });
      return db;
    },
    changed(topic, id) {
      const ids = changes.get(topic);
      if (ids) ids.add(id);
      else changes.set(topic, new Set([id]));
    },
    afterCommit: (run) => after.push(run),
    // The engine expects the driver's own parsers and its own errors.
    client: {
      query: (text, values) => send({ text, values: values ?? [], types: pg.types as pg.CustomTypesConfig }),
    },
  };
  let result: T;
  try {
    await send({ text: 'begin' });
    result = await fn(tx);
  } catch (error) {
    open = false;
    if (!broken) await client.query('rollback').catch(() => (broken = true));
    client.release(broken);
    throw error;
  }
  try {
    const ended = await send({ text: 'commit' });
    // A statement failed and `fn` swallowed it: PostgreSQL answers COMMIT with a rollback.
    if (ended.command === 'ROLLBACK') throw errors.QueryFailed('a statement failed and its error was ignored');
  } catch (error) {
    open = false;
    client.release(broken);
    if (broken) {
      // The commit may have happened. Say so, and let readers look: telling too much harms nobody.
      parts.announce(flat(changes));
      const why = 'the connection was lost during the commit';
      throw errors.DatabaseUnavailable(why, { cause: error, retryAfter: 1, details: { outcome: 'unknown' } });
    }
    throw error;
  }
  open = false;
  client.release();
  parts.announce(flat(changes));
  for (const run of after) {
    try {
      run();
    } catch (error) {
      const code = error instanceof IngotError ? error.code : undefined;
      parts.log.error({ error: String(error), code }, 'something that runs after a commit failed');
    }
  }
  return result;
}

function* flat(changes: Map<string, Set<string>>): Iterable<Change> {
  for (const [topic, ids] of changes) for (const id of ids) yield { topic, id };
}
