import { access, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError, messageOf } from '#kernel/errors';
import { childEnv, run } from '#kernel/run';
import { errors } from './errors.ts';

export interface AptOptions {
  /** Folder of our own: index, downloads. Kept between runs. */
  dir: string;
  /** Debian's name: `amd64`, `arm64`. */
  arch: string;
  /** More environment, such as `http_proxy`. */
  env?: Record<string, string>;
  signal?: AbortSignal;
}

/** One package file. */
export interface Deb {
  name: string;
  version: string;
  /** Where it lies once fetched. */
  file: string;
}

const INDEX_MS = 600_000;
const PLAN_MS = 300_000;
const FETCH_MS = 1_800_000;

/**
 * Debian packages from the apt sources configured on this host, without root and without touching its package
 * database: apt works on folders of ours, and packages are only unpacked; none of their scripts runs.
 */
export class Apt {
  readonly #options: AptOptions;
  readonly #config: string;

  private constructor(options: AptOptions) {
    this.#options = options;
    this.#config = join(options.dir, 'apt.conf');
  }

  /** Prepares the folder. Throws DebianTools where there is no apt. */
  static async open(options: AptOptions): Promise<Apt> {
    const { dir, arch } = options;
    for (const part of ['state/lists/partial', 'cache/archives/partial'])
      await mkdir(join(dir, part), { recursive: true });
    await writeFile(join(dir, 'status'), '');
    const settings: [string, string][] = [
      ['Dir::State', join(dir, 'state')],
      ['Dir::State::status', join(dir, 'status')],
      ['Dir::Cache', join(dir, 'cache')],
      ['APT::Architecture', arch],
      ['APT::Install-Recommends', 'false'],
      // No user of its own: that one could not write here.
      ['APT::Sandbox::User', 'root'],
      ['APT::Get::Show-User-Simulation-Note', 'false'],
      ['Acquire::Languages', 'none'],
      ['Acquire::Retries', '3'],
      ['Debug::NoLocking', 'true'],
    ];
    const lines = settings.map(([key, value]) => `${key} "${value}";`);
    await writeFile(join(dir, 'apt.conf'), `${lines.join('\n')}\nAPT::Architectures { "${arch}"; };\n`);
    return new Apt(options);
  }

  /** When the index was last read (epoch ms); null: never. */
  async indexedAt(): Promise<number | null> {
    const found = await stat(join(this.#options.dir, 'indexed')).catch(() => null);
    return found?.mtimeMs ?? null;
  }

  /** Reads the index of the configured sources. Throws DebianIndex. */
  async refresh(): Promise<void> {
    try {
      await this.#apt(['update', '-qq', '-o', 'APT::Update::Error-Mode=any'], INDEX_MS);
      await writeFile(join(this.#options.dir, 'indexed'), '');
    } catch (cause) {
      throw asOurs(cause, (why) => errors.DebianIndex(why, { cause }));
    }
  }

  /** The packages and all they depend on, as they would be installed, sorted by name. Throws DebianPackages. */
  async plan(packages: readonly string[]): Promise<Deb[]> {
    try {
      const { stdout } = await this.#apt(['install', '--simulate', '-qq', '-y', ...packages], PLAN_MS);
      const found = [...stdout.matchAll(/^Inst (\S+) \((\S+) .*\[(\S+)\]\)/gm)];
      const debs = found.map(([, name = '', version = '', arch = '']) => ({
        name: name.replace(/:.*/, ''),
        version,
        file: join(
          this.#options.dir,
          'cache/archives',
          `${name.replace(/:.*/, '')}_${version.replaceAll(':', '%3a')}_${arch}.deb`,
        ),
      }));
      return debs.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (cause) {
      throw asOurs(cause, (why) => errors.DebianPackages(why, { cause }));
    }
  }

  /** Downloads what is not there yet; apt checks signatures and hashes. Throws DebianPackages. */
  async fetch(packages: readonly string[], debs: readonly Deb[]): Promise<void> {
    try {
      if (await allThere(debs)) return;
      await this.#apt(['install', '--download-only', '-qq', '-y', ...packages], FETCH_MS);
    } catch (cause) {
      throw asOurs(cause, (why) => errors.DebianPackages(why, { cause }));
    }
    if (!(await allThere(debs))) throw errors.DebianPackages('the index changed meanwhile; try again');
  }

  /** These packages without what they depend on. Throws DebianPackages. */
  async planAlone(packages: readonly string[]): Promise<Deb[]> {
    try {
      const { stdout } = await this.#apt(['download', '--print-uris', '-qq', ...packages], PLAN_MS);
      const found = [...stdout.matchAll(/^'\S+' (([^_\s]+)_([^_\s]+)_[^_\s]+\.deb) /gm)];
      return found
        .map(([, file = '', name = '', version = '']) => ({
          name,
          version: version.replaceAll('%3a', ':'),
          file: join(this.#options.dir, 'cache/archives', file),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (cause) {
      throw asOurs(cause, (why) => errors.DebianPackages(why, { cause }));
    }
  }

  /** Downloads what `planAlone` gave. Throws DebianPackages. */
  async fetchAlone(debs: readonly Deb[]): Promise<void> {
    if (await allThere(debs)) return;
    const names = debs.map((deb) => `${deb.name}=${deb.version}`);
    try {
      await this.#apt(['download', '-qq', ...names], FETCH_MS, join(this.#options.dir, 'cache/archives'));
    } catch (cause) {
      throw asOurs(cause, (why) => errors.DebianPackages(why, { cause }));
    }
    if (!(await allThere(debs))) throw errors.DebianPackages('apt did not store what it fetched');
  }

  /** Removes downloads that are not of `keep`. */
  async forget(keep: readonly Deb[]): Promise<void> {
    const folder = join(this.#options.dir, 'cache/archives');
    const kept = new Set(keep.map((deb) => deb.file));
    for (const name of await readdir(folder)) {
      if (name.endsWith('.deb') && !kept.has(join(folder, name))) await rm(join(folder, name), { force: true });
    }
  }

  #apt(args: readonly string[], timeoutMs: number, cwd?: string) {
    const { env = {}, signal } = this.#options;
    return run('apt-get', args, {
      timeoutMs,
      ...(cwd === undefined ? {} : { cwd }),
      maxOutput: 4 * 1024 * 1024,
      env: childEnv({ ...env, APT_CONFIG: this.#config, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

/** Unpacks a package into `dir`, running nothing of it. Throws DebianPackages. */
export async function unpackDeb(deb: Deb, dir: string, signal?: AbortSignal): Promise<void> {
  try {
    await run('dpkg-deb', ['-x', deb.file, dir], { timeoutMs: 300_000, ...(signal === undefined ? {} : { signal }) });
  } catch (cause) {
    throw asOurs(cause, (why) => errors.DebianPackages(`${deb.name} does not unpack: ${why}`, { cause }));
  }
}

function asOurs(cause: unknown, make: (why: string) => IngotError): IngotError {
  if (cause instanceof IngotError && cause.code === 'ChildMissing') return errors.DebianTools('apt-get and dpkg-deb');
  if (cause instanceof IngotError && cause.code.startsWith('Debian')) return cause;
  return make(messageOf(cause));
}

async function allThere(debs: readonly Deb[]): Promise<boolean> {
  const found = await Promise.all(
    debs.map((deb) =>
      access(deb.file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}
