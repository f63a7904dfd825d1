import { open } from 'node:fs/promises';

/** What is sent: a part of a file or bytes, or a file with some of its parts replaced. */
export type Body =
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'file'; path: string; size: number; patches?: readonly { offset: number; bytes: Buffer }[] };

const CHUNK = 256 * 1024;

export function sizeOf(body: Body): number {
  return body.kind === 'bytes' ? body.bytes.length : body.size;
}

/** The bytes from `start` up to `end` (not included), in pieces; memory stays the same however many there are. */
export async function* piecesOf(body: Body, start: number, end: number): AsyncGenerator<Buffer> {
  if (body.kind === 'bytes') {
    if (end > start) yield body.bytes.subarray(start, end);
    return;
  }
  const handle = await open(body.path, 'r');
  try {
    for (let at = start; at < end; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(CHUNK, end - at)), 0, undefined, at);
      if (bytesRead === 0) throw new Error(`${body.path} is shorter than it was`);
      const piece = buffer.subarray(0, bytesRead);
      for (const patch of body.patches ?? []) {
        const from = Math.max(patch.offset, at);
        const to = Math.min(patch.offset + patch.bytes.length, at + bytesRead);
        if (from < to) patch.bytes.copy(piece, from - at, from - patch.offset, to - patch.offset);
      }
      yield piece;
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/**
 * One range of a `Range` header (RFC 9110, 14): null for none or one that is to be ignored, 'none' for one that
 * cannot be satisfied.
 */
export function rangeOf(header: string | undefined, size: number): { start: number; end: number } | null | 'none' {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (found === null || (found[1] === '' && found[2] === '')) return null;
  const [, first = '', last = ''] = found;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'none' : { start: size - length, end: size };
  }
  const start = Number(first);
  if (start >= size) return 'none';
  if (last !== '' && Number(last) < start) return null;
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}
