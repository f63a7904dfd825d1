import { type TSchema, Type } from 'typebox';

// The pieces request bodies are made of. Bodies of resources let unknown attributes through, as Keystone's do:
// they are kept beside the resource and never reach a column, so nobody gets a right by naming one.

export const Id = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.-]+$' });
export const Name = Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' });
export const Text = Type.String({ maxLength: 65_536 });
export const OptionalText = Type.Union([Text, Type.Null()]);
export const OptionalId = Type.Union([Id, Type.Null()]);
export const Options = Type.Record(
  Type.String({ maxLength: 64 }),
  Type.Union([Type.Boolean(), Type.Null(), Type.Array(Type.Unknown())]),
);
export const Tag = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^,/]*$' });
export const Tags = Type.Array(Tag, { maxItems: 80, uniqueItems: true });
export const Password = Type.String({ minLength: 1, maxLength: 1024 });

/** `{ "<key>": { … } }` with the given properties; unknown ones stay. */
export function wrapped(key: string, properties: Record<string, TSchema>): TSchema {
  return Type.Object(
    { [key]: Type.Object(properties, { additionalProperties: true, maxProperties: 64 }) },
    { additionalProperties: true },
  );
}

/** `{ "<key>": { … } }` where nothing else may stand. */
export function strict(key: string, properties: Record<string, TSchema>): TSchema {
  return Type.Object(
    { [key]: Type.Object(properties, { additionalProperties: false }) },
    { additionalProperties: false },
  );
}

/** Arguments of lists. Unknown ones are ignored, as Keystone does: its clients send filters of their own. */
export const ListQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 0 })), marker: Type.Optional(Id) },
  { additionalProperties: true },
);

/** Arguments nobody looks at. */
export const AnyQuery = Type.Object({}, { additionalProperties: true });
