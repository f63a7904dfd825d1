import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IngotError } from '#kernel/errors';
import { applyPatch, type PatchOperation } from './patch.ts';

const rules = { roots: new Set(['extra', 'name', 'list', 'driver']), required: new Set(['driver']) };
const document = { extra: { a: { b: 1 } }, name: 'n1', list: [1, 2, 3], driver: 'fake', uuid: 'u' } as Record<
  string,
  unknown
>;
const patch = (...operations: PatchOperation[]) => applyPatch(document, operations, rules).document;

describe('applyPatch', () => {
  it('adds, replaces and removes in a copy', () => {
    expect(patch({ op: 'add', path: '/extra/new', value: { x: 1 } })['extra']).toEqual({ a: { b: 1 }, new: { x: 1 } });
    expect(patch({ op: 'replace', path: '/name', value: null })['name']).toBeNull();
    expect(patch({ op: 'remove', path: '/extra/a/b' })['extra']).toEqual({ a: {} });
    expect('name' in patch({ op: 'remove', path: '/name' })).toBe(false);
    expect(patch({ op: 'add', path: '/list/-', value: 4 }, { op: 'add', path: '/list/0', value: 0 })['list']).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(patch({ op: 'remove', path: '/list/1' })['list']).toEqual([1, 3]);
    expect(patch({ op: 'add', path: '/extra/a~1b~0c', value: 1 })['extra']).toHaveProperty(['a/b~c'], 1);
    expect(patch()).toEqual(document);
    expect(document['name']).toBe('n1');
  });

  it('tells which root attributes it named', () => {
    const { roots } = applyPatch(
      document,
      [
        { op: 'add', path: '/extra/x', value: 1 },
        { op: 'remove', path: '/name' },
      ],
      rules,
    );
    expect([...roots]).toEqual(['extra', 'name']);
  });

  it.each<[string, PatchOperation]>([
    ['an attribute not allowed', { op: 'replace', path: '/uuid', value: 'x' }],
    ['a new attribute', { op: 'add', path: '/bogus', value: 1 }],
    ['the whole document', { op: 'replace', path: '/', value: {} }],
    ['no pointer', { op: 'replace', path: 'name', value: 1 }],
    ['a bad escape', { op: 'add', path: '/extra/~2', value: 1 }],
    ['a missing parent', { op: 'add', path: '/extra/x/y', value: 1 }],
    ['a missing member', { op: 'remove', path: '/extra/x' }],
    ['a missing member to replace', { op: 'replace', path: '/extra/x', value: 1 }],
    ['a member of a text', { op: 'add', path: '/name/x', value: 1 }],
    ['the length of a text', { op: 'replace', path: '/name/length', value: 1 }],
    ['an index too far', { op: 'add', path: '/list/4', value: 1 }],
    ['an index that is none', { op: 'replace', path: '/list/x', value: 1 }],
    ['the length of a list', { op: 'remove', path: '/list/length' }],
    ['an index with a zero', { op: 'replace', path: '/list/01', value: 1 }],
    ['the end of a list', { op: 'remove', path: '/list/-' }],
    ['a required attribute', { op: 'remove', path: '/driver' }],
    ['no value', { op: 'add', path: '/extra/x' }],
    ['a prototype', { op: 'add', path: '/extra/__proto__/x', value: 1 }],
    ['a constructor', { op: 'add', path: '/extra/constructor/prototype/x', value: 1 }],
    ['an inherited function', { op: 'add', path: '/extra/toString/x', value: 1 }],
    ['an inherited member', { op: 'remove', path: '/extra/hasOwnProperty' }],
  ])('refuses %s', (_what, operation) => {
    let error: unknown;
    try {
      patch({ op: 'add', path: '/extra/first', value: 1 }, operation);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'BadPatch', status: 400 });
    expect((error as IngotError).message).toContain('operation 1');
  });

  it('does not build towers', () => {
    let deep: Record<string, unknown> = { extra: {} };
    let path = '/extra';
    expect(() => {
      for (let i = 0; i < 40; i++) {
        path += '/a';
        deep = applyPatch(deep, [{ op: 'add', path, value: {} }], rules).document;
      }
    }).toThrow('levels');
  });

  it('keeps to a path form when one is given', () => {
    const form = { ...rules, path: /^(\/[\w-]+)+$/ };
    expect(() => applyPatch(document, [{ op: 'add', path: '/extra/a.b', value: 1 }], form)).toThrow('form');
  });

  it('never touches what is not the document, whatever the patch', () => {
    const token = fc.constantFrom(
      'extra',
      'list',
      'name',
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'a',
      'b',
      '0',
      '-',
      'length',
      '',
      '~1',
      '~',
    );
    const operation = fc.record(
      {
        op: fc.constantFrom('add', 'replace', 'remove'),
        path: fc.array(token, { maxLength: 5 }).map((t) => `/${t.join('/')}`),
        value: fc.jsonValue(),
      },
      { requiredKeys: ['op', 'path'] },
    ) as fc.Arbitrary<PatchOperation>;
    const before = JSON.stringify([
      Object.getOwnPropertyNames(Object.prototype),
      Object.getOwnPropertyNames(Array.prototype),
      Object.keys(Object.prototype.toString),
    ]);
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 5 }), (operations) => {
        try {
          applyPatch(document, operations, rules);
        } catch (error) {
          expect(error).toBeInstanceOf(IngotError);
        }
        expect(document['list']).toEqual([1, 2, 3]);
      }),
      { numRuns: 3000 },
    );
    expect(
      JSON.stringify([
        Object.getOwnPropertyNames(Object.prototype),
        Object.getOwnPropertyNames(Array.prototype),
        Object.keys(Object.prototype.toString),
      ]),
    ).toBe(before);
  });
});
