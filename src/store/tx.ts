import pg from 'pg';
import type { Clock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import type { Random } from '#kernel/random';
import type { Change, Statement, Tx } from './contract.ts';
import { errors, isRetryable, isStalePlan, toStoreError } from './errors.ts';
import type { StoreLog } from './log.ts';
import { kyselyInside, type Pool } from './pool.ts';
import { TxConnection } from './tx-connection.ts';
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
    const connection = new TxConnection(await parts.pool.connect());
    try {
      return await attemptTx(parts, connection, fn);
    } catch (error) {
      const again = connection.outcome === 'nothing' && (isRetryable(error) || isStalePlan(error));
      if (attempt >= RETRIES || !again) throw toStoreError(error);
      await parts.clock.sleep(5 * 2 ** attempt * (0.5 + parts.random.next()));
    }
  }
}

async function attemptTx<T>(
  parts: TxParts,
  connection: TxConnection<pg.PoolClient>,
  fn: (tx: Tx) => Promise<T>,
): Promise<T> {
  const changes = new Map<string, Set<string>>();
  const after: (() => void)[] = [];
  const mapped = async <R extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<R>> => {
    try {
      return await connection.query<R>(config);
    } catch (error) {
      throw toStoreError(error);
    }
  };
  let db: Kysely<Tables> | undefined;
  const tx: Tx = {
    query: async <R>(statement: Statement) =>
      (await mapped<pg.QueryResultRow>(statement as pg.QueryConfig)).rows as R[],
    last: async <R>(statement: Statement) => {
      try {
        return (await connection.last<pg.QueryResultRow>(statement as pg.QueryConfig)).rows as R[];
      } catch (error) {
        throw toStoreError(error);
      }
    },
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
      query: (text, values) =>
        connection.query({ text, values: values ?? [], types: pg.types as pg.CustomTypesConfig }),
    },
  };
  try {
    const result = await fn(tx);
    await connection.commit();
    return result;
  } catch (error) {
    await connection.rollback();
    if (connection.outcome !== 'unknown') throw error;
    // The commit may have happened. Say so, and let readers look: telling too much harms nobody.
    const why = 'the connection was lost during the commit';
    throw errors.DatabaseUnavailable(why, { cause: error, retryAfter: 1, details: { outcome: 'unknown' } });
  } finally {
    connection.client.release(connection.broken);
    if (connection.outcome !== 'nothing') parts.announce(flat(changes));
    if (connection.outcome === 'committed') runAll(parts, after);
  }
}

function runAll({ log }: TxParts, after: readonly (() => void)[]): void {
  for (const run of after) {
    try {
      run();
    } catch (error) {
      const code = error instanceof IngotError ? error.code : undefined;
      log.error({ error: String(error), code }, 'something that runs after a commit failed');
    }
  }
}

function* flat(changes: Map<string, Set<string>>): Iterable<Change> {
  for (const [topic, ids] of changes) for (const id of ids) yield { topic, id };
}
