import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Framing } from './framing.ts';

it('gives back what was sent, however it is cut', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((one) => !one.includes(']]>]]>'));
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(text, { maxLength: 5 }),
      fc.integer({ min: 1, max: 20 }),
      (chunked, sent, size) => {
        const [from, to] = [new Framing(), new Framing()];
        if (chunked) for (const one of [from, to]) one.chunked();
        const bytes = Buffer.concat(sent.map((message) => from.wrap(message)));
        const got: string[] = [];
        for (let i = 0; i < bytes.length; i += size) {
          to.push(bytes.subarray(i, i + size));
          for (let one = to.next(); one !== undefined; one = to.next()) got.push(one);
        }
        expect(got).toEqual(sent);
      },
    ),
  );
});

it('refuses what is no frame', () => {
  const framing = new Framing();
  framing.chunked();
  framing.push(Buffer.from('<rpc-reply/>]]>]]>'));
  expect(() => framing.next()).toThrow(RangeError);
});
