import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Machine } from '../machine/contract.ts';
import { type Compression, compressionOf, HEAD } from './formats.ts';

/** First bytes of a stream, and the stream with them. */
export async function peek(
  source: AsyncIterable<Buffer>,
  bytes = HEAD,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let size = 0;
  let ended = false;
  while (size < bytes && !ended) {
    const next = await iterator.next();
    if (next.done === true) ended = true;
    else {
      parts.push(next.value);
      size += next.value.length;
    }
  }
  const head = Buffer.concat(parts);
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      while (!ended) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: head.subarray(0, bytes), all: all() };
}

/** The stream as it is or unpacked, by what its first bytes say. */
export async function decode(
  source: AsyncIterable<Buffer>,
  machine: Machine,
): Promise<{ compression: Compression; bytes: AsyncIterable<Buffer> }> {
  const { head, all } = await peek(source, 16);
  const compression = compressionOf(head);
  return { compression, bytes: compression === 'none' ? all : unpack(all, compression, machine) };
}

/** Unpacks a stream; an end before its time is an error, not an end. */
export function unpack(
  source: AsyncIterable<Buffer>,
  compression: Exclude<Compression, 'none'>,
  machine: Machine,
): AsyncIterable<Buffer> {
  const filter =
    compression === 'gzip'
      ? createGunzip({ chunkSize: 256 * 1024 })
      : compression === 'zstd'
        ? createZstdDecompress({ chunkSize: 256 * 1024 })
        : machine.filter('xz', ['-dc']);
  const input = Readable.from(source, { objectMode: false, highWaterMark: 1024 * 1024 });
  input.on('error', (error) => filter.destroy(error));
  return input.pipe(filter) as AsyncIterable<Buffer>;
}
