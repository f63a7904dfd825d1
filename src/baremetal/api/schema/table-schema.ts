import { type TSchema, type TSchemaOptions, Type } from 'typebox';
import { type ArgumentSpec, type FieldSpec, isSortable, type ResourceTable, sinceOf } from '../versions/resource.ts';

/** TypeBox schemas made from a version table. `x-since` tells the OpenAPI file which version brought a part. */

const since = (spec: { since?: number; about?: string }) => ({
  ...(sinceOf(spec) > 1 ? { 'x-since': `1.${sinceOf(spec)}` } : {}),
  ...(spec.about === undefined ? {} : { description: spec.about }),
});

const orNull = (schema: TSchema, options: TSchemaOptions) => Type.Union([schema, Type.Null()], options);

function valueSchema(spec: FieldSpec): TSchema {
  switch (spec.kind) {
    case 'boolean':
      return Type.Boolean();
    case 'integer':
      return Type.Integer();
    case 'number':
      return Type.Number();
    case 'json':
      return Type.Object({}, { additionalProperties: true });
    case 'list':
      return Type.Array(Type.Unknown());
    case 'texts':
      return Type.Array(Type.String());
    case 'uuid':
      return Type.String({ format: 'uuid' });
    case 'time':
      return Type.String({ format: 'date-time' });
    default:
      return Type.String();
  }
}

const links = Type.Array(Type.Object({ href: Type.String(), rel: Type.String() }));

/** One resource as it is shown. */
export function resourceSchema(table: ResourceTable): TSchema {
  const properties: Record<string, TSchema> = {};
  for (const [name, spec] of Object.entries(table.fields)) {
    if (spec.writeOnly === true) continue;
    const value = valueSchema(spec);
    const plain =
      (spec.notNull === true && spec.renamed === undefined) || spec.empty !== undefined || spec.kind === 'texts';
    properties[name] = Type.Optional(plain ? { ...value, ...since(spec) } : orNull(value, since(spec)));
  }
  for (const [name, spec] of Object.entries(table.subLinks ?? {})) {
    properties[name] = Type.Optional({ ...links, ...since(spec) });
  }
  properties['links'] = links;
  return Type.Object(properties);
}

/** A page of resources. */
export function listSchema(table: ResourceTable): TSchema {
  return Type.Object({ [table.name]: Type.Array(resourceSchema(table)), next: Type.Optional(Type.String()) });
}

/** The body of a POST: every field that may be given, whatever the version (an early field is 406, not 400). */
export function createSchema(table: ResourceTable, required: readonly string[]): TSchema {
  const properties: Record<string, TSchema> = {};
  for (const [name, spec] of Object.entries(table.fields)) {
    if (spec.create !== true) continue;
    const must = required.includes(name);
    properties[name] = must
      ? { ...valueSchema({ ...spec, kind: inputKind(spec) }), ...since(spec) }
      : Type.Optional(inputSchema(spec));
  }
  return Type.Object(properties, { additionalProperties: false });
}

/** Forms of text are checked later, in Ironic's words. */
function inputKind(spec: FieldSpec): FieldSpec['kind'] {
  return spec.kind === 'uuid' || spec.kind === 'time' ? 'text' : spec.kind;
}

/** What clients may write into a field. Lengths and shapes are checked later, in Ironic's words. */
function inputSchema(spec: FieldSpec): TSchema {
  switch (spec.kind) {
    case 'boolean':
      return Type.Union([Type.Boolean(), Type.String(), Type.Null()], since(spec));
    case 'integer':
      return Type.Union([Type.Integer(), Type.String(), Type.Null()], since(spec));
    case 'json':
      return Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()], since(spec));
    case 'list':
      return Type.Union([Type.Array(Type.Unknown()), Type.Null()], since(spec));
    case 'texts':
      return Type.Union([Type.Array(Type.String()), Type.Null()], since(spec));
    default:
      return Type.Union([Type.String(), Type.Null()], since(spec));
  }
}

function argumentSchema(spec: ArgumentSpec): TSchema {
  switch (spec.kind) {
    case 'boolean':
      return Type.Boolean(since(spec));
    case 'integer':
      return Type.Integer(since(spec));
    case 'strings':
      return Type.Array(Type.String(), since(spec));
    default:
      return Type.String(since(spec));
  }
}

export const fieldsArgument = Type.Optional(
  Type.Array(Type.String(), { 'x-lowercase': true, 'x-since': '1.8', description: 'Names of the fields to show.' }),
);

/** Arguments of a list: filters, paging, and what to show unless `whole` (the `/detail` form). */
export function listQuery(table: ResourceTable, whole = false): TSchema {
  const properties: Record<string, TSchema> = {};
  for (const [name, spec] of Object.entries<ArgumentSpec>(table.filters)) {
    properties[name] = Type.Optional(argumentSchema(spec));
  }
  const sortable = Object.entries(table.fields).filter(([, spec]) => isSortable(spec));
  properties['limit'] = Type.Optional(Type.Integer({ description: 'Items of a page, at most.' }));
  properties['marker'] = Type.Optional(
    Type.String({ description: `${table.key} of the last item of the page before.` }),
  );
  properties['sort_key'] = Type.Optional(
    Type.String({ description: `Field to sort by: ${sortable.map(([name]) => name).join(', ')}.` }),
  );
  properties['sort_dir'] = Type.Optional(Type.String({ description: 'asc or desc.' }));
  if (!whole) {
    properties['fields'] = fieldsArgument;
    properties['detail'] = Type.Optional(Type.Boolean({ 'x-since': '1.43', description: 'Show all fields.' }));
  }
  return Type.Object(properties, { additionalProperties: false });
}
