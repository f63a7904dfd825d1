import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ArchiveLine, parseHeader, readLines } from './format.ts';

async function read(pieces: Buffer[]): Promise<ArchiveLine[]> {
  const lines: ArchiveLine[] = [];
  for await (const line of readLines(
    (async function* () {
      yield* pieces;
    })(),
  )) {
    lines.push(line);
  }
  return lines;
}

test('lines come out the same however the bytes were cut, with the hash of all before them', async () => {
  const row = fc.array(fc.option(fc.string({ unit: 'binary' }).filter((s) => s.isWellFormed())));
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1 }), fc.array(fc.nat()), async (rows, cuts) => {
      const bytes = Buffer.from(rows.map((value) => `${JSON.stringify(value)}\n`).join(''));
      const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      const hashes: string[] = [];
      const values: unknown[] = [];
      for await (const line of readLines(
        (async function* () {
          yield* pieces;
        })(),
      )) {
        values.push(line.value);
        hashes.push(line.hashBefore());
      }
      expect(values).toEqual(rows);
      const last = bytes.subarray(0, bytes.length - Buffer.byteLength(`${JSON.stringify(rows.at(-1))}\n`));
      expect(hashes.at(-1)).toBe(createHash('sha256').update(last).digest('hex'));
    }),
    { numRuns: 60 },
  );
});

test('random bytes are an error of ours, never another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1 }), async (bytes) => {
      const result = await read([Buffer.from(bytes)]).catch((error: { code?: string }) => error.code);
      if (!Array.isArray(result)) expect(result).toBe('ArchiveBroken');
    }),
  );
  expect(() => parseHeader(undefined)).toThrow('does not begin like one');
  expect(() => parseHeader([null])).toThrow('does not begin like one');
  expect(() => parseHeader({ ingot: 'archive', version: 9 } as never)).toThrow('format 9');
});
