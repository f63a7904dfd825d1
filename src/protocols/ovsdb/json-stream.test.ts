import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonStream } from './json-stream.ts';

const read = (chunks: readonly Uint8Array[], limit = 1 << 20) => {
  const values: unknown[] = [];
  const feed = jsonStream(limit, (value) => values.push(value));
  for (const chunk of chunks) feed(chunk);
  return values;
};
const message = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 5 }));

test('any messages, cut anywhere, with any blanks between, come out as they went in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(message, fc.stringMatching(/^[ \n\t\r]{0,3}$/)), { maxLength: 6 }),
      fc.array(fc.nat(400), { maxLength: 20 }),
      (messages, cuts) => {
        const bytes = Buffer.from(messages.map(([value, blank]) => JSON.stringify(value) + blank).join(''));
        const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length])].sort(
          (a, b) => a - b,
        );
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        expect(read(chunks)).toEqual(messages.map(([value]) => JSON.parse(JSON.stringify(value))));
      },
    ),
  );
});

test('one byte at a time', () => {
  const text = '{"a":"\\"}{\\\\","b":[1,{"ü":"\u{1f525}"}]}{}';
  const bytes = Buffer.from(text);
  expect(read(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))).toEqual([
    { a: '"}{\\', b: [1, { ü: '\u{1f525}' }] },
    {},
  ]);
});

test('any bytes: values or one error of ours, never anything else', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (chunks) => {
      try {
        for (const value of read(chunks)) expect(typeof value).toBe('object');
      } catch (error) {
        expect(error).toMatchObject({ code: 'OvsdbGarbage' });
      }
    }),
  );
});

test.each([
  ['a list', '[1]'],
  ['a number', '7'],
  ['a bracket too many', '{}}'],
  ['brackets that do not fit', '{"a":[}]'],
  ['too deep', '{"a":'.repeat(70)],
])('refuses %s', (_what, text) => {
  expect(() => read([Buffer.from(text)])).toThrow(expect.objectContaining({ code: 'OvsdbGarbage' }));
});

test('refuses a message that does not end', () => {
  const chunk = Buffer.from('x'.repeat(1000));
  expect(() => read([Buffer.from('{"a":"'), ...Array.from({ length: 11 }, () => chunk)], 10_000)).toThrow(
    /more than 10000 bytes/,
  );
});
