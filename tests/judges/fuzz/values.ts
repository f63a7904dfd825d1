import fc from 'fast-check';

/** What this reads of a JSON schema. */
export interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

/** Ids the sequences use, so that requests meet resources that are there. */
export const knownIds = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
  '33333333-3333-4333-8333-333333333333',
];
const knownNames = ['node-a', 'node-b', 'CUSTOM_A', 'fake-hardware', 'member', 'default', 'admin'];
const words = [
  '',
  ' ',
  'true',
  '0',
  '-1',
  '1.5',
  'null',
  'None',
  '%',
  '%00',
  '../..',
  "' or 1=1 --",
  '${7*7}',
  '{{7}}',
  '\u202e',
  '💥',
  'a'.repeat(300),
  '2026-01-01T00:00:00+00:00',
  '52:54:00:00:00:01',
  '10.0.0.0/8',
  'power on',
  'active',
  'manage',
  'available',
  '[]',
  '{}',
  '__proto__',
  'constructor',
];

/** Texts: ids and names that may exist, words that break things, anything. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...knownIds, ...knownNames) },
  { weight: 2, arbitrary: fc.constantFrom(...words) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40, unit: 'binary' }) },
);

const anything = fc.anything({ maxDepth: 2, maxKeys: 3, withNullPrototype: false }).map((value) => {
  try {
    return JSON.parse(JSON.stringify(value ?? null)) as unknown;
  } catch {
    return null;
  }
});

/** Values that fit a schema, mostly. One in `wrong` is of any other kind. */
export function valueOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const fits = fitting(schema, depth);
  return fc.oneof(
    { weight: 8, arbitrary: fits },
    { weight: 1, arbitrary: anything },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

function fitting(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined && choices.length > 0) return fc.oneof(...choices.map((one) => fitting(one, depth)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(
        fc.integer({ min: schema.minimum ?? -2, max: schema.maximum ?? 20 }),
        fc.constantFrom(2 ** 31, -(2 ** 31), 2 ** 53, 1e21),
      );
    case 'number':
      return fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
    case 'null':
      return fc.constant(null);
    case 'array':
      return depth > 3 ? fc.constant([]) : fc.array(valueOf(schema.items ?? {}, depth + 1), { maxLength: 4 });
    case 'object':
      return objectOf(schema, depth);
    case 'string':
      return schema.format === 'uuid' ? fc.oneof(fc.constantFrom(...knownIds), fc.uuid()) : anyText;
    default:
      return anything;
  }
}

function objectOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const names = Object.keys(schema.properties ?? {});
  if (names.length === 0 || depth > 4) return fc.dictionary(anyText, anything, { maxKeys: 3 });
  const required = new Set(schema.required ?? []);
  const parts = names.map((name) => {
    const value = valueOf(schema.properties?.[name] ?? {}, depth + 1);
    // Few of the optional ones at once, or everything is refused for its first bad field.
    return fc.option(value, { nil: undefined, freq: required.has(name) ? 12 : 1 }).map((v) => [name, v] as const);
  });
  return fc
    .tuple(fc.tuple(...parts), fc.option(fc.tuple(anyText, anything), { nil: undefined, freq: 1 }))
    .map(([pairs, extra]) => {
      const object: Record<string, unknown> = {};
      for (const [name, value] of pairs) if (value !== undefined) object[name] = value;
      if (extra !== undefined && Object.keys(object).length % 5 === 4)
        Object.defineProperty(object, extra[0], {
          value: extra[1],
          enumerable: true,
          configurable: true,
          writable: true,
        });
      return object;
    });
}
