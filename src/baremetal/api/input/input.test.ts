import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldSpec } from '../versions/resource.ts';
import { applyTo, rootOf, touchedFields, valuesFor } from './patch.ts';
import { readBoolean, readField, readMac, readUuid, shown } from './value.ts';

describe('values of fields', () => {
  it.each([
    ['yes', true],
    ['1', true],
    [' TRUE ', true],
    ['off', false],
    [false, false],
  ])('%j is a boolean', (value, expected) => expect(readBoolean('x', value)).toBe(expected));

  it.each(['', 'perhaps', 1, {}])('%j is none', (value) =>
    expect(() => readBoolean('x', value)).toThrow(/Unrecognized value/),
  );

  it('reads MAC addresses and UUIDs into one form', () => {
    expect(readMac('a', '0A-1B-2C-3D-4E-5F')).toBe('0a:1b:2c:3d:4e:5f');
    expect(() => readMac('a', '0a:1b')).toThrow(/Expected valid MAC address for a: 0a:1b/);
    expect(readUuid('u', 'AAAAAAAA-0000-4000-8000-000000000000')).toBe('aaaaaaaa-0000-4000-8000-000000000000');
    expect(() => readUuid('u', 'x')).toThrow('Expected UUID for u: x');
  });

  it('says back no document, and no long text whole', () => {
    expect(shown({ password: 'x' })).toBe('{…}');
    expect(shown('y'.repeat(500)).length).toBeLessThan(110);
  });

  it('takes any JSON without failing in another way than 400', () => {
    const kinds = fc.constantFrom<FieldSpec['kind']>('uuid', 'text', 'boolean', 'integer', 'json', 'list', 'mac');
    fc.assert(
      fc.property(kinds, fc.jsonValue(), (kind, value) => {
        try {
          readField('node', 'f', { kind, about: '', maxLength: 5 }, value);
        } catch (error) {
          expect((error as { status?: number }).status).toBe(400);
        }
      }),
    );
  });
});

describe('patches', () => {
  it('know their fields, whatever their pointers', () => {
    const patch = [
      { op: 'add' as const, path: '/extra/a~1b', value: 1 },
      { op: 'remove' as const, path: '/name' },
      { op: 'replace' as const, path: '/extra', value: {} },
    ];
    expect(touchedFields(patch)).toEqual(['extra', 'name']);
    expect(rootOf({ op: 'remove', path: '/a~0b/c' })).toBe('a~b');
    expect(valuesFor(patch, 'extra')).toEqual([{}]);
  });

  it('change nothing they were given', () => {
    const before = { extra: { a: [1] }, name: 'x' };
    const after = applyTo(before, [
      { op: 'add', path: '/extra/a/-', value: 2 },
      { op: 'remove', path: '/name' },
    ]);
    expect(after).toEqual({ extra: { a: [1, 2] }, name: null });
    expect(before).toEqual({ extra: { a: [1] }, name: 'x' });
  });
});
