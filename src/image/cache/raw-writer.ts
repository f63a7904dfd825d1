import { createHash, type Hash, webcrypto } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { BLOCK_BYTES, type BlockManifest } from '#agent-api/manifest';

/** A sector: machines have disks of whole ones. */
const SECTOR = 512;
const ZEROES = Buffer.alloc(BLOCK_BYTES);
const { subtle } = webcrypto;

/** Takes the raw bytes of a disk in order: writes them with holes for zeroes, and makes the block manifest on the way. */
export class RawWriter {
  readonly #file: FileHandle | null;
  readonly #whole: Hash = createHash('sha256');
  readonly #blocks: (string | null)[] = [];
  readonly #block: Buffer<ArrayBuffer> = Buffer.alloc(BLOCK_BYTES);
  #filled = 0;
  #written = 0;

  private constructor(file: FileHandle | null) {
    this.#file = file;
  }

  /** `path` null: only the manifest is made. */
  static async to(path: string | null): Promise<RawWriter> {
    return new RawWriter(path === null ? null : await open(path, 'wx', 0o600));
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
    if (block.equals(ZEROES.subarray(0, block.length))) {
      this.#whole.update(block);
      this.#blocks.push(null);
    } else {
      // The block's own hash is made by another thread, and the disk writes, while this one hashes the whole.
      const at = this.#blocks.length;
      const own = subtle.digest('SHA-256', block);
      const written = this.#file?.write(block, 0, block.length, at * BLOCK_BYTES);
      written?.catch(() => {}); // awaited below
      this.#whole.update(block);
      this.#blocks.push(Buffer.from(await own).toString('hex'));
      this.#written += block.length;
      await written;
    }
    this.#filled = 0;
  }

  /** Fills up to a whole sector, sets the file's length, and gives the manifest. The file is then on the disk. */
  async end(): Promise<BlockManifest & { sha256: string }> {
    const over = this.bytes % SECTOR;
    if (over > 0) await this.write(ZEROES.subarray(0, SECTOR - over));
    const size = this.bytes;
    if (this.#filled > 0) await this.#flush();
    if (this.#file !== null) {
      await this.#file.truncate(size);
      await this.#file.sync();
    }
    await this.close();
    return {
      version: 1,
      virtual_bytes: size,
      block_bytes: BLOCK_BYTES,
      blocks: this.#blocks,
      sha256: this.#whole.digest('hex'),
    };
  }

  async close(): Promise<void> {
    await this.#file?.close().catch(() => {});
  }
}
