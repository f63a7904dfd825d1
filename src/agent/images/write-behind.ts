import type { BlockDevice } from '../machine/contract.ts';

/**
 * Bytes after which a sync begins. A kernel with much memory would keep a whole image in it, and the disk would begin
 * when the network has ended; and a pull of the plug would lose much.
 */
const SYNC_EVERY = 32 * 1024 * 1024;

/** Has a device write while more comes: at most twice `SYNC_EVERY` waits in memory. */
export class WriteBehind {
  readonly #device: BlockDevice;
  #unsynced = 0;
  #syncing: Promise<void> = Promise.resolve();

  constructor(device: BlockDevice) {
    this.#device = device;
  }

  /** So much was written. Waits while the device is slower. Throws what an earlier sync threw. */
  async wrote(bytes: number): Promise<void> {
    this.#unsynced += bytes;
    if (this.#unsynced < SYNC_EVERY) return;
    this.#unsynced = 0;
    // One after the other: the system tells of an error once, and whoever asks next must hear of it.
    const before = this.#syncing;
    this.#syncing = before.then(() => this.#device.sync());
    this.#syncing.catch(() => {}); // thrown at the next call, or by `settle`
    await before;
  }

  /** All of it is on the medium. */
  async settle(): Promise<void> {
    await this.#syncing;
    await this.#device.sync();
  }
}
