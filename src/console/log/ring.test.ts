import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readLines, scopedRecords, searchLines } from './read.ts';
import type { ConsoleRecord } from './record.ts';
import { RingLog } from './ring.ts';

const place = mkdtempSync(join(tmpdir(), 'ingot-ring-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(place, String(++count));
const LIMITS = { maxBytes: 1024 * 1024, maxAgeMs: 1e12 };

const record = (text: string, more: Partial<ConsoleRecord> = {}): ConsoleRecord => ({
  kind: 'output',
  at: 1_000,
  tenancy: null,
  bytes: Buffer.from(text),
  ...more,
});

async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of from) found.push(one);
  return found;
}

const texts = async (from: AsyncIterable<{ text: string }>) => (await all(from)).map(({ text }) => text);

describe('the ring of files', () => {
  it('gives back what was written, over restarts', async () => {
    const dir = fresh();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 5 }), async (parts) => {
        const log = await RingLog.open(dir, { maxBytes: 1e9, maxAgeMs: 1e12 });
        const from = log.end;
        await log.append(parts.map((bytes, i) => ({ kind: 'output', at: i, tenancy: i, bytes: Buffer.from(bytes) })));
        const again = await RingLog.open(dir, { maxBytes: 1e9, maxAgeMs: 1e12 });
        const read = await all(again.read(from));
        expect(Buffer.concat(read.map(({ bytes }) => bytes))).toEqual(Buffer.concat(parts));
        expect(again.end).toBe(log.end);
      }),
      { numRuns: 15 },
    );
  });

  it('stays within its size, and positions stay what they were', async () => {
    const dir = fresh();
    const log = await RingLog.open(dir, { maxBytes: 64 * 1024, maxAgeMs: 1e12 });
    for (let i = 0; i < 400; i++) await log.append([record(`${i} ${'x'.repeat(1000)}\n`)]);
    expect(log.size).toBeLessThan(75 * 1024);
    expect(log.end).toBeGreaterThan(400_000);
    const kept = readdirSync(dir).filter((name) => name.endsWith('.log'));
    expect(kept.length).toBeLessThanOrEqual(8);
    const [first] = await all(log.read(0));
    expect(first?.position).toBe(log.start);
    const last = (await all(log.read(log.start))).at(-1);
    expect(last?.bytes.toString()).toMatch(/^399 /);
  });

  it('is cut to whole records after a crash, and goes on', async () => {
    const dir = fresh();
    const log = await RingLog.open(dir, LIMITS);
    await log.append([record('one\n'), record('two\n')]);
    const [name = ''] = readdirSync(dir);
    const { size } = statSync(join(dir, name));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 31 }), fc.uint8Array({ maxLength: 60 }), async (short, noise) => {
        truncateSync(join(dir, name), size - short);
        if (short > 4) appendFileSync(join(dir, name), noise);
        const again = await RingLog.open(dir, LIMITS);
        expect(
          await texts(readLines(again, { scope: 'all', since: null, until: null, tail: null }, again.end)),
        ).toEqual(['one']);
        await again.append([record('two\n')]);
        expect(again.end).toBe(size);
      }),
      { numRuns: 15 },
    );
  });

  it('forgets what is too old', async () => {
    const log = await RingLog.open(fresh(), { maxBytes: 8 * 100, maxAgeMs: 1000 });
    for (let at = 0; at < 3000; at += 500) await log.append([record('y'.repeat(100), { at })]);
    await log.expire(2600);
    expect((await all(log.read(0))).map(({ at }) => at)).toEqual([2000, 2500]);
  });
});

describe('reading', () => {
  it('finds every line by its text, whatever the pieces it came in', async () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9 ]{1,30}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.nat(59),
        async (words, cutAt, pick) => {
          const log = await RingLog.open(fresh(), { maxBytes: 1e8, maxAgeMs: 1e12 });
          const filler = Array.from({ length: 40 }, (_, i) => `${'.'.repeat(900)}${i}`);
          const text = [...filler, ...words.map((one) => `<${one}>`), ...filler].join('\r\n');
          // Shorter than a word with its marks can be; not so short that a run is a hundred thousand writes.
          const size = 24 + (cutAt % 5000);
          const pieces: ConsoleRecord[] = [];
          for (let at = 0; at < text.length; at += size) pieces.push(record(text.slice(at, at + size)));
          for (const piece of pieces) await log.append([piece]);
          const wanted = `<${words[pick % words.length]}>`;
          const query = { scope: 'all' as const, since: null, until: null, limit: 1000 };
          const found = await texts(searchLines(log, { ...query, text: wanted.toUpperCase() }));
          expect(found).toEqual(
            words.map((one) => `<${one}>`).filter((one) => one.toLowerCase() === wanted.toLowerCase()),
          );
          expect(await all(searchLines(log, { ...query, text: 'not there at all' }))).toEqual([]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('excludes by the index most of what need not be read', async () => {
    const log = await RingLog.open(fresh(), { maxBytes: 8e6, maxAgeMs: 1e12 });
    for (let i = 0; i < 2000; i++)
      await log.append([record(`line ${i} of a boot that goes as they all go\n`.repeat(10))]);
    await log.append([record('Kernel panic - not syncing\n')]);
    const stretches = await all(log.stretches('kernel panic', null));
    expect(stretches.length).toBeLessThanOrEqual(2);
  });

  it('gives the last lines, and those of a time', async () => {
    const log = await RingLog.open(fresh(), LIMITS);
    for (let i = 0; i < 1000; i++) await log.append([record(`line ${i}\n`, { at: i * 1000 })]);
    const read = (since: number | null, until: number | null, tail: number | null) =>
      texts(readLines(log, { scope: 'all', since, until, tail }, log.end));
    expect(await read(null, null, 2)).toEqual(['line 998', 'line 999']);
    expect(await read(997_000, null, null)).toEqual(['line 997', 'line 998', 'line 999']);
    expect(await read(null, 1_000, null)).toEqual(['line 0', 'line 1']);
    expect(await read(10_000, 20_000, 1)).toEqual(['line 20']);
    expect((await read(null, null, 5000)).length).toBe(1000);
  });

  it('never gives a byte of another tenancy, and joins no line of two', async () => {
    const owners = fc.constantFrom(null, 1, 2, 3);
    await fc.assert(
      fc.asyncProperty(fc.array(owners, { minLength: 1, maxLength: 60 }), async (sequence) => {
        const log = await RingLog.open(fresh(), LIMITS);
        await log.append(sequence.map((tenancy, i) => record(`<T${tenancy}>${i % 3 === 0 ? '\n' : ''}`, { tenancy })));
        for (const mine of [1, 2, 3]) {
          const scope = new Set([mine]);
          const query = { scope, since: null, until: null };
          const raw = (await all(scopedRecords(log, scope, 0, log.end))).map(({ bytes }) => String(bytes)).join('');
          const lines = (await texts(readLines(log, { ...query, tail: null }, log.end))).join('');
          const tail = (await texts(readLines(log, { ...query, tail: 1000 }, log.end))).join('');
          const hits = (await texts(searchLines(log, { ...query, text: '<T', limit: 1000 }))).join('');
          const expected = `<T${mine}>`.repeat(sequence.filter((one) => one === mine).length);
          expect(raw.replaceAll('\n', '')).toBe(expected);
          for (const text of [lines, tail, hits]) expect(text).toBe(expected);
        }
        for (const line of await texts(
          readLines(log, { scope: 'all', since: null, until: null, tail: null }, log.end),
        )) {
          expect(new Set(line.match(/<T\w+>/g)).size).toBe(1);
        }
      }),
      { numRuns: 25 },
    );
  });
});
