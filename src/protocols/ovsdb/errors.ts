import { defineErrors } from '#kernel/errors';

/** What can go wrong between us and an OVSDB server. */
export const errors = defineErrors({
  OvsdbBadRemote: [
    400,
    (remote: string) => `"${remote}" is no OVSDB remote; say tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH`,
  ],
  OvsdbUnreachable: [503, (remote: string, why: string) => `the OVSDB server at ${remote} cannot be reached: ${why}`],
  OvsdbClosed: [503, (remote: string, why: string) => `the connection to the OVSDB server at ${remote} ended: ${why}`],
  /** The outcome of a transaction is then unknown. */
  OvsdbTimeout: [
    504,
    (remote: string, what: string, ms: number) => `the OVSDB server at ${remote} did not answer ${what} in ${ms} ms`,
  ],
  OvsdbGarbage: [502, (why: string) => `the OVSDB server sent what is not OVSDB: ${why}`],
  OvsdbRefused: [
    502,
    (what: string, error: string, details: string) =>
      `OVSDB refused ${what}: ${error}${details === '' ? '' : `: ${details}`}`,
  ],
  OvsdbNoColumn: [500, (table: string, column: string) => `the database has no column ${table}.${column}`],
  OvsdbBadValue: [500, (where: string, why: string) => `${where}: ${why}`],
});
