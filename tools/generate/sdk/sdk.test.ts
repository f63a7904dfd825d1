import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { typeOf } from './schema-type.ts';
import { operationName, sdkFile } from './sdk-file.ts';

describe('typeOf', () => {
  it.each([
    [Type.String({ maxLength: 5 }), 'string'],
    [Type.Integer(), 'number'],
    [Type.Union([Type.String(), Type.Null()]), 'string | null'],
    [Type.Array(Type.Union([Type.String(), Type.Null()])), '(string | null)[]'],
    [Type.Union([Type.Literal('a'), Type.Literal(1)]), '"a" | 1'],
    [Type.Unknown(), 'unknown'],
    [Type.Object({}, { additionalProperties: true }), 'Record<string, unknown>'],
    [Type.Object({}, { additionalProperties: false }), 'Record<string, never>'],
    [Type.Record(Type.String(), Type.Boolean()), 'Record<string, boolean>'],
    [
      Type.Object({ a: Type.String(), 'b-c': Type.Optional(Type.Boolean()) }),
      '{ a: string; "b-c"?: boolean | undefined; }',
    ],
    [Type.Array(Type.Object({ a: Type.Null() })), '({ a: null; })[]'],
    [Type.Object({ a: Type.String() }, { additionalProperties: true }), '{ a: string; [name: string]: unknown; }'],
    [
      Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]),
      '({ a: string; }) & ({ b: string; })',
    ],
    [{ enum: ['x', null] }, '"x" | null'],
    [{ type: ['string', 'integer'] }, 'string | number'],
    [undefined, 'unknown'],
  ])('%#', (schema, text) => {
    expect(typeOf(schema)).toBe(text);
  });
});

describe('sdkFile', () => {
  const Thing = Type.Object({ id: Type.String(), links: Type.Array(Type.Object({ href: Type.String() })) });
  const file = sdkFile(
    {
      name: 'sample',
      prefix: '/s',
      routes: [
        {
          id: 'thing.list',
          method: 'GET',
          path: '/v1/things',
          since: 1,
          policy: 'p',
          summary: 'List',
          success: 200,
          query: Type.Object({ limit: Type.Optional(Type.Integer()) }),
          response: Type.Object({ things: Type.Array(Thing) }),
        },
        {
          id: 'thing.show',
          method: 'GET',
          path: '/v1/things/:thing',
          since: 7,
          policy: 'p',
          summary: 'Show',
          success: 200,
          response: Thing,
        },
      ],
    },
    'sample',
  );

  it('names a resource once and refers to it', () => {
    expect(file).toContain('export interface Thing {\n  id: string;\n  links: ({ href: string; })[];\n}');
    expect(file).toContain('export interface ThingListResponse {\n  things: Thing[];\n}');
    expect(file).toContain(
      `thingShow: { id: 'thing.show', method: 'GET', path: '/s/v1/things/:thing', since: 7 } as Operation<{ thing: string }, undefined, undefined, Thing>,`,
    );
  });

  it('makes names of ids', () => {
    expect(operationName('node.boot-device.show')).toBe('nodeBootDeviceShow');
  });
});
