import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PageBytes } from './page-bytes.ts';

it('holds what was added, whatever it was and however often its memory was used before', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 50 }), fc.nat(100), (texts, more) => {
      const page = new PageBytes();
      for (const one of texts) page.add(one, more);
      expect(page.bytes.toString('utf8')).toBe(Buffer.from(texts.join('')).toString('utf8'));
      page.release();
      expect(page.bytes).toHaveLength(0);
    }),
  );
});

it('does not share memory between pages that are alive', () => {
  const [a, b, c] = [new PageBytes(), new PageBytes(), new PageBytes()];
  for (let i = 0; i < 500; i++)
    for (const [page, name] of [
      [a, 'a'],
      [b, 'b'],
      [c, 'c'],
    ] as const)
      page.add(name.repeat(50), 1);
  expect(
    a.bytes.every((byte) => byte === 97) &&
      b.bytes.every((byte) => byte === 98) &&
      c.bytes.every((byte) => byte === 99),
  ).toBe(true);
});
