import { errors } from '../../errors.ts';
import type { BlockDevice } from '../contract.ts';

const CHUNK = 64 * 1024;

/** What a simulated disk holds: chunks that are not zero. Lives as long as the machine, not as an open device. */
export class SparseDisk {
  readonly size: number;
  readonly #chunks = new Map<number, Buffer>();

  constructor(size: number) {
    this.size = size;
  }

  /** Bytes of memory it takes. */
  get held(): number {
    return this.#chunks.size * CHUNK;
  }

  read(buffer: Uint8Array, offset: number): void {
    this.#each(buffer, offset, (part, index, at) => {
      const chunk = this.#chunks.get(index);
      if (chunk === undefined) part.fill(0);
      else part.set(chunk.subarray(at, at + part.length));
    });
  }

  write(buffer: Uint8Array, offset: number): void {
    this.#each(buffer, offset, (part, index, at) => {
      let chunk = this.#chunks.get(index);
      if (chunk === undefined && isZero(part)) return;
      if (chunk === undefined) this.#chunks.set(index, (chunk = Buffer.alloc(CHUNK)));
      chunk.set(part, at);
      if (part.length === CHUNK && isZero(part)) this.#chunks.delete(index);
    });
  }

  /** The range reads as zeroes from now on. */
  zero(offset: number, length: number): void {
    for (let at = offset; at < offset + length; ) {
      const index = Math.floor(at / CHUNK);
      const n = Math.min(CHUNK - (at % CHUNK), offset + length - at);
      if (n === CHUNK) this.#chunks.delete(index);
      else this.#chunks.get(index)?.fill(0, at % CHUNK, (at % CHUNK) + n);
      at += n;
    }
  }

  #each(buffer: Uint8Array, offset: number, use: (part: Uint8Array, index: number, at: number) => void): void {
    for (let done = 0; done < buffer.length; ) {
      const at = (offset + done) % CHUNK;
      const n = Math.min(CHUNK - at, buffer.length - done);
      use(buffer.subarray(done, done + n), Math.floor((offset + done) / CHUNK), at);
      done += n;
    }
  }
}

const ZEROES = Buffer.alloc(CHUNK);
const isZero = (bytes: Uint8Array) => Buffer.compare(bytes, ZEROES.subarray(0, bytes.length)) === 0;

/** Opens a simulated disk. `fail` is asked before each access: a fault to show. */
export function openSparse(
  path: string,
  disk: SparseDisk,
  fail: (what: 'read' | 'write') => string | null,
): BlockDevice {
  const check = (what: 'read' | 'write', offset: number, length: number) => {
    const why = fail(what);
    if (why !== null) throw errors.DeviceUnusable(path, why);
    if (offset + length > disk.size) throw errors.DeviceTooSmall(path, disk.size, offset + length);
  };
  return {
    path,
    size: disk.size,
    read: async (buffer, offset) => {
      check('read', offset, buffer.length);
      disk.read(buffer, offset);
    },
    write: async (buffer, offset) => {
      check('write', offset, buffer.length);
      disk.write(buffer, offset);
    },
    zero: async (offset, length) => {
      check('write', offset, length);
      disk.zero(offset, length);
      return true;
    },
    sync: async () => {},
    close: async () => {},
  };
}
