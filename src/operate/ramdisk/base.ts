import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { Apt, type Deb, unpackDeb } from '#protocols/debian/apt';
import { type CpioEntry, cpio } from '#protocols/cpio/newc';
import { strippedProgram } from '#protocols/elf/elf';
import { type Contents } from './contents.ts';
import { errors } from './errors.ts';
import { addModules, kernelVersion } from './modules.ts';
import { Tree } from './tree.ts';

export interface BaseWish {
  contents: Contents;
  /** `amd64` or `arm64`. */
  arch: string;
  /** More packages, taken whole: firmware of cards, vendors' tools. */
  extra: readonly string[];
  /** The Node that runs the agent. */
  node: string;
  /** Folder for downloads and unpacked packages. */
  cache: string;
  /** Where the result goes. */
  out: string;
  /** Seconds since the epoch, on every file. */
  mtime: number;
  env: Record<string, string>;
  say: (text: string) => void;
  signal: AbortSignal;
}

const TRIPLET: Readonly<Record<string, string>> = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };
/** Measured on this content: level 10 takes 12 s for 3 % more than level 15 in 50 s. */
const ZSTD_LEVEL = 10;

/**
 * Builds what changes seldom: the kernel, the boot loaders and the first part of the initrd (programs, drivers,
 * Node), into `out`. Gives the packages it is made of.
 */
export async function buildBase(wish: BaseWish, apt: Apt): Promise<{ packages: string[]; kernelVersion: string }> {
  const { contents, arch, say, signal } = wish;
  say('choosing packages');
  const wanted = [...contents.packages, ...wish.extra];
  const optional = await available(apt, contents.optionalPackages);
  const debs = await apt.plan([...wanted, ...optional]);
  const kernelName = await kernelPackage(apt, arch);
  const alone = await apt.planAlone([kernelName, ...(contents.loaders[arch]?.packages ?? []), ...wish.extra]);
  say(`fetching ${debs.length + alone.length} packages`);
  await apt.fetch([...wanted, ...optional], debs);
  await apt.fetchAlone(alone);
  const every = [...debs, ...alone.filter((deb) => !debs.some((d) => d.file === deb.file))];
  await apt.forget(every);

  say('unpacking');
  const key = createHash('sha256')
    .update(every.map((deb) => deb.file).join('\n'))
    .digest('hex')
    .slice(0, 16);
  const root = await unpacked(join(wish.cache, 'tree'), key, every, signal);
  const version = await kernelVersion(root);
  const tree = new Tree(root, TRIPLET[arch] ?? '');
  await addPrograms(tree, contents, wish, root);
  say('choosing drivers');
  await addModules(tree, { root, work: join(wish.cache, 'modules'), wanted: contents.modules }, signal);
  for (const name of wish.extra)
    await addWhole(
      tree,
      alone.find((deb) => deb.name === name),
      wish,
    );
  if (tree.missing.length > 0) throw errors.RamdiskIncomplete(tree.missing);

  say('packing');
  await mkdir(join(wish.out, 'loaders'), { recursive: true });
  const kernel = (await readdir(join(root, 'boot'))).find((name) => name.startsWith('vmlinu')) ?? '';
  await copyFile(join(root, 'boot', kernel), join(wish.out, 'kernel'));
  for (const [name, place] of Object.entries(contents.loaders[arch]?.files ?? {})) {
    await copyFile(join(root, place), join(wish.out, 'loaders', name)).catch(() => {
      throw errors.RamdiskIncomplete([place]);
    });
  }
  await packInitrd(tree.entries(), join(wish.out, 'base.cpio.zst'), wish.mtime, signal);
  const packages = every.map((deb) => `${deb.name}=${deb.version}`);
  return { packages: [...new Set(packages)].sort(), kernelVersion: version };
}

/** Writes the compressed archive; its length is made a multiple of 4, so that another may follow it. */
export async function packInitrd(
  entries: readonly CpioEntry[],
  file: string,
  mtime: number,
  signal?: AbortSignal,
): Promise<void> {
  const squeeze = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
  const options = signal === undefined ? {} : { signal };
  await pipeline(Readable.from(cpio(entries, mtime)), squeeze, createWriteStream(file), options);
  const { size } = await stat(file);
  if (size % 4 !== 0) await writeFile(file, Buffer.alloc(4 - (size % 4)), { flag: 'a' });
}

async function addPrograms(tree: Tree, contents: Contents, wish: BaseWish, root: string): Promise<void> {
  for (const name of contents.programs) await tree.program(name, contents.optionalPrograms.includes(name));
  for (const name of contents.libraries) await tree.library(name);
  for (const path of contents.files) if (!(await tree.file(path.slice(1)))) tree.missing.push(path);
  const applets = new Set([
    ...contents.busybox,
    ...contents.programs.filter((n) => contents.optionalPrograms.includes(n)),
  ]);
  for (const name of applets) {
    if (!['bin', 'sbin'].some((folder) => tree.has(`usr/${folder}/${name}`)))
      tree.put({ path: `usr/bin/${name}`, kind: 'link', target: 'busybox' });
  }
  tree.put({ path: 'usr/bin/sh', kind: 'link', target: 'bash' });
  await mkdir(wish.out, { recursive: true });
  const node = join(wish.cache, 'node');
  await writeFile(node, await strippedProgram(wish.node), { mode: 0o755 });
  await tree.outside(node, 'usr/bin/node', 0o755);
  await tree.needs(node);
  tree.put({ path: 'etc/ssl/certs/ca-certificates.crt', kind: 'file', data: await certificates(root) });
}

/** As `update-ca-certificates` would write it. */
async function certificates(root: string): Promise<Buffer> {
  const folder = join(root, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.crt')).sort();
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name)))));
}

/** All files of a package the operator asked for, such as a card's firmware. */
async function addWhole(tree: Tree, deb: Deb | undefined, wish: BaseWish): Promise<void> {
  if (deb === undefined) return;
  const dir = join(wish.cache, 'extra', `${deb.name}_${deb.version}`);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await unpackDeb(deb, dir, wish.signal);
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name).slice(dir.length + 1);
    if (!/^usr\/share\/(doc|man|lintian|locale|bug)\//.test(path)) await tree.file(path);
  }
}

async function unpacked(folder: string, key: string, debs: readonly Deb[], signal: AbortSignal): Promise<string> {
  const root = join(folder, key);
  const done = join(folder, `${key}.done`);
  if ((await readFile(done, 'utf8').catch(() => '')) === key) return root;
  await rm(folder, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  for (const deb of debs) await unpackDeb(deb, root, signal);
  await writeFile(done, key);
  return root;
}

async function available(apt: Apt, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    await apt.plan([name]).then(
      () => found.push(name),
      () => {}, // a release that has it elsewhere
    );
  }
  return found;
}

/** The kernel that Debian's meta package names; it is signed for Secure Boot. */
async function kernelPackage(apt: Apt, arch: string): Promise<string> {
  const plan = await apt.plan([`linux-image-${arch}`]);
  const found = plan.find((deb) => /^linux-image-\d/.test(deb.name));
  if (found === undefined) throw errors.RamdiskIncomplete([`linux-image-${arch}`]);
  return found.name;
}
