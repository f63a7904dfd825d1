import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type Body, piecesOf, rangeOf } from './body.ts';

const dir = mkdtempSync(join(tmpdir(), 'ibb-'));
afterAll(() => rmSync(dir, { recursive: true }));

async function read(body: Body, start: number, end: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of piecesOf(body, start, end)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

describe('bodies of boot files', () => {
  it('give any part of a patched file as if the whole had been patched', async () => {
    const size = 700_000;
    const whole = Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
    const path = join(dir, 'file');
    writeFileSync(path, whole);
    const patches = [
      { offset: 10, bytes: Buffer.alloc(5, 'a') },
      { offset: 262_140, bytes: Buffer.alloc(300_000, 'b') },
    ];
    for (const { offset, bytes } of patches) bytes.copy(whole, offset);
    const body: Body = { kind: 'file', path, size, patches };
    expect((await read(body, 0, size)).equals(whole)).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.nat(size), fc.nat(size), async (a, b) => {
        const [start, end] = a < b ? [a, b] : [b, a];
        expect((await read(body, start, end)).equals(whole.subarray(start, end))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('read ranges as HTTP says', () => {
    expect(rangeOf(undefined, 10)).toBeNull();
    expect(rangeOf('bytes=0-3', 10)).toEqual({ start: 0, end: 4 });
    expect(rangeOf('bytes=4-', 10)).toEqual({ start: 4, end: 10 });
    expect(rangeOf('bytes=-3', 10)).toEqual({ start: 7, end: 10 });
    expect(rangeOf('bytes=8-99', 10)).toEqual({ start: 8, end: 10 });
    expect(rangeOf('bytes=10-', 10)).toBe('none');
    expect(rangeOf('bytes=5-2', 10)).toBeNull();
    expect(rangeOf('bytes=0-1,4-5', 10)).toBeNull();
    expect(rangeOf('lines=0-1', 10)).toBeNull();
  });
});
