import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { IngotError } from '#kernel/errors';
import { listParameters, MAX_LIMIT, nextLink, pageOf } from './list-query.ts';
import { booleanOf, queryReader } from './query.ts';
import { checkOf } from './validation.ts';

const schema = Type.Object({
  ...listParameters,
  flag: Type.Optional(Type.Boolean()),
  tags: Type.Optional(Type.Array(Type.String())),
  text: Type.Optional(Type.String()),
  rate: Type.Optional(Type.Number()),
});
const reader = queryReader(schema);
const check = checkOf(schema, 'the query');

describe('queryReader', () => {
  it('takes an argument once for each of its values, with commas in them', () => {
    const repeated = queryReader(
      Type.Object({ name: Type.Optional(Type.Array(Type.String(), { 'x-repeated': true })) }),
    );
    expect(repeated.read('name=a,b&name=c&name=')).toEqual({ name: ['a,b', 'c', ''] });
    expect(repeated.read('')).toEqual({});
  });

  it("knows oslo's words", () => {
    for (const word of ['1', 't', 'true', 'on', 'y', 'yes', 'TRUE', ' Yes ']) expect(booleanOf(word)).toBe(true);
    for (const word of ['0', 'f', 'false', 'off', 'n', 'no', 'OFF']) expect(booleanOf(word)).toBe(false);
    for (const word of ['', '2', 'ja', 'truee', 'null']) expect(booleanOf(word)).toBeUndefined();
  });

  it('gives back what URLSearchParams wrote', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            flag: fc.boolean(),
            limit: fc.integer({ min: 1, max: 1e6 }),
            text: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
            tags: fc.uniqueArray(fc.stringMatching(/^[a-z0-9_]+$/), { minLength: 1 }),
          },
          { requiredKeys: [] },
        ),
        (wanted) => {
          const words = Object.entries(wanted).map(([name, value]): [string, string] => [name, String(value)]);
          const query = reader.read(new URLSearchParams(words).toString());
          expect(query).toEqual(wanted);
          check(query);
        },
      ),
    );
  });

  it('refuses with 400 and nothing else', () => {
    const piece = fc.constantFrom(
      'flag',
      'limit',
      'tags',
      'text',
      '=',
      '&',
      '%',
      '%00',
      '%ff',
      '+',
      '1',
      'true',
      '__proto__',
      'é',
      '-',
      'rate',
      '1e5',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((p) => p.join('')),
        ),
        (raw) => {
          try {
            check(reader.read(raw));
          } catch (error) {
            expect(error).toBeInstanceOf(IngotError);
            expect((error as IngotError).status).toBe(400);
          }
          expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('lets free arguments through only where the schema is open', () => {
    const open = queryReader(Type.Object({ method: Type.String() }, { additionalProperties: true }));
    expect(open.read('method=x&other=1')).toEqual({ method: 'x', other: '1' });
    expect(() => open.read('__proto__=1')).toThrow('Unexpected arguments');
    expect(() => queryReader(undefined).read('a=1')).toThrow('Unexpected arguments: a');
  });
});

describe('lists', () => {
  it('cut the limit and know their sort keys', () => {
    expect(pageOf({}, ['id', 'name'])).toEqual({ limit: MAX_LIMIT, marker: null, sortKey: 'id', descending: false });
    expect(pageOf({ limit: 5000, sort_dir: 'desc', sort_key: 'name', marker: 'm' }, ['id', 'name'])).toEqual({
      limit: MAX_LIMIT,
      marker: 'm',
      sortKey: 'name',
      descending: true,
    });
    expect(() => pageOf({ sort_key: 'extra' }, ['id', 'name'])).toThrow('id, name');
    expect(() => check(reader.read('limit=0'))).toThrow('limit');
    expect(() => check(reader.read('sort_dir=up'))).toThrow('asc, desc');
  });

  it('have a next link that asks the same question', () => {
    fc.assert(
      fc.property(
        fc.record({ flag: fc.boolean(), text: fc.string({ unit: 'grapheme' }).filter((t) => !t.includes('\0')) }),
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((t) => !t.includes('\0')),
        (query, marker) => {
          const link = nextLink('http://h:1', '/v1/nodes', { ...query, limit: 7, marker: 'old' }, 3, marker);
          expect(JSON.stringify(link)).toBe(`"${link}"`);
          expect(reader.read(new URL(link).search.slice(1))).toEqual({ ...query, limit: 3, marker });
        },
      ),
    );
  });
});
