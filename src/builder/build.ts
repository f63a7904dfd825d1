import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Certificate } from '#kernel/certificate';
import { systemClock } from '#kernel/clock';
import { recipeDigest } from '#kernel/recipe';
import { run } from '#kernel/run';
import type { ImageKind } from './contract.ts';
import { buildDebian, debianPackages } from './debian.ts';
import { copyDisk } from './disk.ts';
import { errors } from './errors.ts';
import { Packages, reading } from './packages.ts';
import { buildTiny, tinyPackages } from './tiny.ts';
import { BUILD, forgetDead, workFolder } from './work-folder.ts';

/** What decides how an image is made of packages: an image of another text is not taken from the cache. */
const RECIPE = [import.meta.url, ['guest', '../protocols/cpio', '../protocols/elf']] as const;

export interface BuildOptions {
  kind: ImageKind;
  output: string;
  format: 'raw' | 'qcow2';
  /** Folder that keeps packages and images between builds. */
  cache: string;
  password?: string;
  /** Sign what UEFI starts by this key, whole; only `tiny`, for Debian's loaders come signed. */
  signBy?: Certificate;
  include?: readonly string[];
  kernel?: 'generic' | 'cloud';
  /** Seconds since the epoch; default: when the newest package was made. */
  epochS?: number;
  /** Others are in more of a hurry: take what they leave of the processors. */
  gently?: boolean;
  /** Build it again although it is in the cache. */
  fresh?: boolean;
  say?: (text: string) => void;
  signal?: AbortSignal;
}

export interface BuiltImage {
  file: string;
  kind: ImageKind;
  format: 'raw' | 'qcow2';
  /** Bytes of the file, and of the disk it becomes. */
  bytes: number;
  virtualBytes: number;
  sha256: string;
  fromCache: boolean;
  seconds: number;
}

/**
 * Builds an image from Debian packages, or takes it from the cache when the same packages made it before. Needs no
 * root and changes nothing on this machine but `cache` and `output`. Throws the builder's errors.
 */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const started = systemClock.monotonic();
  const say = options.say ?? (() => {});
  const { kind, format, cache } = options;
  const kernel = options.kernel ?? 'generic';
  const include = [...new Set(options.include ?? [])].sort();
  for (const name of include) {
    if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name)) throw errors.BuildBadOption(`"${name}" is no name of a Debian package`);
  }
  const { signBy } = options;
  if (signBy !== undefined && kind !== 'tiny')
    throw errors.BuildBadOption(
      'Only the tiny image is signed by a key of yours: the others start by signed loaders of Debian',
    );
  const packages = new Packages(cache, say, options.signal);
  const names =
    kind === 'tiny'
      ? await tinyPackages(packages, signBy !== undefined)
      : await debianPackages(packages, kind, kernel, include);
  const versions = await packages.versions(names);
  const facts = [
    recipeDigest(...RECIPE),
    kind,
    kernel,
    include,
    options.password ?? null,
    options.epochS ?? null,
    versions,
    ...(signBy === undefined ? [] : [signBy.cert]),
  ];
  const key = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
  const kept = join(cache, 'images', `${kind}-${key}.raw`);
  const known = await stat(kept).catch(() => undefined);
  if (known === undefined || options.fresh === true) {
    await mkdir(dirname(kept), { recursive: true });
    const place = workFolder(cache);
    await forgetDead(place);
    const work = await mkdtemp(join(place, `${BUILD}${process.pid}-`));
    const raw = `${kept}.${process.pid}`;
    try {
      const context = {
        packages,
        work,
        raw,
        epochS: options.epochS,
        password: options.password,
        include,
        kernel,
        signBy,
        gently: options.gently === true,
        say,
        guestFiles: (name: string) => readFile(new URL(`guest/${name}`, import.meta.url), 'utf8'),
        signal: options.signal,
      } as const;
      if (kind === 'tiny') await buildTiny(context);
      else await buildDebian(context, kind);
      await chmod(raw, options.password === undefined ? 0o644 : 0o600);
      await rename(raw, kept);
    } finally {
      await rm(raw, { force: true });
      await rm(work, { recursive: true, force: true });
    }
  } else {
    const now = systemClock.now() / 1000;
    await utimes(kept, now, now);
  }
  const file = resolve(options.output);
  await mkdir(dirname(file), { recursive: true });
  const hash = createHash('sha256');
  if (format === 'raw') await copyDisk(kept, `${file}.part`, hash);
  else {
    say('compressing');
    const args = ['convert', '-f', 'raw', '-O', 'qcow2', '-c', '-o', 'compression_type=zlib', kept, `${file}.part`];
    await run('qemu-img', args, {
      timeoutMs: 600_000,
      bound: true,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }
  await rename(`${file}.part`, file);
  if (format !== 'raw') for await (const part of reading(file)) hash.update(part as Buffer);
  return {
    file,
    kind,
    format,
    bytes: (await stat(file)).size,
    virtualBytes: (await stat(kept)).size,
    sha256: hash.digest('hex'),
    fromCache: known !== undefined && options.fresh !== true,
    seconds: (systemClock.monotonic() - started) / 1000,
  };
}
