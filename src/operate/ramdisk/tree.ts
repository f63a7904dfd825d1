import { lstat, readlink, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { CpioEntry } from '#protocols/cpio/newc';
import { readElf } from '#protocols/elf/elf';
import { PROGRAM_FOLDERS } from './contents.ts';

/**
 * Picks files out of unpacked packages into an archive: programs with the libraries they need, as their headers
 * name them. Debian's packages still write to `/bin` and `/lib` in places; here everything lies under `/usr`.
 */
export class Tree {
  readonly #root: string;
  readonly #triplet: string;
  readonly #entries = new Map<string, CpioEntry>();
  readonly missing: string[] = [];

  constructor(root: string, triplet: string) {
    this.#root = root;
    this.#triplet = triplet;
    for (const dir of ['dev', 'proc', 'sys', 'run', 'tmp', 'mnt', 'root', 'etc', 'var', 'var/lib', 'var/log', 'usr'])
      this.put({
        path: dir,
        kind: 'dir',
        ...(dir === 'tmp' ? { mode: 0o1777 } : dir === 'root' ? { mode: 0o700 } : {}),
      });
    for (const dir of ['bin', 'sbin', 'lib', 'lib64']) {
      this.put({ path: `usr/${dir}`, kind: 'dir' });
      this.put({ path: dir, kind: 'link', target: `usr/${dir}` });
    }
    this.put({ path: 'var/run', kind: 'link', target: '/run' });
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** Adds an entry as it is, with its folders. */
  put(entry: CpioEntry): void {
    const parent = dirname(entry.path);
    if (parent !== '.' && !this.#entries.has(parent)) this.put({ path: parent, kind: 'dir' });
    this.#entries.set(entry.path, entry);
  }

  /** A program by its name; false (and `missing`) when no package has it. */
  async program(name: string, optional = false): Promise<boolean> {
    for (const folder of PROGRAM_FOLDERS) {
      if (await this.file(`${folder}/${name}`)) return true;
    }
    if (!optional) this.missing.push(name);
    return false;
  }

  /** A file by its path in the packages, what it links to, and the libraries it needs; false when not there. */
  async file(path: string): Promise<boolean> {
    const place = usrPath(path);
    if (this.#entries.has(place)) return true;
    const source = await this.#find(path);
    if (source === null) return false;
    const info = await lstat(source);
    if (info.isSymbolicLink()) return this.#link(path, place, source);
    if (!info.isFile()) return false;
    this.put({ path: place, kind: 'file', source, size: info.size, mode: info.mode & 0o777 });
    await this.needs(source);
    return true;
  }

  /** A file from elsewhere on this host, at `path`. */
  async outside(source: string, path: string, mode = 0o644): Promise<void> {
    this.put({ path, kind: 'file', source, size: (await stat(source)).size, mode });
  }

  /** A library by its name, such as `libc.so.6`; false when no package has it. */
  async library(name: string, first: readonly string[] = []): Promise<boolean> {
    const { folders } = this;
    for (const folder of [...first, ...folders]) {
      if (await this.file(`${folder}/${name}`)) return true;
    }
    return false;
  }

  /** Adds the loader and the libraries that a program outside the packages needs. */
  async needs(program: string): Promise<void> {
    const facts = await readElf(program);
    if (facts === null) return;
    if (facts.interpreter !== null && !(await this.file(facts.interpreter.slice(1))))
      this.missing.push(facts.interpreter);
    const own = facts.runpath.filter((path) => path.startsWith('/')).map((path) => path.slice(1));
    for (const name of facts.needed) {
      if (!(await this.library(name, own))) this.missing.push(`${name} (of ${posix.basename(program)})`);
    }
  }

  /** All entries, folders before what is in them, the same each time. */
  entries(): CpioEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  get folders(): readonly string[] {
    return [`usr/lib/${this.#triplet}`, `lib/${this.#triplet}`, 'usr/lib', 'lib', 'usr/lib64', 'lib64'];
  }

  async #link(path: string, place: string, source: string): Promise<boolean> {
    const target = await readlink(source);
    const absolute = target.startsWith('/') ? target.slice(1) : posix.join(posix.dirname(path), target);
    // Alternatives (`/etc/alternatives/…`) exist on installed systems only.
    if (absolute.startsWith('etc/') || !(await this.file(absolute))) return false;
    // Written anew: a relative link may have counted on a /bin that is now /usr/bin.
    this.put({ path: place, kind: 'link', target: `/${usrPath(absolute)}` });
    return true;
  }

  async #find(path: string): Promise<string | null> {
    const other = path.startsWith('usr/') ? path.slice(4) : `usr/${path}`;
    for (const candidate of [path, other]) {
      const full = join(this.#root, candidate);
      const found = await lstat(full).then(
        () => true,
        () => false,
      );
      if (found) return full;
    }
    return null;
  }
}

function usrPath(path: string): string {
  return /^(bin|sbin|lib|lib64)\//.test(path) ? `usr/${path}` : path;
}
