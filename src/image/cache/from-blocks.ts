import { open } from 'node:fs/promises';
import { BLOCK_BYTES, type BlockManifest, blockLength } from '#agent-api/manifest';
import { HEAD_BYTES } from '../model/detect.ts';
import { judgeHead } from '../model/judge.ts';
import type { ImageLimits } from '../model/limits.ts';
import type { ImageProgress } from '#contracts/image';
import type { Ingested } from './ingest.ts';

/** A disk that is stored as blocks, each checked when it came, and all of them together when the last had come. */
export interface StoredBlocks {
  manifest: BlockManifest & { sha256: string };
  read(hash: string, length: number): Promise<Buffer>;
}

/** Can they be served as they are? Machines are given blocks of one size. */
export const isServable = ({ manifest }: StoredBlocks): boolean => manifest.block_bytes === BLOCK_BYTES;

/**
 * Makes a raw disk of stored blocks. What is known of them is not found out again: zeroes are not read, and nothing is
 * hashed. Throws what judging throws.
 */
export async function fromBlocks(
  { manifest, read }: StoredBlocks,
  options: { raw: string; limits: ImageLimits; signal: AbortSignal; onProgress: ImageProgress },
): Promise<Ingested> {
  const { raw, limits, signal, onProgress } = options;
  const total = manifest.virtual_bytes;
  const block = async (index: number) => {
    const hash = manifest.blocks[index] ?? null;
    const length = blockLength(manifest, index);
    return hash === null ? Buffer.alloc(length) : await read(hash, length);
  };
  const judged = judgeHead((await block(0)).subarray(0, HEAD_BYTES), total, 'raw', limits);
  const file = await open(raw, 'wx', 0o600);
  try {
    await file.truncate(total);
    for (const [index, hash] of manifest.blocks.entries()) {
      signal.throwIfAborted();
      if (hash === null) continue;
      const bytes = await block(index);
      await file.write(bytes, 0, bytes.length, index * manifest.block_bytes);
      onProgress({ phase: 'fetch', bytes: index * manifest.block_bytes + bytes.length, total });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { manifest, judged, compression: 'none', sourceBytes: total };
}
