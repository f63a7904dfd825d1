import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { start } from '#kernel/run';
import { errors } from '../errors.ts';
import type { UsableCompression } from '../model/judge.ts';
import type { ImageLimits } from '../model/limits.ts';

const GIB = 1024 ** 3;
/** Memory xz may use: as much as its strongest setting needs to unpack. */
const XZ_MEMORY = '128MiB';

/** Unpacks a stream with bounded memory; throws as soon as it grows past a limit. */
export async function* unpacked(
  packed: AsyncIterable<Buffer>,
  compression: UsableCompression,
  limits: ImageLimits,
): AsyncGenerator<Buffer> {
  if (compression === 'none') {
    yield* packed;
    return;
  }
  let bytesIn = 0;
  let bytesOut = 0;
  const counted = async function* () {
    for await (const part of packed) {
      bytesIn += part.length;
      yield part;
    }
  };
  const stream = compression === 'xz' ? throughXz(counted()) : throughNode(counted(), compression);
  for await (const part of stream) {
    bytesOut += part.length;
    if (bytesOut > limits.maxVirtualBytes) throw errors.ImageTooLarge('what is packed in it', limits.maxVirtualBytes);
    if (bytesOut > GIB && bytesOut / Math.max(bytesIn, 1) > limits.maxRatio) throw errors.ImageRatio(limits.maxRatio);
    yield part;
  }
}

async function* throughNode(packed: AsyncIterable<Buffer>, compression: 'gzip' | 'zstd'): AsyncGenerator<Buffer> {
  const chunkSize = 1024 * 1024;
  const unpacker = compression === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
  const input = Readable.from(packed, { objectMode: false });
  let failure: unknown;
  input.on('error', (error) => {
    failure = error;
    unpacker.destroy(error);
  });
  input.pipe(unpacker);
  try {
    for await (const part of unpacker) yield part as Buffer;
  } catch (error) {
    throw failure ?? errors.ImageBroken(`it cannot be unpacked with ${compression}`, { cause: error });
  } finally {
    input.destroy();
    unpacker.destroy();
  }
}

async function* throughXz(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const child = start('xz', ['--decompress', '--stdout', '--single-stream', `--memlimit-decompress=${XZ_MEMORY}`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  const input = Readable.from(packed, { objectMode: false });
  let failure: unknown;
  input.on('error', (error) => {
    failure = error;
    child.kill('SIGKILL');
  });
  child.stdin?.on('error', () => {}); // it ended before its input did; its exit code tells why
  if (child.stdin !== null) input.pipe(child.stdin);
  try {
    if (child.stdout !== null) for await (const part of child.stdout) yield part as Buffer;
    const code = await ended;
    if (failure !== undefined) throw failure;
    if (code !== 0) throw errors.ImageBroken(code === null ? 'xz is not installed' : 'it cannot be unpacked with xz');
  } finally {
    child.kill('SIGKILL');
    input.destroy();
  }
}
