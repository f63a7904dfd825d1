import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate, readMigrations } from '#store/migrate';
import { openStore } from '#store/open';
import { defaultDeadlines } from '#store/pool';
import { openTestDatabase, type TestDatabase } from '#store/testing';
import { clean, scratch } from './children.ts';

let dir: string;
let database: TestDatabase;
beforeEach(async () => {
  dir = await scratch();
  database = await openTestDatabase({ content: 'empty' });
});
afterEach(async () => {
  await database.close();
  await clean(dir);
});

const put = (name: string, sql: string) => writeFile(join(dir, name), sql);
const META = 'create table meta (key text primary key, value text not null);';
const go = async (apply = true) => migrate(database.url, await readMigrations(dir), defaultDeadlines, apply);

test('all of them, in order, once; later ones when they come, also of a lower number', async () => {
  await put('0001_meta.sql', META);
  await put('0020_b.sql', 'create table b (id int primary key); insert into b values (1);');
  expect(await go()).toEqual({ applied: ['0001_meta', '0020_b'], level: ['0001_meta', '0020_b'] });
  expect((await go()).applied).toEqual([]);
  await put('0010_a.sql', 'create table a (id int);');
  await expect(go(false)).rejects.toMatchObject({ code: 'DatabaseOlder' });
  expect((await go()).applied).toEqual(['0010_a']);
  const store = await openStore({ databaseUrl: database.url, migrationsDir: dir });
  expect(store.applied).toEqual([]);
  expect(store.level).toEqual(['0001_meta', '0010_a', '0020_b']);
  expect(await store.query({ text: "select value from meta where key = 'seeded'" })).toEqual([{ value: 'public.b' }]);
  await store.close();
});

test('ten processes at once apply each once', async () => {
  await put('0001_meta.sql', META);
  await put('0002_slow.sql', 'select pg_sleep(0.2); create table slow (id int);');
  const results = await Promise.all(Array.from({ length: 10 }, () => go()));
  expect(results.flatMap((result) => result.applied).sort()).toEqual(['0001_meta', '0002_slow']);
});

test('one that fails leaves nothing behind and names its file', async () => {
  await put('0001_meta.sql', META);
  await put('0002_bad.sql', 'create table half (id int); select nonsense;');
  await expect(go()).rejects.toMatchObject({
    code: 'MigrationFailed',
    message: expect.stringMatching(/0002_bad\.sql failed: column "nonsense" does not exist/),
  });
  await put('0002_bad.sql', 'create table half (id int);');
  expect((await go()).applied).toEqual(['0002_bad']);
});

test('a changed file, a newer database, and names that are wrong', async () => {
  await put('0001_meta.sql', META);
  await put('0002_a.sql', 'create table a (id int);');
  await go();
  await put('0002_a.sql', 'create table a (id int);\r\n'.replace('\r\n', ''));
  await go(); // line ends of another system are no change
  await put('0002_a.sql', 'create table a (id bigint);');
  await expect(go()).rejects.toThrow(/0002_a\.sql was changed after it was applied/);
  await rm(join(dir, '0002_a.sql'));
  await expect(go()).rejects.toMatchObject({ code: 'DatabaseNewer', message: expect.stringContaining('0002_a') });
  await put('2_a.sql', '');
  await expect(go()).rejects.toMatchObject({ code: 'MigrationNames' });
  await rm(join(dir, '2_a.sql'));
  await put('0001_again.sql', '');
  await expect(go()).rejects.toThrow(/0001_again.sql and 0001_meta.sql have the same number/);
  await mkdir(join(dir, 'none'));
  await expect(readMigrations(join(dir, 'none'))).rejects.toMatchObject({ code: 'MigrationNames' });
});

test('URLs that cannot work are told apart, without their passwords', async () => {
  const opening = (databaseUrl: string) => openStore({ databaseUrl }).catch((error: unknown) => error as Error);
  for (const [url, code] of [
    ['not a url', 'BadDatabaseUrl'],
    ['mysql://u:geheim@h/db', 'BadDatabaseUrl'],
    ['postgresql://u:geheim@h', 'BadDatabaseUrl'],
    ['postgresql://u:geheim@127.0.0.1:1/db', 'DatabaseUnavailable'],
    ['postgresql://u:geheim@does-not-exist.invalid/db', 'DatabaseUnavailable'],
  ] as const) {
    const error = await opening(url);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).not.toContain('geheim');
  }
});
