import { FILTER_BYTES, TrigramFilter } from './trigrams.ts';

/** A stretch of a segment with what a search must know of it. Offsets are from the segment's start. */
export interface Block {
  from: number;
  to: number;
  firstAt: number;
  lastAt: number;
  filter: TrigramFilter;
}

const HEAD = 24;
export const BLOCK_ENTRY_BYTES = HEAD + FILTER_BYTES;

/** An entry of the index file beside a segment. Entries have one size, so a torn one at the end is seen. */
export function encodeBlock({ from, to, firstAt, lastAt, filter }: Block): Buffer {
  const out = Buffer.alloc(BLOCK_ENTRY_BYTES);
  out.writeUInt32LE(from, 0);
  out.writeUInt32LE(to, 4);
  out.writeDoubleLE(firstAt, 8);
  out.writeDoubleLE(lastAt, 16);
  out.set(filter.bytes, HEAD);
  return out;
}

/** Reads an index. Entries that cannot be (a crash, another file) end it: what follows is read without an index. */
export function decodeBlocks(file: Buffer): Block[] {
  const blocks: Block[] = [];
  let before = 0;
  for (let at = 0; at + BLOCK_ENTRY_BYTES <= file.length; at += BLOCK_ENTRY_BYTES) {
    const from = file.readUInt32LE(at);
    const to = file.readUInt32LE(at + 4);
    if (from < before || to <= from) break;
    before = to;
    blocks.push({
      from,
      to,
      firstAt: file.readDoubleLE(at + 8),
      lastAt: file.readDoubleLE(at + 16),
      filter: new TrigramFilter(new Uint8Array(file.subarray(at + HEAD, at + BLOCK_ENTRY_BYTES))),
    });
  }
  return blocks;
}
