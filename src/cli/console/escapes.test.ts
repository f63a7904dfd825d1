import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EscapeParser } from './escapes.ts';

const parse = (...parts: string[]) => {
  const parser = new EscapeParser();
  return parts
    .flatMap((part) => parser.push(Buffer.from(part)))
    .map((one) => (Buffer.isBuffer(one) ? String(one) : { do: one }));
};

describe('escapes at a terminal', () => {
  it('are told at the start of a line only', () => {
    expect(parse('~.')).toEqual([{ do: 'quit' }]);
    expect(parse('ls ~.\r~?')).toEqual(['ls ~.\r', { do: 'help' }]);
    expect(parse('a\r~', 'B~.')).toEqual(['a\r', { do: 'break' }, { do: 'quit' }]);
  });

  it('can be typed', () => {
    expect(parse('~~')).toEqual(['~']);
    expect(parse('~~.')).toEqual(['~.']);
    expect(parse('~x')).toEqual(['~x']);
    expect(parse('~\r~.')).toEqual(['~\r', { do: 'quit' }]);
  });

  it('do not care how the bytes were cut, and lose none', () => {
    const text = fc.string({ unit: fc.constantFrom('~', '.', '?', 'B', 'a', '\r', '\n'), maxLength: 40 });
    const flat = (parts: (string | { do: string })[]) =>
      parts.map((part) => (typeof part === 'string' ? part : `<${part.do}>`)).join('');
    fc.assert(
      fc.property(text, fc.nat(40), (all, at) => {
        expect(flat(parse(all.slice(0, at), all.slice(at)))).toBe(flat(parse(all)));
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (all) => {
        const plain = all.replaceAll('~', '-');
        expect(flat(parse(plain))).toBe(plain);
      }),
    );
  });
});
