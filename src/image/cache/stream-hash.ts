import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

/** Bytes that go to the thread at once, and how many such pieces there are: what a hash takes of memory. */
const PIECE_BYTES = 4 * 1024 * 1024;
const PIECES = 3;
/** Pieces and runs of zeroes the thread may be behind. */
const MOST_BEHIND = 16;

/** Text, because the published program is one bundle: there is no file to start. */
const PROGRAM = `
const { createHash } = require('node:crypto');
const { parentPort, workerData } = require('node:worker_threads');
const hash = createHash(workerData.algorithm);
const zeroes = Buffer.alloc(1 << 20);
parentPort.on('message', ({ piece, length, zero, end }) => {
  if (end) return parentPort.postMessage({ hex: hash.digest('hex') });
  for (let left = zero ?? 0; left > 0; left -= zeroes.length) hash.update(zeroes.subarray(0, Math.min(left, zeroes.length)));
  if (piece === undefined) return parentPort.postMessage({});
  hash.update(new Uint8Array(piece, 0, length));
  parentPort.postMessage({ piece }, [piece]);
});`;

type Answer = { piece?: ArrayBuffer; hex?: string };

/**
 * The hash of a stream, made by a thread of its own while the next bytes are read: the main thread, which answers
 * requests as well, only copies. What is shorter than a piece is hashed here.
 */
export class StreamHash {
  readonly #algorithm: string;
  #thread: Worker | undefined;
  #piece = Buffer.alloc(0);
  #filled = 0;
  #made = 0;
  #behind = 0;
  readonly #free: ArrayBuffer[] = [];
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  #hex: string | undefined;

  constructor(algorithm: 'sha256' | 'sha512' | 'md5' | 'sha1') {
    this.#algorithm = algorithm;
  }

  /** Takes a copy; waits while the thread is behind. */
  async update(part: Buffer): Promise<void> {
    for (let at = 0; at < part.length; ) {
      if (this.#piece.length === 0) this.#piece = await this.#take();
      const taken = Math.min(part.length - at, PIECE_BYTES - this.#filled);
      part.copy(this.#piece, this.#filled, at, at + taken);
      this.#filled += taken;
      at += taken;
      if (this.#filled === PIECE_BYTES) this.#give();
    }
  }

  /** As many zeroes, without a copy of them. */
  async zeroes(length: number): Promise<void> {
    if (this.#filled > 0) this.#give();
    while (this.#behind > MOST_BEHIND) await this.#told();
    this.#behind++;
    this.#running().postMessage({ zero: length });
  }

  /** Of all that was taken. */
  async digest(): Promise<string> {
    if (this.#thread === undefined) {
      return createHash(this.#algorithm).update(this.#piece.subarray(0, this.#filled)).digest('hex');
    }
    if (this.#filled > 0) this.#give();
    this.#thread.postMessage({ end: true });
    while (this.#hex === undefined) await this.#told();
    await this.close();
    return this.#hex;
  }

  /** Ends the thread; needed when no digest is asked for. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    thread?.removeAllListeners();
    await thread?.terminate();
  }

  #give(): void {
    const piece = this.#piece.buffer;
    const length = this.#filled;
    this.#piece = Buffer.alloc(0);
    this.#filled = 0;
    this.#behind++;
    this.#running().postMessage({ piece, length }, [piece]);
  }

  async #take(): Promise<Buffer<ArrayBuffer>> {
    for (;;) {
      const free = this.#free.pop();
      if (free !== undefined) return Buffer.from(free);
      if (this.#made < PIECES) {
        this.#made++;
        return Buffer.from(new ArrayBuffer(PIECE_BYTES));
      }
      await this.#told();
    }
  }

  async #told(): Promise<void> {
    if (this.#failure === undefined)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    if (this.#failure !== undefined) throw this.#failure;
  }

  #running(): Worker {
    if (this.#thread !== undefined) return this.#thread;
    const thread = new Worker(PROGRAM, { eval: true, workerData: { algorithm: this.#algorithm } });
    const wake = () => {
      const resolve = this.#wake;
      this.#wake = undefined;
      resolve?.();
    };
    thread.on('message', (answer: Answer) => {
      if (answer.hex !== undefined) this.#hex = answer.hex;
      else this.#behind--;
      if (answer.piece !== undefined) this.#free.push(answer.piece);
      wake();
    });
    thread.on('error', (error) => {
      this.#failure = error;
      wake();
    });
    this.#thread = thread;
    return thread;
  }
}
