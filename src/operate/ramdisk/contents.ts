import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What goes into the ramdisk: `ramdisk/contents.json`. */
export interface Contents {
  /** Debian packages, with all they depend on. */
  packages: readonly string[];
  /** Of releases that have them. */
  optionalPackages: readonly string[];
  /** Names of programs, found in the usual folders; the libraries they need come along. */
  programs: readonly string[];
  optionalPrograms: readonly string[];
  /** Small programs that busybox provides where Debian's own is left out. */
  busybox: readonly string[];
  files: readonly string[];
  /** Libraries that are loaded by name at run time, where they exist. */
  libraries: readonly string[];
  /** Folders and files below the kernel's modules; what they depend on comes along. */
  modules: { take: readonly string[]; leave: readonly string[] };
  /** Boot loaders by architecture: packages (alone), and file name → place in them. */
  loaders: Readonly<Record<string, { packages: readonly string[]; files: Readonly<Record<string, string>> }>>;
}

/** Debian's name of an architecture for Node's or the kernel's. */
export const DEBIAN_ARCH: Readonly<Record<string, string>> = {
  x64: 'amd64',
  x86_64: 'amd64',
  arm64: 'arm64',
  aarch64: 'arm64',
};

/** Folders where a program or its parts are looked for, in this order; all become their `/usr` twin. */
export const PROGRAM_FOLDERS = ['usr/sbin', 'sbin', 'usr/bin', 'bin'] as const;

/** The folder `ramdisk/` of the product, in a clone or in the published package. */
export function ramdiskFolder(): string {
  for (let dir = import.meta.dirname; ; dir = dirname(dir)) {
    const candidate = join(dir, 'ramdisk', 'contents.json');
    if (hasContents(candidate)) return dirname(candidate);
    if (dir === dirname(dir)) throw new Error('the folder ramdisk/ of this program is missing');
  }
}

export function readContents(): Contents {
  return JSON.parse(readFileSync(join(ramdiskFolder(), 'contents.json'), 'utf8')) as Contents;
}

function hasContents(file: string): boolean {
  try {
    return readFileSync(file).length > 0;
  } catch {
    return false;
  }
}
