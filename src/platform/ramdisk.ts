import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What a built ramdisk is: `manifest.json` beside its files. */
export interface RamdiskManifest {
  /** Name of its content: same bytes, same key. */
  key: string;
  /** The kernel's name of the architecture: `x86_64`, `aarch64`. */
  arch: string;
  kernelVersion: string;
  kernel: FileFacts;
  initrd: FileFacts;
  /** Boot loaders, in the folder `loaders`. */
  loaders: Readonly<Record<string, FileFacts>>;
  /** `name=version` of every Debian package. */
  packages: readonly string[];
  node: string;
}

export interface FileFacts {
  size: number;
  sha256: string;
}

/** Where ramdisks are kept unless told otherwise: shared by all data directories of this host. */
export function defaultRamdiskDir(env: Readonly<Record<string, string | undefined>>): string {
  if (process.getuid?.() === 0) return '/var/cache/ingot/ramdisk';
  const cache = env['XDG_CACHE_HOME'];
  return join(cache?.startsWith('/') ? cache : join(env['HOME'] ?? homedir(), '.cache'), 'ingot', 'ramdisk');
}

/** The ramdisk that was built last for `arch` under that name, with the folder of its files; null: there is none. */
export async function builtRamdisk(
  dir: string,
  arch: string,
  name = 'current',
): Promise<{ folder: string; manifest: RamdiskManifest } | null> {
  try {
    const key = (await readFile(join(dir, arch, name), 'utf8')).trim();
    const folder = join(dir, arch, key);
    return { folder, manifest: JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as RamdiskManifest };
  } catch {
    return null;
  }
}
