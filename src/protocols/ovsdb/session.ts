import type { IngotError } from '#kernel/errors';
import { RowCache, type RowChange, type Wanted } from './cache.ts';
import { Connection, type ConnectionOptions, refusal } from './connection.ts';
import { errors } from './errors.ts';
import { encodeOperation, type Operation, type OperationResult } from './operations.ts';
import type { Remote } from './remote.ts';
import { type DatabaseSchema, parseSchema } from './schema.ts';

/** What a session is asked to hold. */
export interface SessionOptions extends Omit<ConnectionOptions, 'onNotification'> {
  database: string;
  tables: Wanted;
  /** Only talk to the leader of a cluster. */
  leaderOnly: boolean;
  /** A lock to wait for. */
  lock?: string;
  callMs: number;
  cache: RowCache;
  /** Where the cache stands: the last transaction of a cluster's log it has seen. */
  lastTransaction: string | null;
  onChanges(changes: RowChange[], lastTransaction: string | null): void;
  onLock(held: boolean): void;
}

const ZERO = '00000000-0000-0000-0000-000000000000';
const SERVER: Wanted = { Database: ['name', 'model', 'connected', 'leader', 'cid'] };

/** One connection that has a schema, the database's rows in the cache, and follows them. */
export class Session {
  readonly schema: DatabaseSchema;
  readonly #connection: Connection;
  readonly #options: SessionOptions;

  private constructor(schema: DatabaseSchema, connection: Connection, options: SessionOptions) {
    this.schema = schema;
    this.#connection = connection;
    this.#options = options;
  }

  /**
   * Connects, makes sure that the server may be talked to, and fills the cache. Throws `OvsdbUnreachable` (also when
   * the server is no leader), `OvsdbTimeout`, `OvsdbRefused`, `OvsdbGarbage`, `OvsdbNoColumn`.
   */
  static async open(remote: Remote, options: SessionOptions): Promise<Session> {
    const server = new RowCache();
    let follow: ((method: string, params: unknown[]) => void) | undefined;
    const early: [string, unknown[]][] = [];
    const connection = await Connection.open(remote, {
      ...options,
      onNotification: (method, params) =>
        follow === undefined ? early.push([method, params]) : follow(method, params),
    });
    try {
      const problem = await lookAtServer(connection, server, options);
      if (problem !== null) throw errors.OvsdbUnreachable(remote.text, problem);
      const { database, callMs } = options;
      const schema = parseSchema(await connection.call('get_schema', [database], callMs, `the schema of ${database}`));
      options.cache.shape(schema, options.tables);
      await fill(connection, options);
      const session = new Session(schema, connection, options);
      follow = (method, params) => session.#notified(method, params, server);
      for (const [method, params] of early.splice(0)) follow(method, params);
      if (options.lock !== undefined) {
        const answer = (await connection.call('lock', [options.lock], callMs)) as { locked?: unknown };
        if (answer.locked === true) options.onLock(true);
      }
      return session;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get remote(): Remote {
    return this.#connection.remote;
  }

  /** Runs operations as one transaction; see `OvsdbClient.transact`. */
  async transact(operations: readonly Operation[], timeoutMs: number): Promise<OperationResult[]> {
    const encoded = operations.map((operation) => encodeOperation(this.schema, operation));
    const what = `a transaction of ${operations.length} operations`;
    const params = [this.#options.database, ...encoded];
    const results = (await this.#connection.call('transact', params, timeoutMs, what)) as unknown[];
    for (const [i, result] of results.entries()) {
      const error = (result as { error?: unknown } | null)?.error;
      if (error === undefined) continue;
      const failed = operations[i];
      throw refusal(failed === undefined ? what : nameOf(failed), result);
    }
    return results.map((result) => readResult(result as Record<string, unknown> | null));
  }

  close(why: string): void {
    this.#connection.close(why);
  }

  #notified(method: string, params: unknown[], server: RowCache): void {
    const { lock, database, leaderOnly } = this.#options;
    const mine = params[0];
    switch (method) {
      case 'update3':
      case 'update2': {
        const since = method === 'update3';
        const updates = params[since ? 2 : 1];
        if (mine === 'server') {
          server.apply(updates);
          const problem = problemOf(server, database, leaderOnly);
          if (problem !== null) this.#connection.close(problem);
          return;
        }
        this.#options.onChanges(this.#options.cache.apply(updates), since ? String(params[1]) : null);
        return;
      }
      case 'locked':
      case 'stolen':
        if (mine === lock) this.#options.onLock(method === 'locked');
        return;
    }
  }
}

const nameOf = (operation: Operation): string =>
  'table' in operation ? `${operation.op} in ${operation.table}` : operation.op;

function readResult(result: Record<string, unknown> | null): OperationResult {
  const uuid = (result?.['uuid'] as unknown[] | undefined)?.[1];
  const { count, rows } = result ?? {};
  return {
    ...(typeof uuid === 'string' && { uuid }),
    ...(typeof count === 'number' && { count }),
    ...(Array.isArray(rows) && { rows: rows as Record<string, unknown>[] }),
  };
}

/** Follows `_Server`; gives why this server is not to be talked to, null when it is. */
async function lookAtServer(connection: Connection, server: RowCache, options: SessionOptions): Promise<string | null> {
  const { callMs, database, leaderOnly } = options;
  try {
    server.shape(parseSchema(await connection.call('get_schema', ['_Server'], callMs)), SERVER);
  } catch (error) {
    // Servers before 2.9 have no `_Server`, and no clusters.
    if ((error as IngotError).code === 'OvsdbRefused') return null;
    throw error;
  }
  const requests = { Database: [{ columns: SERVER['Database'] }] };
  server.replace(await connection.call('monitor_cond', ['_Server', 'server', requests], callMs));
  return problemOf(server, database, leaderOnly);
}

function problemOf(server: RowCache, database: string, leaderOnly: boolean): string | null {
  for (const row of server.table('Database').values()) {
    if (row['name'] !== database) continue;
    if (row['model'] !== 'clustered') return null;
    if (row['connected'] !== true) return 'it has lost its cluster';
    return leaderOnly && row['leader'] !== true ? 'it is not the leader of its cluster' : null;
  }
  return `it has no database ${database}`;
}

/** Asks for the rows, or for what changed since the cache was last right. */
async function fill(connection: Connection, options: SessionOptions): Promise<void> {
  const { database, tables, callMs, cache } = options;
  const requests = Object.fromEntries(Object.entries(tables).map(([table, columns]) => [table, [{ columns }]]));
  const what = `the rows of ${database}`;
  try {
    const params = [database, 'rows', requests, options.lastTransaction ?? ZERO];
    const answer = await connection.call('monitor_cond_since', params, callMs, what);
    if (!Array.isArray(answer) || answer.length !== 3) throw errors.OvsdbGarbage('an answer to monitor_cond_since');
    const [found, last, updates] = answer as unknown[];
    options.onChanges(found === true ? cache.apply(updates) : cache.replace(updates), String(last));
  } catch (error) {
    if ((error as IngotError).details?.['error'] !== 'unknown method') throw error;
    options.onChanges(
      cache.replace(await connection.call('monitor_cond', [database, 'rows', requests], callMs, what)),
      null,
    );
  }
}
