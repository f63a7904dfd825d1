import { defineErrors } from '#kernel/errors';

/** What can go wrong with the database we start ourselves. Each says what to do. */
export const embeddedErrors = defineErrors({
  NoAccount: [
    500,
    (why: string) =>
      `PostgreSQL does not run as root and ${why}. Start as a normal user, or give a database with --database-url`,
  ],
  NoBinaries: [
    500,
    (why: string) =>
      `PostgreSQL cannot be run here: ${why}. Install Debian's (apt-get install postgresql) or give --database-url`,
  ],
  DataVersion: [
    500,
    (dir: string, found: string, usable: string) =>
      `The data in ${dir} belongs to PostgreSQL ${found}, but here is only ${usable}. Install postgresql-${found}, ` +
      'or export with the old program (`ingot db export`) and import into a new data directory',
  ],
  DataUnknown: [
    500,
    (dir: string) =>
      `${dir} is not empty and is not a database of PostgreSQL. Move it away or choose another --data-dir`,
  ],
  DataDirInUse: [
    500,
    (dir: string, who: string) => `${dir} is in use by ${who}. Stop it, or choose another --data-dir`,
  ],
  DataDirUnusable: [
    500,
    (dir: string, why: string) =>
      `The data directory ${dir} cannot be used: ${why}. Make it writable for this user or choose another --data-dir`,
  ],
  InitFailed: [500, (why: string) => `The database could not be created: ${why}`],
  ServerFailed: [500, (why: string, log: string) => `PostgreSQL does not start: ${why} (see ${log})`],
  NotRunning: [503, (dir: string) => `No database runs in ${dir}. Start it with \`ingot up\``],
});
