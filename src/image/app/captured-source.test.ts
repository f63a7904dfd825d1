import { expect, test } from 'vitest';
import type { ImageRoom } from '../room.ts';
import { capturedSource } from './captured-source.ts';

test('a disk of zeroes is read without keeping the process from all else', async () => {
  const blocks = 200;
  const manifest = { version: 1, virtual_bytes: blocks * 512, block_bytes: 512, blocks: Array(blocks).fill(null) };
  const files = { captured: () => '', readManifest: async () => manifest };
  const source = capturedSource({ files } as unknown as Pick<ImageRoom, 'files'>, { id: 'i', size: `${blocks * 512}` });
  const { stream } = await source.open(0, null, new AbortController().signal);
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  let bytes = 0;
  for await (const part of stream) bytes += (part as Buffer).length;
  isOver = true;
  expect(bytes).toBe(blocks * 512);
  expect(turns).toBeGreaterThan(blocks / 2);
});
