import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { blockLength } from '#agent-api/manifest';
import type { ImageSource } from '../drivers/contract.ts';
import { errors } from '../errors.ts';
import type { ImageRoom } from '../room.ts';
import type { ImageRow } from '../model/image.ts';

const unzstd = promisify(zstdDecompress);

/** A captured disk, put together from its blocks while it is read. */
export function capturedSource(room: Pick<ImageRoom, 'files'>, row: Pick<ImageRow, 'id' | 'size'>): ImageSource {
  const bytes = Number(row.size);
  const facts = { bytes, validator: row.id, resumable: true };
  return {
    name: `image ${row.id}`,
    fileName: row.id,
    stat: async () => facts,
    open: async (offset) => ({ stream: Readable.from(pieces(room, row.id, offset), { objectMode: false }), facts }),
  };
}

async function* pieces(room: Pick<ImageRoom, 'files'>, id: string, offset: number): AsyncGenerator<Buffer> {
  const manifest = await room.files.readManifest(room.files.captured(id));
  const first = Math.floor(offset / manifest.block_bytes);
  for (let index = first; index < manifest.blocks.length; index++) {
    // Zeroes come from nowhere: without a pause a whole disk of them would go by before anything else of this process
    // had its turn, its heartbeats too.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const hash = manifest.blocks[index] ?? null;
    const length = blockLength(manifest, index);
    const block = hash === null ? Buffer.alloc(length) : await readBlock(room, hash, length);
    yield index === first ? block.subarray(offset - first * manifest.block_bytes) : block;
  }
}

/** A stored block, unpacked. */
export async function readBlock({ files }: Pick<ImageRoom, 'files'>, hash: string, length: number): Promise<Buffer> {
  const packed = await readFile(files.block(hash)).catch(() => {
    throw errors.ImageBlockUnknown();
  });
  return unzstd(packed, { maxOutputLength: length });
}
