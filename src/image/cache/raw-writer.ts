import { webcrypto } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { BLOCK_BYTES, type BlockManifest } from '#agent-api/manifest';
import { StreamHash } from './stream-hash.ts';

/** A sector: machines have disks of whole ones. */
export const SECTOR = 512;
const ZEROES = Buffer.alloc(BLOCK_BYTES);
const { subtle } = webcrypto;

/** Takes the raw bytes of a disk in order: writes them with holes for zeroes, and makes the block manifest on the way. */
export class RawWriter {
  readonly #file: FileHandle | null;
  readonly #whole: StreamHash | null;
  readonly #blocks: (string | null)[] = [];
  /** One is filled while the disk writes the other. */
  #block: Buffer<ArrayBuffer> = Buffer.alloc(BLOCK_BYTES);
  #other: Buffer<ArrayBuffer> = Buffer.alloc(BLOCK_BYTES);
  #before: Promise<unknown> = Promise.resolve();
  #filled = 0;
  #written = 0;

  private constructor(file: FileHandle | null, whole: boolean) {
    this.#file = file;
    this.#whole = whole ? new StreamHash('sha256') : null;
  }

  /** `path` null: only the manifest is made. `whole`: the hash of all bytes is wanted, too; else it is empty. */
  static async to(path: string | null, { whole = true }: { whole?: boolean } = {}): Promise<RawWriter> {
    return new RawWriter(path === null ? null : await open(path, 'wx', 0o600), whole);
  }

  get bytes(): number {
    return this.#blocks.length * BLOCK_BYTES + this.#filled;
  }

  /** Bytes that are not zeroes, in whole blocks. */
  get written(): number {
    return this.#written;
  }

  async write(part: Buffer): Promise<void> {
    for (let at = 0; at < part.length; ) {
      const taken = Math.min(part.length - at, BLOCK_BYTES - this.#filled);
      part.copy(this.#block, this.#filled, at, at + taken);
      this.#filled += taken;
      at += taken;
      if (this.#filled === BLOCK_BYTES) await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    const block = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    const at = this.#blocks.length;
    if (block.equals(ZEROES.subarray(0, block.length))) {
      this.#blocks.push(null);
      await this.#whole?.zeroes(block.length);
      return;
    }
    // Of three threads one hashes the block, one the whole, and one writes, while the next block is read here.
    this.#blocks.push(null);
    this.#written += block.length;
    await this.#before;
    const own = subtle.digest('SHA-256', block).then((hash) => {
      this.#blocks[at] = Buffer.from(hash).toString('hex');
    });
    const written = this.#file?.write(block, 0, block.length, at * BLOCK_BYTES);
    this.#before = Promise.all([own, written]);
    this.#before.catch(() => {}); // awaited with the next block
    [this.#block, this.#other] = [this.#other, this.#block];
    await this.#whole?.update(block);
  }

  /** Fills up to a whole sector, sets the file's length, and gives the manifest. The file is then on the disk. */
  async end(): Promise<BlockManifest & { sha256: string }> {
    const over = this.bytes % SECTOR;
    if (over > 0) await this.write(ZEROES.subarray(0, SECTOR - over));
    const size = this.bytes;
    if (this.#filled > 0) await this.#flush();
    await this.#before;
    if (this.#file !== null) {
      await this.#file.truncate(size);
      await this.#file.sync();
    }
    const sha256 = (await this.#whole?.digest()) ?? '';
    await this.close();
    return {
      version: 1,
      virtual_bytes: size,
      block_bytes: BLOCK_BYTES,
      blocks: this.#blocks,
      sha256,
    };
  }

  async close(): Promise<void> {
    await this.#before.catch(() => {});
    await this.#whole?.close();
    await this.#file?.close().catch(() => {});
  }
}
