import { createHash, type Hash } from 'node:crypto';
import type { BlockDevice } from '../machine/contract.ts';
import { WriteBehind } from './write-behind.ts';

/** Bytes in one write. */
const CHUNK = 2 * 1024 * 1024;
/** The head of a disk, which makes it bootable, is written last. */
export const HELD_BACK = 1024 * 1024;

const ZEROES = Buffer.alloc(CHUNK);

/** True when there is nothing but zeroes. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const part = bytes.subarray(at, at + CHUNK);
    if (Buffer.compare(part, ZEROES.subarray(0, part.length)) !== 0) return false;
  }
  return true;
}

export interface WriterOptions {
  /** Hash what is written. */
  hash?: 'sha256';
  onBytes?(bytes: number, zeroes: number): void;
}

/**
 * Writes a stream to a device from its start: in large pieces, one on its way while the next fills, zeroes by the
 * device's own command where it has one. The first MiB stays in memory until `finish`: until everything is checked,
 * the disk holds nothing that starts.
 */
export class SequentialWriter {
  readonly #device: BlockDevice;
  readonly #options: WriterOptions;
  readonly #hash: Hash | null;
  #chunk = Buffer.allocUnsafeSlow(CHUNK);
  #spare = Buffer.allocUnsafeSlow(CHUNK);
  #fill = 0;
  #at = 0;
  #zeroFrom = -1;
  #zeroBytes = 0;
  readonly #behind: WriteBehind;
  #pending: Promise<void> = Promise.resolve();
  #head: Buffer | undefined;

  constructor(device: BlockDevice, options: WriterOptions = {}) {
    this.#device = device;
    this.#behind = new WriteBehind(device);
    this.#options = options;
    this.#hash = options.hash === undefined ? null : createHash(options.hash);
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#at + this.#fill;
  }

  get zeroBytes(): number {
    return this.#zeroBytes;
  }

  /** Takes the next bytes; waits while the device is slower. */
  async take(bytes: Buffer): Promise<void> {
    this.#hash?.update(bytes);
    for (let done = 0; done < bytes.length; ) {
      const n = Math.min(CHUNK - this.#fill, bytes.length - done);
      bytes.copy(this.#chunk, this.#fill, done, done + n);
      this.#fill += n;
      done += n;
      if (this.#fill === CHUNK) await this.#flush();
    }
  }

  /** Everything but the head is on the medium. Gives the hash, if one was asked for. */
  async settle(): Promise<string | null> {
    if (this.#fill > 0) await this.#flush();
    await this.#endZeroes();
    await this.#pending;
    await this.#behind.settle();
    return this.#hash?.digest('hex') ?? null;
  }

  /** After `settle` and every check: the head goes to its place. */
  async finish(): Promise<void> {
    if (this.#head !== undefined) await this.#device.write(this.#head, 0);
    await this.#device.sync();
  }

  async #flush(): Promise<void> {
    const chunk = this.#chunk.subarray(0, this.#fill);
    const at = this.#at;
    this.#at += this.#fill;
    this.#fill = 0;
    if (at === 0) {
      this.#head = Buffer.from(chunk.subarray(0, HELD_BACK));
      chunk.fill(0, 0, Math.min(HELD_BACK, chunk.length));
    }
    // The first chunk is always written: it erases the head of what was there.
    if (at > 0 && isZero(chunk)) {
      if (this.#zeroFrom < 0) this.#zeroFrom = at;
      this.#zeroBytes += chunk.length;
    } else {
      await this.#endZeroes(at);
      await this.#pending;
      [this.#chunk, this.#spare] = [this.#spare, this.#chunk];
      this.#pending = this.#write(chunk, at);
      this.#pending.catch(() => {}); // it is awaited before the next write
    }
    this.#options.onBytes?.(this.#at, this.#zeroBytes);
  }

  async #write(chunk: Buffer, at: number): Promise<void> {
    await this.#device.write(chunk, at);
    await this.#behind.wrote(chunk.length);
  }

  async #endZeroes(end = this.#at): Promise<void> {
    if (this.#zeroFrom < 0) return;
    const from = this.#zeroFrom;
    this.#zeroFrom = -1;
    await this.#pending;
    await zeroRange(this.#device, from, end - from);
  }
}

/** Makes a range zero: by the device's own command, or by writing. */
export async function zeroRange(device: BlockDevice, from: number, length: number): Promise<void> {
  if (length <= 0 || (await device.zero(from, length))) return;
  for (let at = from; at < from + length; at += CHUNK) {
    await device.write(ZEROES.subarray(0, Math.min(CHUNK, from + length - at)), at);
  }
}

/** Erases both ends of a disk, where tables and signatures of an earlier life stand. */
export async function eraseEnds(device: BlockDevice): Promise<void> {
  const end = Math.min(HELD_BACK, device.size);
  await device.write(ZEROES.subarray(0, end), 0);
  await device.write(ZEROES.subarray(0, end), device.size - end);
  await device.sync();
}
