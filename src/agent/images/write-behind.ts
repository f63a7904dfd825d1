import type { BlockDevice } from '../machine/contract.ts';

/**
 * Bytes after which a sync begins, unless one is under way. A kernel with much memory would keep a whole image in it, and
 * the disk would begin when the network has ended; and a pull of the plug would lose much.
 */
const SYNC_AT = 8 * 1024 * 1024;
/** Bytes beside a sync that wait in memory at most. */
const MOST = 64 * 1024 * 1024;

/** Has a device write while more comes. */
export class WriteBehind {
  readonly #device: BlockDevice;
  #unsynced = 0;
  #syncing: Promise<void> | null = null;
  #failed: { error: unknown } | null = null;

  constructor(device: BlockDevice) {
    this.#device = device;
  }

  /** So much was written. Waits while the device is slower. Throws what an earlier sync threw. */
  async wrote(bytes: number): Promise<void> {
    this.#unsynced += bytes;
    if (this.#syncing === null && this.#unsynced >= SYNC_AT) this.#begin();
    if (this.#unsynced >= MOST) await this.#syncing;
    this.#complain();
  }

  /** All of it is on the medium. */
  async settle(): Promise<void> {
    while (this.#syncing !== null) await this.#syncing;
    this.#complain();
    await this.#device.sync();
  }

  #begin(): void {
    this.#unsynced = 0;
    this.#syncing = this.#device
      .sync()
      // The system tells of an error once: it is kept for whoever comes next.
      .catch((error: unknown) => void (this.#failed ??= { error }))
      .then(() => {
        this.#syncing = null;
        if (this.#unsynced >= SYNC_AT) this.#begin();
      });
  }

  #complain(): void {
    if (this.#failed !== null) throw this.#failed.error;
  }
}
