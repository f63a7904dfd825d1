import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Clock } from '#kernel/clock';
import { recipeDigest } from '#kernel/recipe';
import { Apt } from '#protocols/debian/apt';
import { agentEntries } from './agent-part.ts';
import { buildBase, packInitrd } from './base.ts';
import { DEBIAN_ARCH, readContents } from './contents.ts';
import { errors } from './errors.ts';
import { locked } from './lock.ts';
import { builtRamdisk, type FileFacts, type RamdiskManifest } from '#platform/ramdisk';

export interface RamdiskOptions {
  /** Where ramdisks are kept. */
  dir: string;
  /** `x86_64` or `aarch64`. */
  arch: string;
  /** Debian packages to add, taken whole. */
  extra?: readonly string[];
  /** Another agent: a TypeScript entry or a bundled `.mjs`. */
  agent?: string;
  /** Another Node than the installed one. */
  node?: string;
  /** Under what name it is found; `current` unless told otherwise. */
  name?: string;
  /** Take the newest packages, even when nothing of ours changed. */
  refresh?: boolean;
  /** The environment: `SOURCE_DATE_EPOCH`, proxies. */
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  signal: AbortSignal;
  say?: (text: string) => void;
}

export interface BuiltRamdisk {
  folder: string;
  manifest: RamdiskManifest;
  /** Nothing had to be built. */
  cached: boolean;
}

/** What decides how the inputs become a ramdisk. */
const RECIPE = [import.meta.url, ['../../protocols/cpio', '../../protocols/elf', '../../protocols/debian']] as const;
/** Machines fetch it over the slowest link of the room, and keep it in memory. */
const MAX_INITRD = 90 * 1024 * 1024;
/** When nothing says otherwise, files are from here. */
const EPOCH = 1_767_225_600;
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/**
 * Builds the deploy ramdisk, or finds it built: same packages, agent and Node give the same key and the same bytes.
 * Needs no root. Throws the errors of `errors.ts` and of `protocols/debian`.
 */
export async function buildRamdisk(options: RamdiskOptions): Promise<BuiltRamdisk> {
  const arch = DEBIAN_ARCH[options.arch];
  if (arch === undefined) throw errors.RamdiskArch(options.arch);
  const kernelArch = arch === 'amd64' ? 'x86_64' : 'aarch64';
  const home = join(options.dir, kernelArch);
  await mkdir(home, { recursive: true });
  return locked(join(home, 'lock'), options.clock, options.signal, () => build(options, arch, kernelArch, home));
}

async function build(options: RamdiskOptions, arch: string, kernelArch: string, home: string): Promise<BuiltRamdisk> {
  const { env, signal } = options;
  const say = options.say ?? (() => {});
  const epoch = Number(env['SOURCE_DATE_EPOCH'] ?? EPOCH);
  const node = options.node ?? installedNode(arch);
  const entries = await agentEntries(options.agent ?? null, signal);
  const extra = [...(options.extra ?? [])].sort();
  const inputs = digest([
    recipeDigest(...RECIPE),
    arch,
    extra,
    epoch,
    (await stat(node)).size,
    readContents(),
    await releaseName(),
  ]);
  const baseDir = join(home, `base-${inputs.slice(0, 16)}`);
  let base = await readBase(baseDir);
  if (base === null || base.inputs !== inputs || options.refresh === true) {
    const proxies = PROXIES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
    const made = {
      arch,
      extra,
      node,
      cache: join(home, 'cache'),
      mtime: epoch,
      env: Object.fromEntries(proxies),
      say,
      signal,
    };
    base = await makeBase(made, baseDir, inputs);
    await forgetBases(home, baseDir);
  }
  const key = digest([base.key, epoch, entries.map((e) => [e, 'data' in e ? e.data.toString('base64') : ''])]).slice(
    0,
    24,
  );
  const folder = join(home, key);
  const name = options.name ?? 'current';
  const known = await builtRamdisk(options.dir, kernelArch, name);
  if (known?.manifest.key === key) return { ...known, cached: true };
  say('adding the agent');
  const work = join(home, `${key}.new`);
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'loaders'), { recursive: true });
  await packInitrd(entries, join(work, 'agent.cpio.zst'), epoch, signal);
  await copyFile(join(baseDir, 'base.cpio.zst'), join(work, 'initrd'));
  await writeFile(join(work, 'initrd'), await readFile(join(work, 'agent.cpio.zst')), { flag: 'a' });
  await rm(join(work, 'agent.cpio.zst'));
  await link(join(baseDir, 'kernel'), join(work, 'kernel'));
  const loaders: Record<string, FileFacts> = {};
  for (const name of (await readdir(join(baseDir, 'loaders'))).sort()) {
    await link(join(baseDir, 'loaders', name), join(work, 'loaders', name));
    loaders[name] = await factsOf(join(work, 'loaders', name));
  }
  const manifest: RamdiskManifest = {
    key,
    arch: kernelArch,
    kernelVersion: base.kernelVersion,
    kernel: await factsOf(join(work, 'kernel')),
    initrd: await factsOf(join(work, 'initrd')),
    loaders,
    packages: base.packages,
    node: process.versions.node,
  };
  if (manifest.initrd.size > MAX_INITRD) throw errors.RamdiskTooBig(manifest.initrd.size, MAX_INITRD);
  await writeFile(join(work, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(work, folder);
  await writeFile(join(home, `${name}.new`), `${key}\n`);
  await rename(join(home, `${name}.new`), join(home, name));
  await forgetOld(home, known?.manifest.key ?? '');
  return { folder, manifest, cached: false };
}

interface Base {
  key: string;
  inputs: string;
  packages: readonly string[];
  kernelVersion: string;
}

async function makeBase(
  wish: Omit<Parameters<typeof buildBase>[0], 'contents' | 'out'>,
  baseDir: string,
  inputs: string,
): Promise<Base> {
  const apt = await Apt.open({ dir: join(wish.cache, 'apt'), arch: wish.arch, env: wish.env, signal: wish.signal });
  wish.say('reading the package index');
  await apt.refresh();
  const out = `${baseDir}.new`;
  await rm(out, { recursive: true, force: true });
  const made = await buildBase({ ...wish, contents: readContents(), out }, apt);
  const key = digest([inputs, made.packages]);
  const base: Base = { key, inputs, ...made };
  await writeFile(join(out, 'base.json'), JSON.stringify(base));
  await rm(baseDir, { recursive: true, force: true });
  await rename(out, baseDir);
  return base;
}

async function readBase(dir: string): Promise<Base | null> {
  try {
    return JSON.parse(await readFile(join(dir, 'base.json'), 'utf8')) as Base;
  } catch {
    return null;
  }
}

/** The Node that npm installed for this program, which is the one the agent was tested with. */
function installedNode(arch: string): string {
  const name = arch === 'amd64' ? 'x64' : 'arm64';
  try {
    return createRequire(import.meta.url).resolve(`node-linux-${name}/bin/node`);
  } catch {
    if (process.arch === name) return process.execPath;
    throw errors.RamdiskNode(name);
  }
}

/** Versions of Ingot that share this folder have bases of their own; the three newest stay. */
async function forgetBases(home: string, own: string): Promise<void> {
  const folders = (await readdir(home)).filter((name) => /^base-[0-9a-f]{16}$/.test(name));
  const aged = await Promise.all(folders.map(async (name) => ({ name, at: (await stat(join(home, name))).mtimeMs })));
  for (const { name } of aged.sort((a, b) => b.at - a.at).slice(3))
    if (join(home, name) !== own) await rm(join(home, name), { recursive: true, force: true });
}

/** Machines may still be fetching the one before; others that no name stands for go. */
async function forgetOld(home: string, before: string): Promise<void> {
  const entries = await readdir(home, { withFileTypes: true });
  const keep = new Set([before]);
  for (const entry of entries)
    if (entry.isFile() && entry.name !== 'lock') keep.add((await readFile(join(home, entry.name), 'utf8')).trim());
  for (const { name } of entries) {
    if (/^[0-9a-f]{24}(\.new)?$/.test(name) && !keep.has(name))
      await rm(join(home, name), { recursive: true, force: true });
  }
}

async function factsOf(file: string): Promise<FileFacts> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { size, sha256: hash.digest('hex') };
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

async function releaseName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^VERSION_CODENAME=(.*)$/m.exec(text)?.[1] ?? '';
}
