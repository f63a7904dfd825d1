import { createHash } from 'node:crypto';
import { type BlockManifest, blockLength } from '#agent-api/manifest';
import { same } from '../http/listener.ts';
import type { BlockDevice } from '../machine/contract.ts';

/** An image whose blocks this machine gives to others. */
export interface SharedImage {
  secret: string;
  manifest: BlockManifest;
  /** Blocks that are on the device. */
  has(index: number): boolean;
  device: BlockDevice;
  /** Blocks that are not on the device yet. */
  kept: ReadonlyMap<number, Buffer>;
}

/** Answers at a time: each holds a block in memory. */
const AT_ONCE = 8;

/** What a machine gives to others: blocks read back from its disk, by hash, to who knows the image's secret. */
export class SharedBlocks {
  readonly #images = new Map<string, { image: SharedImage; index: ReadonlyMap<string, number> }>();
  #busy = 0;

  add(image: SharedImage): void {
    const index = new Map<string, number>();
    image.manifest.blocks.forEach((hash, i) => {
      if (hash !== null) index.set(hash, i);
    });
    this.#images.set(image.secret, { image, index });
  }

  remove(secret: string): void {
    this.#images.delete(secret);
  }

  gives(secret: string): boolean {
    return this.#images.has(secret);
  }

  /** Nothing is given any more: disks are about to change. */
  async clear(): Promise<void> {
    const images = [...this.#images.values()];
    this.#images.clear();
    await Promise.all(images.map(({ image }) => image.device.close()));
  }

  /** A block, or null: not had, no such image, too busy, or the disk holds something else there by now. */
  async give(hash: string, secret: string): Promise<Buffer | null> {
    const found = [...this.#images.values()].find(({ image }) => same(image.secret, secret));
    const index = found?.index.get(hash);
    if (found === undefined || index === undefined || this.#busy >= AT_ONCE) return null;
    const { image } = found;
    const kept = image.kept.get(index);
    if (kept !== undefined) return kept;
    if (!image.has(index)) return null;
    this.#busy++;
    try {
      const block = Buffer.allocUnsafe(blockLength(image.manifest, index));
      await image.device.read(block, index * image.manifest.block_bytes);
      // A config drive or a moved partition table may have changed it since.
      return createHash('sha256').update(block).digest('hex') === hash ? block : null;
    } catch {
      return null;
    } finally {
      this.#busy--;
    }
  }
}
