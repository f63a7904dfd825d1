import { createHash } from 'node:crypto';
import { type BlockManifest, blockLength } from '#agent-api/manifest';
import { emptyBits, hasBit, setBit } from '#agent-api/swarm';
import type { BlockDevice } from '../machine/contract.ts';
import { errors } from '../errors.ts';

/** Hashes an image in order while its blocks come in any: what came early is read back from the device. */
export class BlockHasher {
  readonly #manifest: BlockManifest;
  readonly #device: BlockDevice;
  readonly #expected: string;
  readonly #hash = createHash('sha256');
  readonly #there: Uint8Array;
  readonly #zeroes: Buffer;
  #next = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(manifest: BlockManifest, device: BlockDevice, expected: string) {
    this.#manifest = manifest;
    this.#device = device;
    this.#expected = expected;
    this.#there = emptyBits(manifest.blocks.length);
    this.#zeroes = Buffer.alloc(manifest.block_bytes);
  }

  /** A block is on the device (block 0: in memory). Hashes on when it is its turn. */
  async reached(block: number, bytes: Buffer | null): Promise<void> {
    setBit(this.#there, block);
    if (block !== this.#next) return;
    const mine = this.#turn.then(() => this.#goOn(block, bytes));
    this.#turn = mine;
    await mine;
  }

  /** The hash of all of it. Throws `ChecksumMismatch` when it is another one than expected. */
  async end(kept: ReadonlyMap<number, Buffer>): Promise<string> {
    await this.#turn;
    while (this.#next < this.#manifest.blocks.length) await this.#take(this.#next, kept.get(this.#next) ?? null);
    const actual = this.#hash.digest('hex');
    if (actual !== this.#expected) {
      throw errors.ChecksumMismatch('The raw image', 'sha256', this.#expected, actual);
    }
    return actual;
  }

  async #goOn(block: number, bytes: Buffer | null): Promise<void> {
    if (block !== this.#next) return;
    await this.#take(block, bytes);
    while (this.#next < this.#manifest.blocks.length && hasBit(this.#there, this.#next))
      await this.#take(this.#next, null);
  }

  async #take(block: number, bytes: Buffer | null): Promise<void> {
    const length = blockLength(this.#manifest, block);
    if (this.#manifest.blocks[block] === null) this.#hash.update(this.#zeroes.subarray(0, length));
    else if (bytes !== null) this.#hash.update(bytes);
    else {
      const read = Buffer.allocUnsafe(length);
      await this.#device.read(read, block * this.#manifest.block_bytes);
      this.#hash.update(read);
    }
    this.#next = block + 1;
  }
}
