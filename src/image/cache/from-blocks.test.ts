import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { fromBlocks, isServable } from './from-blocks.ts';

const BLOCK = 4 * 1024 * 1024;
const blocks = new Map([
  ['a', randomBytes(BLOCK)],
  ['b', randomBytes(1024)],
]);
const manifest = { version: 1 as const, virtual_bytes: 3 * BLOCK + 1024, block_bytes: BLOCK, sha256: 'f'.repeat(64) };
const read = async (hash: string) => blocks.get(hash) as Buffer;
const more = { limits: DEFAULT_LIMITS, signal: new AbortController().signal, onProgress: () => {} };

test('a disk is made of its blocks, with holes for zeroes, and nothing is found out again', async () => {
  const place = await mkdtemp(join(tmpdir(), 'ingot-blocks-'));
  const stored = { manifest: { ...manifest, blocks: ['a', null, 'a', 'b'] }, read };
  const raw = join(place, 'raw');
  const made = await fromBlocks(stored, { raw, ...more });
  expect(made).toMatchObject({ manifest: stored.manifest, judged: { format: 'raw', virtualBytes: 3 * BLOCK + 1024 } });
  const [a, b] = [await read('a'), await read('b')];
  expect((await readFile(raw)).equals(Buffer.concat([a, Buffer.alloc(BLOCK), a, b]))).toBe(true);
  expect((await stat(raw)).blocks * 512).toBeLessThan(2 * BLOCK + 64 * 1024);
  await rm(place, { recursive: true });
});

test('what is on the disk is judged as that of any other image', async () => {
  const qcow2 = Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(BLOCK - 4)]);
  const stored = { manifest: { ...manifest, virtual_bytes: BLOCK, blocks: ['q'] }, read: async () => qcow2 };
  await expect(fromBlocks(stored, { raw: '/nowhere/raw', ...more })).rejects.toMatchObject({ code: 'ImageFormat' });
});

test('blocks of another size are not what machines are given', () => {
  const stored = { manifest: { ...manifest, block_bytes: BLOCK / 2, blocks: [] }, read };
  expect(isServable(stored)).toBe(false);
});
