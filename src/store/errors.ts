import { defineErrors, IngotError, messageOf } from '#kernel/errors';

/** The room's table of errors. `DatabaseUnavailable` and `DatabaseBusy` are worth trying again. */
export const errors = defineErrors({
  DatabaseUnavailable: [503, (why: string) => `The database is not available: ${why}`],
  DatabaseBusy: [503, (why: string) => `The database is too busy: ${why}`],
  DatabaseFull: [
    503,
    (said: string) => `The database has no room left (${said}). Free disk space on its host; nothing is lost`,
  ],
  DatabaseReadOnly: [
    503,
    () => 'The database takes no writes: it is a standby or was made read-only. Connect to the primary',
  ],
  DatabaseRefused: [
    503,
    (said: string) => `The database refuses us: ${said}. Check user, password and database name of the URL`,
  ],
  Conflict: [409, (what: string) => `It collides with what is there already (${what})`],
  StillReferenced: [409, (what: string) => `Something else refers to it, or what it refers to is gone (${what})`],
  BadValue: [400, (said: string) => `The database cannot hold a value: ${said}`],
  QueryFailed: [500, (said: string) => `A database statement failed: ${said}`],
  BadDatabaseUrl: [
    500,
    (why: string) =>
      `The database URL is not usable: ${why}. Its form is postgresql://user:password@host:5432/database`,
  ],
  DatabaseTooOld: [500, (found: string) => `PostgreSQL ${found} is too old: version 15 or newer is needed`],
  DatabaseEncoding: [
    500,
    (found: string) => `The database has the encoding ${found}. Create one with: create database … encoding 'UTF8'`,
  ],
  StoreClosed: [503, () => 'The database connection is closed: the program is stopping'],
});

/** What PostgreSQL and its driver put on their errors. */
interface PgFields {
  code?: string;
  syscall?: string;
  constraint?: string;
  table?: string;
  column?: string;
}

const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'its socket is not there',
  // A unix socket whose queue is full: the server is there and takes nobody in.
  EAGAIN: 'it takes no connections now',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  ETIMEDOUT: 'it did not answer in time',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ENOTFOUND: 'its host name does not resolve',
  EAI_AGAIN: 'its host name does not resolve now',
  EACCES: 'its socket may not be opened by this user',
};

/** Messages of the driver that carry no code: all mean that the connection or its deadline is gone. */
const DRIVER =
  /^(Connection terminated|Query read timeout|timeout expired|timeout exceeded|Client (was closed|has enc))/;

/** True when the same transaction, run again, may succeed: it lost against another and did nothing. */
export function isRetryable(error: unknown): boolean {
  const code = pgCode(error);
  return code === '40001' || code === '40P01';
}

/** The SQLSTATE of an error of the driver, or of the one below an error of ours. */
export function pgCode(error: unknown): string | undefined {
  const { code: own, syscall } = (error ?? {}) as PgFields;
  // EPIPE has five letters as well, but comes from a system call.
  if (syscall === undefined && typeof own === 'string' && /^[0-9A-Z]{5}$/.test(own) && !(error instanceof IngotError)) {
    return own;
  }
  return error instanceof IngotError && error.cause !== undefined ? pgCode(error.cause) : undefined;
}

/** A prepared statement planned before a table changed its shape; the whole transaction may run again. */
export const isStalePlan = (error: unknown): boolean =>
  pgCode(error) === '0A000' && String((error as Error).message).includes('cached plan');

/** True when the connection that gave this error must not be used again. */
export function breaksConnection(error: unknown): boolean {
  const code = pgCode(error);
  if (code !== undefined) return /^(08|57P)/.test(code) || code === '25P03' || code === '25P04';
  return unreachable(error) !== undefined || DRIVER.test(messageOf(error));
}

/** Why the server could not be reached; undefined when the error says something else. */
function unreachable(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as PgFields;
  // Files have ENOENT and EACCES as well: those are not about the connection.
  if ((code === 'ENOENT' || code === 'EACCES') && syscall !== 'connect') return undefined;
  return code === undefined ? undefined : UNREACHABLE[code];
}

/**
 * Turns what the driver throws into an error of the table above; errors of ours pass unchanged.
 * Values of the statement never get into the message: only names of constraints, tables and columns do.
 */
export function toStoreError(error: unknown): unknown {
  if (error instanceof IngotError) return error;
  const fields = error as PgFields;
  const said = messageOf(error);
  const state = pgCode(error);
  if (state !== undefined) return fromState(state, fields, said, error);
  const away = unreachable(error);
  if (away !== undefined) return errors.DatabaseUnavailable(away, { cause: error, retryAfter: 1 });
  if (fields?.code === 'ENOSPC') return errors.DatabaseFull(said, { cause: error, retryAfter: 5 });
  if (said.startsWith('Cannot use a pool after calling end'))
    return errors.StoreClosed({ cause: error, retryAfter: 1 });
  if (said.startsWith('timeout exceeded')) {
    return errors.DatabaseUnavailable('no connection became free in time', { cause: error, retryAfter: 1 });
  }
  if (said.startsWith('Query read timeout')) {
    return errors.DatabaseUnavailable('it did not answer in time', { cause: error, retryAfter: 1 });
  }
  if (DRIVER.test(said)) return errors.DatabaseUnavailable('the connection was lost', { cause: error, retryAfter: 1 });
  return error;
}

function fromState(state: string, fields: PgFields, said: string, cause: unknown): IngotError {
  const soon = { cause, retryAfter: 1 };
  const where = fields.constraint ?? fields.table ?? state;
  const details: Record<string, unknown> = { sqlstate: state };
  for (const key of ['constraint', 'table', 'column'] as const) {
    if (fields[key] !== undefined) details[key] = fields[key];
  }
  switch (state) {
    case '23505':
    case '23P01':
      return errors.Conflict(where, { cause, details });
    case '23503':
    case '23001':
      return errors.StillReferenced(where, { cause, details });
    case '23502':
    case '23514':
      return errors.BadValue(fields.constraint ?? fields.column ?? said, { cause, details });
    case '40001':
    case '40P01':
      return errors.DatabaseBusy('the same rows are being changed by others', soon);
    case '55P03':
      return errors.DatabaseBusy('a lock was not given in time', soon);
    case '57014':
      return errors.DatabaseBusy('a statement took too long and was cancelled', soon);
    case '53100':
      return errors.DatabaseFull(said, { cause, retryAfter: 5 });
    case '53200':
      return errors.DatabaseBusy('it is out of memory', soon);
    case '53300':
      return errors.DatabaseBusy('it has no connection left for us', soon);
    case '25006':
      return errors.DatabaseReadOnly(soon);
    case '57P01':
    case '57P02':
      return errors.DatabaseUnavailable('it is shutting down', soon);
    case '57P03':
      return errors.DatabaseUnavailable('it is starting up', soon);
    case '25P03':
    case '25P04':
    case '57P05':
      return errors.DatabaseUnavailable('the session was idle too long', soon);
    case '58030':
      return errors.DatabaseUnavailable(`it cannot use its disk (${said})`, soon);
    case '28000':
    case '28P01':
    case '3D000':
      return errors.DatabaseRefused(said, soon);
    default:
  }
  if (state.startsWith('08')) return errors.DatabaseUnavailable('the connection was lost', soon);
  if (state.startsWith('22')) return errors.BadValue(said.split('\n')[0] ?? state, { cause, details });
  return errors.QueryFailed(said, { cause, details });
}
