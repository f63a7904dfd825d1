import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { lenient } from './lenient.ts';

const schema = Type.Object({
  name: Type.Optional(Type.String()),
  mtu: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  up: Type.Optional(Type.Boolean()),
  version: Type.Optional(Type.Enum([4, 6])),
  protocol: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
  segment: Type.Optional(Type.Union([Type.Union([Type.Integer(), Type.Null()]), Type.Null()])),
  list: Type.Optional(Type.Union([Type.Array(Type.Object({ id: Type.Integer() })), Type.Null()])),
});

describe('what clients send as text', () => {
  it('becomes what is meant', () => {
    const sent = {
      name: '12',
      mtu: '1400',
      up: 'True',
      version: '4',
      protocol: '6',
      segment: '210',
      list: [{ id: '7' }],
    };
    expect(lenient(schema, sent)).toEqual({
      name: '12',
      mtu: 1400,
      up: true,
      version: 4,
      protocol: '6',
      segment: 210,
      list: [{ id: 7 }],
    });
  });

  it('stays when it means nothing', () => {
    const sent = { mtu: 'many', up: 'perhaps', version: 'x', list: 'none', other: '5', __proto__: null };
    expect(lenient(schema, sent)).toEqual(sent);
    expect(lenient(schema, null)).toBeNull();
    expect(lenient(schema, { mtu: null, list: null })).toEqual({ mtu: null, list: null });
  });
});
