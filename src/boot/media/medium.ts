import { createHash } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { recipeDigest } from '#kernel/recipe';
import { childEnv, run } from '#kernel/run';
import { messageOf } from '#kernel/errors';
import { errors } from '../errors.ts';
import type { HostFile } from '../serve/prepared.ts';

/** A boot medium whose files of one node's are empty places, filled in while it is sent. */
export interface Medium {
  path: string;
  size: number;
  places: Readonly<Record<PlaceName, { offset: number; size: number }>>;
}

export type PlaceName = keyof typeof PLACES;

/** Places of fixed size. A node's text is shorter and filled up with what means nothing there. */
const PLACES = {
  grub: { path: 'boot/grub/grub.cfg', size: 8192, fill: '\n' },
  isolinux: { path: 'isolinux/isolinux.cfg', size: 8192, fill: '\n' },
  nodeImage: { path: 'boot/node.img', size: 256 * 1024, fill: '\0' },
  networkData: { path: 'openstack/latest/network_data.json', size: 64 * 1024, fill: ' ' },
} as const;

export interface MediumWish {
  kernel: HostFile;
  initrd: HostFile;
  /** Folder of shim, GRUB and ISOLINUX. */
  loaders: string;
  /** `x86_64` or `aarch64`. */
  arch: string;
  /** Name of what it is made of. */
  content: string;
  /** Where media are kept. */
  folder: string;
  signal: AbortSignal;
}

/** How media are made: read once, when the first is asked for. */
let recipe: string | undefined;
const MAKE_MS = 300_000;
const KEPT = 4;
const FILES = {
  x86_64: { shim: 'shimx64.efi', grub: 'gcdx64.efi', boot: 'BOOTX64.EFI', second: 'grubx64.efi' },
  aarch64: { shim: 'shimaa64.efi', grub: 'gcdaa64.efi', boot: 'BOOTAA64.EFI', second: 'grubaa64.efi' },
} as const;

const making = new Map<string, Promise<Medium>>();

/**
 * The boot medium of a kernel and initrd, made once: it boots in BIOS mode by ISOLINUX and in UEFI mode, with
 * Secure Boot on as well, by shim and GRUB. Its label and network_data.json are those of a config drive, so that
 * other ramdisks find their network data too. Throws BootMedia.
 */
export function mediumOf(wish: MediumWish): Promise<Medium> {
  const key = createHash('sha256')
    .update(JSON.stringify([(recipe ??= recipeDigest(import.meta.url)), PLACES, wish.content, wish.arch]))
    .digest('hex')
    .slice(0, 24);
  const running = making.get(key);
  if (running !== undefined) return running;
  const made = findOrMake(wish, key).finally(() => making.delete(key));
  making.set(key, made);
  return made;
}

async function findOrMake(wish: MediumWish, key: string): Promise<Medium> {
  const facts = join(wish.folder, `${key}.json`);
  const known = await readFile(facts, 'utf8').catch(() => null);
  if (known !== null) return JSON.parse(known) as Medium;
  await mkdir(wish.folder, { recursive: true });
  const work = await mkdtemp(join(wish.folder, 'make-'));
  try {
    const path = join(wish.folder, `${key}.iso`);
    const iso = join(work, 'iso');
    await make(wish, work, iso);
    const medium: Medium = { path, size: (await stat(iso)).size, places: await findPlaces(iso) };
    await rename(iso, path);
    await writeFile(`${facts}.new`, JSON.stringify(medium));
    await rename(`${facts}.new`, facts);
    await forgetOld(wish.folder);
    return medium;
  } catch (cause) {
    throw errors.BootMedia(messageOf(cause), { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function make(wish: MediumWish, work: string, iso: string): Promise<void> {
  const tree = join(work, 'tree');
  for (const dir of ['boot/grub', 'isolinux', 'openstack/latest', '.disk'])
    await mkdir(join(tree, dir), { recursive: true });
  await symlink(wish.kernel.path, join(tree, 'boot/kernel'));
  await symlink(wish.initrd.path, join(tree, 'boot/initrd'));
  for (const [name, place] of Object.entries(PLACES)) await writeFile(join(tree, place.path), marked(name, place.size));
  await writeFile(join(tree, '.disk/info'), 'Ingot\n');
  const bios: string[] = [];
  if (wish.arch === 'x86_64') {
    for (const name of ['isolinux.bin', 'ldlinux.c32'])
      await copyFile(join(wish.loaders, name), join(tree, 'isolinux', name));
    bios.push(
      '-b',
      'isolinux/isolinux.bin',
      '-c',
      'isolinux/boot.cat',
      '-no-emul-boot',
      '-boot-load-size',
      '4',
      '-boot-info-table',
      '-eltorito-alt-boot',
    );
  }
  await writeEsp(wish, join(tree, 'boot/efi.img'));
  const args = [
    '-as',
    'mkisofs',
    '-quiet',
    '-f',
    '-R',
    '-V',
    'config-2',
    '-publisher',
    'INGOT',
    ...bios,
    '-e',
    'boot/efi.img',
    '-no-emul-boot',
    '-o',
    iso,
    tree,
  ];
  await run('xorriso', args, { timeoutMs: MAKE_MS, signal: wish.signal });
}

/** The EFI part: a small FAT file system with shim and GRUB. */
async function writeEsp(wish: MediumWish, file: string): Promise<void> {
  const names = FILES[wish.arch === 'aarch64' ? 'aarch64' : 'x86_64'];
  const sizes = await Promise.all(
    [names.shim, names.grub].map(async (name) => (await stat(join(wish.loaders, name))).size),
  );
  const kib = Math.ceil((sizes[0] ?? 0) / 1024 + (sizes[1] ?? 0) / 1024) + 512;
  const env = childEnv({ MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' });
  const tool = (name: string, args: string[]) => run(name, args, { timeoutMs: 30_000, signal: wish.signal, env });
  await writeFile(file, Buffer.alloc(0));
  const handle = await open(file, 'r+');
  await handle.truncate(kib * 1024);
  await handle.close();
  await tool('mformat', [
    '-i',
    file,
    '-v',
    'INGOT',
    '-N',
    '00000000',
    '-T',
    String(kib * 2),
    '-h',
    '1',
    '-s',
    '1',
    '::',
  ]);
  await tool('mmd', ['-i', file, '::EFI', '::EFI/BOOT']);
  await tool('mcopy', ['-i', file, join(wish.loaders, names.shim), `::EFI/BOOT/${names.boot}`]);
  await tool('mcopy', ['-i', file, join(wish.loaders, names.grub), `::EFI/BOOT/${names.second}`]);
}

const MARK = 64;

/** A file that can be found again in the image: its name in its first bytes. */
function marked(name: string, size: number): Buffer {
  return Buffer.concat([markOf(name), Buffer.alloc(size - MARK)]);
}

function markOf(name: string): Buffer {
  return Buffer.concat([createHash('sha512').update(`ingot boot medium ${name}`).digest()]);
}

/** Files lie in one piece at a multiple of 2048 bytes (ECMA-119). */
async function findPlaces(iso: string): Promise<Medium['places']> {
  const marks = Object.entries(PLACES).map(([name, place]) => ({ name, size: place.size, mark: markOf(name) }));
  const found: Record<string, { offset: number; size: number }> = {};
  const handle = await open(iso, 'r');
  try {
    const buffer = Buffer.alloc(4 << 20);
    for (let at = 0; ; ) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      for (let sector = 0; sector + MARK <= bytesRead; sector += 2048) {
        const head = buffer.subarray(sector, sector + MARK);
        for (const one of marks) if (head.equals(one.mark)) found[one.name] = { offset: at + sector, size: one.size };
      }
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  for (const { name } of marks)
    if (found[name] === undefined) throw new Error(`the place of ${name} is not in the image`);
  return found as Medium['places'];
}

/** A node's content for one of the places. Throws BootMedia when it is longer than the place. */
export function filled(name: PlaceName, content: Buffer | string): Buffer {
  const { size, fill } = PLACES[name];
  const bytes = Buffer.from(content);
  if (bytes.length > size)
    throw errors.BootMedia(`${name} of the node has ${bytes.length} bytes, ${size} is the limit`);
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length, fill)]);
}

async function forgetOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.iso'));
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  for (const { name } of aged.sort((a, b) => b.at - a.at).slice(KEPT)) {
    await rm(join(folder, name.replace(/\.iso$/, '.json')), { force: true });
    await rm(join(folder, name), { force: true });
  }
}
