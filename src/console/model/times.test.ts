import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTime } from './times.ts';

test('times are read as people write them', () => {
  const now = Date.parse('2026-11-28T12:00:00Z');
  expect(readTime(undefined, now)).toBeNull();
  expect(readTime('10m', now)).toBe(now - 600_000);
  expect(readTime('1.5h', now)).toBe(now - 5_400_000);
  expect(readTime('2026-11-28T11:00:00Z', now)).toBe(now - 3_600_000);
  for (const bad of ['yesterday', '10', '-5m', '2026-13-40', 'm'])
    expect(() => readTime(bad, now)).toThrow(/is no time/);
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        readTime(text, now);
      } catch (error) {
        expect((error as Error).message).toContain('is no time');
      }
    }),
  );
});
