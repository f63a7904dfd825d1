import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { defineErrors, messageOf } from '#kernel/errors';
import { errors, pgCode, toStoreError } from './errors.ts';
import { clientConfig, type Deadlines } from './pool.ts';

export const migrationErrors = defineErrors({
  MigrationChanged: [
    500,
    (file: string) => `The migration ${file} was changed after it was applied to this database. Restore the file`,
  ],
  MigrationFailed: [500, (file: string, why: string) => `The migration ${file} failed: ${why}. Nothing of it was kept`],
  MigrationNames: [500, (what: string) => `The folder of migrations is not right: ${what}`],
  DatabaseNewer: [
    500,
    (file: string) => `The database is newer than this program: it has ${file}. Use the newer program`,
  ],
  DatabaseOlder: [500, (n: number) => `The database lacks ${n} migration(s). Run \`ingot db migrate\``],
});

/** One file of the folder. */
export interface Migration {
  /** `0010_nodes`: number and name, the order is that of the text. */
  name: string;
  sql: string;
  /** SHA-256 of the text. */
  checksum: string;
}

/** Row of `meta` that names the tables in which the migrations themselves put rows; an import may replace those. */
export const SEEDED = 'seeded';

/** Any number no one else uses as an advisory lock in our database. */
const LOCK = 0x1496_07;
const DDL_DEADLINE_MS = 10 * 60_000;

/** Where the files are: beside this module in the repository, in `migrations/` beside the bundle in the package. */
export function defaultMigrationsDir(): string {
  const beside = fileURLToPath(new URL('./migrations', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../migrations', import.meta.url));
}

/** Reads the folder, in order. Throws `MigrationNames` for anything that is not `NNNN_name.sql` or a number used twice. */
export async function readMigrations(dir: string): Promise<Migration[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
  if (names.length === 0) throw migrationErrors.MigrationNames(`${dir} holds no .sql file`);
  const seen = new Map<string, string>();
  const migrations: Migration[] = [];
  for (const file of names) {
    const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1];
    if (number === undefined) throw migrationErrors.MigrationNames(`${file} is not named NNNN_name.sql`);
    const other = seen.get(number);
    if (other !== undefined) throw migrationErrors.MigrationNames(`${other} and ${file} have the same number`);
    seen.set(number, file);
    const sql = (await readFile(join(dir, file), 'utf8')).replaceAll('\r\n', '\n');
    migrations.push({ name: file.slice(0, -4), sql, checksum: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

/** What `migrate` did. */
export interface Migrated {
  applied: string[];
  /** Names of all that the database has now, in order. */
  level: string[];
}

/**
 * Brings the database of `url` to the level of `migrations`: each that it lacks in one transaction, in the
 * order of their numbers, while one advisory lock keeps other processes out. With `apply: false` it only
 * looks, and throws `DatabaseOlder` when something is missing.
 */
export async function migrate(
  url: string,
  migrations: readonly Migration[],
  deadlines: Deadlines,
  apply = true,
): Promise<Migrated> {
  const client = new pg.Client({
    ...clientConfig(url, 'ingot-migrate', deadlines),
    statement_timeout: DDL_DEADLINE_MS,
    query_timeout: DDL_DEADLINE_MS + 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await checkServer(client);
    let missing = await findMissing(client, migrations);
    const applied: string[] = [];
    if (missing.length > 0) {
      if (!apply) throw migrationErrors.DatabaseOlder(missing.length);
      await client.query('select pg_advisory_lock($1)', [LOCK]);
      await client.query(BOOTSTRAP);
      missing = await findMissing(client, migrations); // another process may have been faster
      for (const migration of missing) {
        await applyOne(client, migration);
        applied.push(migration.name);
      }
      if (applied.length > 0 && applied.length === migrations.length) await noteSeeds(client);
    }
    return { applied, level: migrations.map((m) => m.name) };
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end().catch(() => {}); // gives the lock back
  }
}

async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; number: string; encoding: string }>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number,
            current_setting('server_encoding') as encoding`,
  );
  const server = rows[0];
  if (server === undefined) return;
  if (Number(server.number) < 150_000) throw errors.DatabaseTooOld(server.version);
  if (server.encoding !== 'UTF8') throw errors.DatabaseEncoding(server.encoding);
}

async function noteSeeds(client: pg.Client): Promise<void> {
  const seeded: string[] = [];
  const { rows } = await client.query<{ t: string }>(
    "select tablename::text as t from pg_tables where schemaname = 'public' and tablename not in ('meta', 'migrations')",
  );
  for (const { t } of rows) {
    if ((await client.query(`select 1 from public."${t}" limit 1`)).rowCount) seeded.push(`public.${t}`);
  }
  if (seeded.length === 0) return;
  await client.query('insert into public.meta (key, value) values ($1, $2)', [SEEDED, seeded.join(' ')]);
}

const BOOTSTRAP = `create table if not exists migrations (
  name text primary key,
  checksum text not null,
  applied_at timestamptz not null default clock_timestamp(),
  duration_ms double precision not null
)`;

async function findMissing(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const exists = (await client.query("select to_regclass('migrations') as t")).rows[0].t !== null;
  if (!exists) return [...migrations];
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from migrations order by name',
  );
  const ours = new Map(migrations.map((m) => [m.name, m]));
  for (const row of rows) {
    const mine = ours.get(row.name);
    if (mine === undefined) throw migrationErrors.DatabaseNewer(row.name);
    if (mine.checksum !== row.checksum) throw migrationErrors.MigrationChanged(`${row.name}.sql`);
    ours.delete(row.name);
  }
  return [...ours.values()];
}

async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    const from = (await client.query('select clock_timestamp() as t')).rows[0].t;
    await client.query(migration.sql);
    await client.query(
      `insert into migrations (name, checksum, duration_ms)
       values ($1, $2, extract(epoch from clock_timestamp() - $3::timestamptz) * 1000)`,
      [migration.name, migration.checksum, from],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    if (pgCode(error) === undefined) throw error;
    throw migrationErrors.MigrationFailed(`${migration.name}.sql`, messageOf(error), { cause: error });
  }
}
