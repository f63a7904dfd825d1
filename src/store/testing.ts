import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import { start } from '#kernel/run';
import { quickFolder } from '#kernel/testing/quick-folder';
import { takeOwnership } from './embedded/owner.ts';
import { openPlace } from './embedded/place.ts';
import { findRunning } from './embedded/postmaster.ts';
import { startTime } from './embedded/process.ts';
import { bringUp, type Running, urlsOf } from './embedded/bring-up.ts';
import { silentLog } from './log.ts';
import { defaultMigrationsDir, type Migration, migrate, readMigrations } from './migrate.ts';
import { type OpenStore, openStore, type StoreOptions } from './open.ts';
import { defaultDeadlines } from './pool.ts';

// One PostgreSQL for all test processes of this user, in a temporary folder. It is not durable (fsync off).
// Each process leaves its pid in `users/`; a small shell loop stops the server and removes its files some
// seconds after the last of them is gone, however it went.

const base = join(quickFolder(), `ingot-test-${process.getuid?.() ?? 0}`);
const users = join(base, 'users');

/** `$1`: users' folder, `$2`: server's pid, `$3`: server's folder. */
const GUARD = `
idle=0
while kill -0 "$2" 2>/dev/null && [ $idle -lt 10 ]; do
  sleep 1
  idle=$((idle + 1))
  for user in "$1"/*; do
    pid=\${user##*/}
    if [ -d "/proc/$pid" ]; then idle=0; else rm -f "$user"; fi
  done
done
kill -INT "$2" 2>/dev/null
while kill -0 "$2" 2>/dev/null; do sleep 0.2; done
rm -rf "$3"
`;

export interface TestDatabase {
  /** Of a role that owns the database and is no superuser. */
  url: string;
  /** Of the superuser. */
  adminUrl: string;
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** 'migrated' (default): all migrations applied. 'empty': nothing in it. */
  content?: 'migrated' | 'empty';
  /**
   * Something more that is made once and then copied, such as an engine's own tables; `key` must change
   * when what `prepare` does changes.
   */
  template?: { key: string; prepare(url: string): Promise<void> };
}

/** A fresh database, in about 50 ms, on the shared server. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await freshDatabase(await sharedServer(), options);
    } catch (error) {
      // The guard may have decided to stop the server just before we came.
      if (attempt === 3 || error instanceof IngotError) throw error;
      joined = undefined;
      await systemClock.sleep(200);
    }
  }
}

export interface TestStore {
  store: OpenStore;
  url: string;
  adminUrl: string;
  close(): Promise<void>;
}

/** A store on a fresh migrated database. `close` closes the store and drops the database. */
export async function openTestStore(options: TestDatabaseOptions & Partial<StoreOptions> = {}): Promise<TestStore> {
  const { content, template, ...storeOptions } = options;
  const database = await openTestDatabase({
    ...(content === undefined ? {} : { content }),
    ...(template === undefined ? {} : { template }),
  });
  const store = await openStore({ databaseUrl: database.url, migrate: 'skip', ...storeOptions });
  return {
    store,
    url: database.url,
    adminUrl: database.adminUrl,
    async close() {
      await store.close();
      await database.close();
    },
  };
}

let joined: Promise<Running> | undefined;

function sharedServer(): Promise<Running> {
  joined ??= joinServer();
  return joined;
}

async function joinServer(): Promise<Running> {
  await mkdir(users, { recursive: true, mode: 0o755 });
  const user = join(users, String(process.pid));
  await writeFile(user, (await startTime(process.pid)) ?? '');
  process.once('exit', () => rmSync(user, { force: true }));
  return await withMutex(async () => {
    const pointer = join(base, 'current');
    const last = await readFile(pointer, 'utf8').catch(() => '');
    let current: string | undefined;
    for (const name of await readdir(base)) {
      if (!name.startsWith('srv-')) continue;
      const place = await openPlace(join(base, name));
      if ((await findRunning(place, systemClock, 10_000)) === undefined) {
        await rm(place.dataDir, { recursive: true, force: true });
      } else if (name === last) current = name;
    }
    const name = current ?? `srv-${systemRandom.bytes(4).toString('hex')}`;
    const place = await openPlace(join(base, name));
    const running = await bringUp(place, {
      dataDir: place.dataDir,
      clock: systemClock,
      log: silentLog,
      settings: {
        fsync: false,
        full_page_writes: false,
        synchronous_commit: false,
        max_connections: 300,
        // For each database, and there are dozens, each of them gone in seconds.
        autovacuum_naptime: '5min',
      },
    });
    await writeFile(pointer, name);
    await ensureGuard(running);
    return running;
  });
}

async function ensureGuard(running: Running): Promise<void> {
  const path = join(running.place.dataDir, 'guard');
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));
  if (pid > 0 && (await startTime(pid)) !== null) return;
  const arguments_ = ['-c', GUARD, 'ingot-test-guard', users, String(running.pid), running.place.dataDir];
  const guard = start('/bin/sh', arguments_, { stdio: 'ignore', detached: true, cwd: '/' });
  guard.unref();
  await writeFile(path, String(guard.pid));
}

/** One test process at a time. */
async function withMutex<T>(fn: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const mutex = await takeOwnership(base, systemClock);
      return await fn().finally(() => mutex.release());
    } catch (error) {
      if (!(error instanceof IngotError && error.code === 'DataDirInUse')) throw error;
      await systemClock.sleep(20);
    }
  }
}

const templates = new Map<string, Promise<string>>();

async function freshDatabase(server: Running, options: TestDatabaseOptions): Promise<TestDatabase> {
  const { url, adminUrl } = urlsOf(server);
  const key = await templateKey(options);
  let template = templates.get(key);
  if (template === undefined) {
    template = withMutex(() => makeTemplate(key, url, adminUrl, options));
    templates.set(key, template);
    template.catch(() => templates.delete(key));
  }
  const name = `t_${process.pid}_${systemRandom.bytes(6).toString('hex')}`;
  // By files: through the log it is five times the work.
  await asAdmin(adminUrl, [`create database ${name} template ${await template} strategy file_copy owner ingot`]);
  return {
    url: withDatabase(url, name),
    adminUrl: withDatabase(adminUrl, name),
    close: async () => void (await asAdmin(adminUrl, [`drop database if exists ${name} with (force)`])),
  };
}

let migrations: Promise<Migration[]> | undefined;

/** Read once, so that all databases of a test process are alike while somebody edits the files. */
function ourMigrations(): Promise<Migration[]> {
  migrations ??= readMigrations(defaultMigrationsDir());
  return migrations;
}

async function templateKey(options: TestDatabaseOptions): Promise<string> {
  const hash = createHash('sha256').update(options.template?.key ?? '');
  if (options.content === 'empty') hash.update('empty');
  else for (const migration of await ourMigrations()) hash.update(migration.checksum);
  return hash.digest('hex').slice(0, 16);
}

async function makeTemplate(key: string, url: string, adminUrl: string, options: TestDatabaseOptions): Promise<string> {
  const name = `tpl_${key}`;
  const draft = `${name}_draft`;
  const exists = await asAdmin(adminUrl, [`select 1 from pg_database where datname = '${name}'`]);
  if (exists > 0) return name;
  await asAdmin(adminUrl, [`drop database if exists ${draft} with (force)`, `create database ${draft} owner ingot`]);
  const draftUrl = withDatabase(url, draft);
  if (options.content !== 'empty') {
    await migrate(draftUrl, await ourMigrations(), defaultDeadlines);
  }
  await options.template?.prepare(draftUrl);
  await asAdmin(adminUrl, [`alter database ${draft} rename to ${name}`]);
  return name;
}

/** Runs statements one by one as superuser; gives the last one's row count. */
async function asAdmin(adminUrl: string, statements: string[]): Promise<number> {
  const client = new pg.Client({ connectionString: adminUrl, query_timeout: 60_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    let count = 0;
    for (const statement of statements) count = (await client.query(statement)).rowCount ?? 0;
    return count;
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
