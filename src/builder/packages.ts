import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IngotError } from '#kernel/errors';
import { run, start } from '#kernel/run';
import { errors } from './errors.ts';

/** A Debian package in the cache. */
export interface Deb {
  name: string;
  file: string;
  /** File name of the archive: holds name, version and architecture. */
  archive: string;
}

const MINUTE = 60_000;
/** No root, no sandbox user: what is fetched lands in our own folder. */
const AS_ME = ['-q', '-o', 'APT::Sandbox::User=', '-o', 'Debug::NoLocking=1'];

/** Fetches Debian packages with the host's apt, which checks signatures and hashes, and keeps them. */
export class Packages {
  readonly #cache: string;
  readonly #say: (text: string) => void;
  readonly #signal: AbortSignal | undefined;
  /** Options that make apt read lists of ours, once the host's turned out to be missing or old. */
  #own: string[] = [];

  constructor(cache: string, say: (text: string) => void, signal?: AbortSignal) {
    this.#cache = join(cache, 'debs');
    this.#say = say;
    this.#signal = signal;
  }

  /** The package a meta package stands for: `linux-image-amd64` → `linux-image-6.1.0-…-amd64`. */
  async behind(meta: string, pattern: RegExp): Promise<string> {
    const { stdout } = await this.#apt('apt-cache', ['depends', meta], MINUTE);
    const found = [...stdout.matchAll(/Depends: (\S+)/g)]
      .map(([, name]) => name ?? '')
      .find((name) => pattern.test(name));
    if (found === undefined) throw errors.BuildNoPackages(meta, 'it depends on nothing that was expected');
    return found;
  }

  /** Fetches what is not there yet; gives them in the order asked for. */
  async fetch(names: readonly string[]): Promise<Deb[]> {
    await mkdir(this.#cache, { recursive: true });
    const known = await this.#archives(names);
    const have = new Set(await readdir(this.#cache));
    const missing = [...known].filter(([, archive]) => !have.has(archive)).map(([name]) => name);
    if (missing.length > 0) await this.#download(missing);
    return names.map((name) => {
      const archive = known.get(name);
      if (archive === undefined) throw errors.BuildNoPackages(name, 'apt does not know it');
      return { name, archive, file: join(this.#cache, archive) };
    });
  }

  /** File names (with versions) of packages, fetched or not. */
  async versions(names: readonly string[]): Promise<string[]> {
    return [...(await this.#archives(names)).values()].sort();
  }

  async #download(names: readonly string[]): Promise<void> {
    this.#say(`fetching ${names.length} Debian packages`);
    const fresh = `${this.#cache}.new-${process.pid}`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    try {
      await this.#apt('apt-get', ['download', ...names], 10 * MINUTE, fresh);
      for (const name of await readdir(fresh)) await rename(join(fresh, name), join(this.#cache, name));
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  /** Name → file name of the newest version. */
  async #archives(names: readonly string[]): Promise<Map<string, string>> {
    const { stdout } = await this.#apt('apt-get', ['--print-uris', 'download', ...names], MINUTE);
    const found = new Map<string, string>();
    for (const [, archive = ''] of stdout.matchAll(/^'[^']+' (\S+\.deb) \d+/gm))
      found.set(archive.split('_', 1)[0] ?? '', archive);
    return found;
  }

  async #apt(program: string, args: readonly string[], timeoutMs: number, cwd?: string) {
    const go = () =>
      run(program, [...AS_ME, ...this.#own, ...args], {
        timeoutMs,
        maxOutput: 8 * 1024 * 1024,
        ...(cwd === undefined ? {} : { cwd }),
        ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      });
    try {
      return await go();
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      if (error.code === 'ChildMissing') throw errors.BuildNeedsApt({ cause: error });
      if (error.code !== 'ChildFailed' || this.#own.length > 0)
        throw errors.BuildNoPackages(args.at(-1) ?? '', error.message, { cause: error });
    }
    // The host's lists are missing or old: lists of our own need no root.
    this.#say("reading Debian's package lists");
    const state = join(this.#cache, '..', 'apt');
    await mkdir(join(state, 'lists', 'partial'), { recursive: true });
    await mkdir(join(state, 'archives', 'partial'), { recursive: true });
    this.#own = [
      '-o',
      `Dir::State::Lists=${state}/lists`,
      '-o',
      `Dir::Cache=${state}`,
      '-o',
      `Dir::Cache::archives=${state}/archives`,
    ];
    try {
      await run('apt-get', [...AS_ME, ...this.#own, 'update'], { timeoutMs: 5 * MINUTE, maxOutput: 8 * 1024 * 1024 });
      return await go();
    } catch (error) {
      throw errors.BuildNoPackages(args.at(-1) ?? '', error instanceof Error ? error.message : String(error), {
        cause: error,
      });
    }
  }
}

/** Unpacks a package, or those members of it that `only` names (tar's patterns), below `into`. No scripts run. */
export async function unpack(deb: Deb, into: string, only?: readonly string[]): Promise<void> {
  await mkdir(into, { recursive: true });
  if (only === undefined) {
    await run('dpkg-deb', ['-x', deb.file, into], { timeoutMs: 5 * MINUTE });
    return;
  }
  const archive = start('dpkg-deb', ['--fsys-tarfile', deb.file], { stdio: ['ignore', 'pipe', 'ignore'] });
  const select = ['-x', '-C', into, '--no-same-owner', '--wildcards', ...only.map((path) => `./${path}`)];
  const tar = start('tar', select, { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<number>((resolve, reject) => {
    tar.once('error', reject);
    archive.once('error', reject);
    tar.once('close', (code) => resolve(code ?? 1));
  });
  if (archive.stdout === null || tar.stdin === null) throw errors.BuildBroken('no pipes');
  // tar stops at the archive's end mark and leaves the padding after it unread; its exit code tells what counts.
  await pipeline(archive.stdout, tar.stdin).catch(() => {});
  // 2: some pattern matched nothing, which differs between kernels and is seen later when it matters.
  if (![0, 2].includes(await ended)) throw errors.BuildBroken(`${deb.archive} could not be unpacked`);
}

/** When a package was made, by the times in its archive: the newest of all is the date of the image. */
export async function madeAt(debs: readonly Deb[]): Promise<number> {
  const times = debs.map(async ({ file }) => {
    const handle = await open(file, 'r');
    try {
      const { buffer } = await handle.read(Buffer.alloc(12), 0, 12, 8 + 16);
      return Number.parseInt(buffer.toString('latin1'), 10) || 0;
    } finally {
      await handle.close();
    }
  });
  return Math.max(0, ...(await Promise.all(times)));
}

/** All of a file, for hashing. */
export function reading(file: string) {
  return createReadStream(file, { highWaterMark: 1024 * 1024 });
}
