import { constants } from 'node:fs';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import { run } from '#kernel/run';
import { type Account, asAccount, canEnter } from './account.ts';
import type { Binaries } from './binaries.ts';
import { embeddedErrors } from './errors.ts';
import type { Place } from './place.ts';
import { HBA, renderSettings, type Settings } from './settings.ts';

/** The database and the role the product uses; it owns the database and is no superuser. */
export const DATABASE = 'ingot';
export const ROLE = 'ingot';
export const ADMIN = 'postgres';

export interface Passwords {
  /** Of the role `ingot`. */
  ingot: string;
  /** Of the superuser `postgres`: for the tests' templates and for repair by hand. */
  admin: string;
}

/** Major version of the cluster; undefined when there is none. Throws `DataUnknown`. */
export async function clusterVersion(place: Place): Promise<number | undefined> {
  const text = await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (text !== undefined) {
    const major = Number.parseInt(text, 10);
    if (Number.isInteger(major)) return major;
    throw embeddedErrors.DataUnknown(place.cluster);
  }
  const entries = await readdir(place.cluster).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw embeddedErrors.DataDirUnusable(place.cluster, error.message, { cause: error });
  });
  if (entries.length > 0) throw embeddedErrors.DataUnknown(place.cluster);
  return undefined;
}

/** Reads the passwords. Throws `DataDirUnusable` when the file is gone, unreadable, or readable by others. */
export async function readPasswords(place: Place): Promise<Passwords> {
  try {
    const file = await open(place.passwords, 'r');
    try {
      if (((await file.stat()).mode & 0o077) !== 0) throw new Error('it may be read by others: chmod 600 it');
      const value = JSON.parse(await file.readFile('utf8')) as Partial<Passwords>;
      if (typeof value.ingot !== 'string' || typeof value.admin !== 'string') throw new Error('it lacks a password');
      return { ingot: value.ingot, admin: value.admin };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw embeddedErrors.DataDirUnusable(place.passwords, messageOf(error), { cause: error });
  }
}

/**
 * Runs `fn` with the path to hand to a PostgreSQL program for `dir`. When `dir` lies under a folder closed to
 * the account (/root), the program gets the open folder as file descriptor 3 and its path through that: no
 * folder above it is then asked for permission.
 */
export async function reaching<T>(
  dir: string,
  account: Account,
  fn: (path: string, fds: number[]) => Promise<T>,
): Promise<T> {
  if (await canEnter(dir, account)) return await fn(dir, []);
  const handle = await open(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  return await fn('/proc/self/fd/3', [handle.fd]).finally(() => handle.close());
}

/**
 * Makes the cluster with role and database, whole or not at all: it is built in `pg.new` and renamed.
 * About one second. Throws `InitFailed`.
 */
export async function createCluster(place: Place, account: Account, binaries: Binaries): Promise<Passwords> {
  const draft = `${place.cluster}.new`;
  const passwords: Passwords = { ingot: newPassword(), admin: newPassword() };
  try {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    if (account.drop) await chown(draft, account.uid, account.gid);
    await reaching(draft, account, (path, fds) => fill(path, fds, account, binaries, passwords));
    await writeFile(place.passwords, JSON.stringify(passwords), { mode: 0o600 });
    await syncDir(place.passwords, place.dataDir);
    await rename(draft, place.cluster);
    await syncDir(place.dataDir);
    return passwords;
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => {});
    throw embeddedErrors.InitFailed(messageOf(error), { cause: error });
  }
}

async function fill(path: string, fds: number[], account: Account, binaries: Binaries, passwords: Passwords) {
  const env = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };
  const options = { timeoutMs: 120_000, cwd: '/', env, fds, ...asAccount(account) };
  // The roles get passwords below; the server never runs with this trust (see HBA).
  const auth = ['--auth-local=trust', '--auth-host=reject'];
  const form = ['--no-locale', '--encoding=UTF8', '--no-instructions'];
  if (binaries.major >= 17) form.push('--sync-method=syncfs'); // not one fsync for each of a thousand files
  await run(binaries.initdb, ['-D', path, '-U', ADMIN, ...form, ...auth], options);
  const statements = [
    `alter role ${ADMIN} password '${passwords.admin}';`,
    `create role ${ROLE} login password '${passwords.ingot}';`,
    `create database ${DATABASE} owner ${ROLE};`,
  ];
  const single = ['--single', '-D', path, '-c', 'exit_on_error=on', '-c', 'log_min_messages=error', 'template1'];
  await run(binaries.postgres, single, { ...options, input: `${statements.join('\n')}\n` });
}

/** Writes what the server reads as it starts. */
export async function writeConfig(place: Place, account: Account, settings: Settings): Promise<void> {
  const files = { 'postgresql.conf': renderSettings(settings), 'pg_hba.conf': HBA };
  for (const [name, text] of Object.entries(files)) {
    const path = join(place.cluster, name);
    if ((await readFile(path, 'utf8').catch(() => '')) === text) continue;
    const draft = `${path}.new`;
    await writeFile(draft, text, { mode: 0o600 });
    if (account.drop) await chown(draft, account.uid, account.gid);
    await rename(draft, path);
  }
}

/** 192 bits, in letters that need no escaping in URLs and SQL. */
function newPassword(): string {
  return systemRandom.bytes(24).toString('base64url');
}

async function syncDir(...paths: string[]): Promise<void> {
  for (const path of paths) {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  }
}
