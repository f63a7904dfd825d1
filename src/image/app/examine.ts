import type { ImageFacts, ImageRequest } from '#contracts/image';
import { peek } from '../cache/peek.ts';
import { unpacked } from '../cache/unpack.ts';
import { errors } from '../errors.ts';
import { HEAD_BYTES } from '../model/detect.ts';
import { judgeCompression, judgeHead } from '../model/judge.ts';
import type { ImageRoom } from '../room.ts';
import { resolveSource } from './sources.ts';

/** Reads the head of an image, and judges it. */
export async function examine(room: ImageRoom, request: ImageRequest, signal: AbortSignal): Promise<ImageFacts> {
  const { limits } = room.config;
  const resolved = await resolveSource(room, request, signal);
  const opened = await resolved.source.open(0, null, signal);
  try {
    const bytes = opened.facts.bytes;
    if ((bytes ?? 0) > limits.maxSourceBytes) throw errors.ImageTooLarge('its file', limits.maxSourceBytes);
    const outer = await peek(buffers(opened.stream), HEAD_BYTES);
    const compression = judgeCompression(outer.head);
    const inner = await peek(unpacked(outer.all, compression, limits), HEAD_BYTES);
    const length = inner.ended ? inner.head.length : compression === 'none' ? bytes : null;
    const { format, virtualBytes } = judgeHead(inner.head, length, resolved.diskFormat, limits);
    await inner.all.return(undefined);
    return { format, compression, sourceBytes: bytes, virtualBytes };
  } finally {
    opened.stream.destroy();
  }
}

async function* buffers(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const part of stream) yield part as Buffer;
}
