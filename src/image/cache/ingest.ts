import { open } from 'node:fs/promises';
import { BLOCK_BYTES, type BlockManifest } from '#agent-api/manifest';
import type { ImageProgress } from '#contracts/image';
import { errors } from '../errors.ts';
import { HEAD_BYTES } from '../model/detect.ts';
import { type Judged, judgeCompression, judgeHead, type UsableCompression } from '../model/judge.ts';
import type { Checksum } from '../model/checksum.ts';
import type { ImageLimits } from '../model/limits.ts';
import { convertQcow2 } from './convert.ts';
import { peek } from './peek.ts';
import { RawWriter, SECTOR } from './raw-writer.ts';
import { StreamHash } from './stream-hash.ts';
import { unpacked } from './unpack.ts';

export interface IngestOptions {
  /** Two names of files that are not there yet; what is left of them is the caller's to remove. */
  raw: string;
  packed: string;
  checksum: Checksum | undefined;
  diskFormat: 'raw' | 'qcow2' | 'iso' | undefined;
  sourceBytes: number | null;
  limits: ImageLimits;
  convertTimeoutMs: number;
  signal: AbortSignal;
  onProgress: ImageProgress;
}

export interface Ingested {
  manifest: BlockManifest & { sha256: string };
  judged: Judged;
  compression: UsableCompression;
  sourceBytes: number;
}

/**
 * Makes a raw disk and its manifest of a source's bytes, in one pass where the source is raw. Nothing is opened by
 * a tool before it was judged and its checksum agreed. Memory does not grow with the image.
 */
export async function ingest(source: AsyncGenerator<Buffer>, options: IngestOptions): Promise<Ingested> {
  const { checksum } = options;
  const hash = checksum === undefined ? undefined : new StreamHash(checksum.algorithm);
  try {
    return await taken(source, hash, options);
  } finally {
    await hash?.close();
  }
}

async function taken(
  source: AsyncGenerator<Buffer>,
  hash: StreamHash | undefined,
  options: IngestOptions,
): Promise<Ingested> {
  const { checksum, limits, onProgress, sourceBytes, signal } = options;
  let bytes = 0;
  const counted = async function* () {
    for await (const part of source) {
      await hash?.update(part);
      bytes += part.length;
      onProgress({ phase: 'fetch', bytes, total: sourceBytes });
      yield part;
    }
  };
  const outer = await peek(counted(), HEAD_BYTES);
  const compression = judgeCompression(outer.head);
  const inner = await peek(unpacked(outer.all, compression, limits), HEAD_BYTES);
  const length = inner.ended ? inner.head.length : compression === 'none' ? sourceBytes : null;
  const judged = judgeHead(inner.head, length, options.diskFormat, limits);
  const verify = async () => {
    const actual = await hash?.digest();
    if (checksum !== undefined && actual !== checksum.hex)
      throw errors.ImageChecksum(checksum.algorithm, checksum.hex, actual ?? '');
  };
  if (judged.format !== 'qcow2') {
    // The disk is the source, byte for byte: what it was verified by is its hash.
    const isSource = compression === 'none' && checksum?.algorithm === 'sha256' && (sourceBytes ?? 1) % SECTOR === 0;
    const written = await writeRaw(inner.all, options.raw, limits, !isSource);
    await verify();
    const manifest = !isSource
      ? written
      : bytes % SECTOR === 0
        ? { ...written, sha256: checksum.hex }
        : await scan(options.raw, signal, onProgress); // it was longer or shorter than it said
    return { manifest, judged, compression, sourceBytes: bytes };
  }
  await save(inner.all, options.packed, limits);
  await verify();
  onProgress({ phase: 'convert', bytes: 0, total: judged.virtualBytes });
  await convertQcow2(options.packed, options.raw, limits, signal, options.convertTimeoutMs);
  const manifest = await scan(options.raw, signal, onProgress);
  return { manifest, judged, compression, sourceBytes: bytes };
}

async function writeRaw(stream: AsyncGenerator<Buffer>, path: string, limits: ImageLimits, whole: boolean) {
  const writer = await RawWriter.to(path, { whole });
  try {
    for await (const part of stream) {
      await writer.write(part);
      if (writer.bytes > limits.maxVirtualBytes) throw errors.ImageTooLarge('its disk', limits.maxVirtualBytes);
    }
    return await writer.end();
  } catch (error) {
    await writer.close();
    throw error;
  }
}

async function save(stream: AsyncGenerator<Buffer>, path: string, limits: ImageLimits): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  let at = 0;
  try {
    for await (const part of stream) {
      await file.write(part, 0, part.length, at);
      at += part.length;
      if (at > limits.maxSourceBytes) throw errors.ImageTooLarge('its file', limits.maxSourceBytes);
    }
  } finally {
    await file.close();
  }
}

/** The manifest of a raw file. */
async function scan(path: string, signal: AbortSignal, onProgress: ImageProgress) {
  const writer = await RawWriter.to(null);
  const file = await open(path, 'r');
  try {
    const total = (await file.stat()).size;
    // Two pieces in turn: one is read while the other is hashed.
    let [buffer, other] = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)];
    let reading = file.read(buffer, 0, buffer.length, 0);
    for (let at = 0; at < total; ) {
      signal.throwIfAborted();
      const { bytesRead } = await reading;
      if (bytesRead === 0) break;
      const part = buffer.subarray(0, bytesRead);
      at += bytesRead;
      [buffer, other] = [other, buffer];
      reading = file.read(buffer, 0, buffer.length, at);
      reading.catch(() => {}); // awaited in the next turn
      await writer.write(part);
      onProgress({ phase: 'check', bytes: at, total });
    }
    await reading;
    return await writer.end();
  } finally {
    await file.close();
  }
}
