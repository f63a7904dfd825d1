import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlockManifest, parseManifest } from '#agent-api/manifest';

/** Where images lie in the data directory. Names are made of UUIDs and hashes only. */
export class ImageFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async open(): Promise<void> {
    for (const folder of ['cache', 'incoming', 'store', 'blocks', 'manifests']) {
      await mkdir(join(this.#root, folder), { recursive: true, mode: 0o700 });
    }
  }

  /** The raw disk of a cached image. */
  raw(contentId: string): string {
    return join(this.#root, 'cache', `${safe(contentId)}.raw`);
  }

  manifest(contentId: string): string {
    return join(this.#root, 'cache', `${safe(contentId)}.json`);
  }

  /** A file that is being written; removed if the process ends. */
  incoming(name: string): string {
    return join(this.#root, 'incoming', safe(name));
  }

  get incomingFolder(): string {
    return join(this.#root, 'incoming');
  }

  get cacheFolder(): string {
    return join(this.#root, 'cache');
  }

  /** The bytes of an image of the Image API. */
  stored(imageId: string): string {
    return join(this.#root, 'store', safe(imageId));
  }

  /** Manifest of a captured disk. */
  captured(imageId: string): string {
    return join(this.#root, 'manifests', `${safe(imageId)}.json`);
  }

  get manifestFolder(): string {
    return join(this.#root, 'manifests');
  }

  /** A block of captured disks, packed with zstd. */
  block(hash: string): string {
    return join(this.#root, 'blocks', safe(hash).slice(0, 2), `${safe(hash)}.zst`);
  }

  get blockFolder(): string {
    return join(this.#root, 'blocks');
  }

  async readManifest(file: string): Promise<BlockManifest> {
    return parseManifest(JSON.parse(await readFile(file, 'utf8')));
  }

  /** Written aside and renamed: nobody reads half of it. */
  async writeWhole(file: string, data: string | Buffer): Promise<void> {
    const aside = `${file}.${process.pid}.new`;
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
    await writeFile(aside, data, { mode: 0o600 });
    await rename(aside, file);
  }

  /** Bytes of disk a file takes; 0 when it is not there. */
  async diskBytes(file: string): Promise<number> {
    return (await stat(file).catch(() => ({ blocks: 0 }))).blocks * 512;
  }

  async remove(...files: string[]): Promise<void> {
    for (const file of files) await rm(file, { force: true });
  }
}

function safe(name: string): string {
  if (!/^[A-Za-z0-9-]{1,128}$/.test(name)) throw new TypeError('not a name of a file of ours');
  return name;
}
