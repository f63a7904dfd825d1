type Json = Record<string, unknown>;

/** Gives a shorter name for the text of a type that has one. */
export type NameOf = (text: string) => string | undefined;

const unnamed: NameOf = () => undefined;

/**
 * The TypeScript type of a JSON Schema (the subset that TypeBox makes), on one line. What JSON Schema can say and
 * TypeScript cannot (lengths, patterns, ranges) is left out.
 */
export function typeOf(schema: unknown, nameOf: NameOf = unnamed): string {
  if (typeof schema !== 'object' || schema === null) return 'unknown';
  const node = schema as Json;
  const text = plainType(node, nameOf);
  return nameOf(text) ?? text;
}

function plainType(node: Json, nameOf: NameOf): string {
  const inner = (part: unknown) => typeOf(part, nameOf);
  if ('const' in node) return JSON.stringify(node['const']);
  if (Array.isArray(node['enum'])) return union(node['enum'].map((value) => JSON.stringify(value)));
  const choices = node['anyOf'] ?? node['oneOf'];
  if (Array.isArray(choices)) return union(choices.map(inner));
  if (Array.isArray(node['allOf'])) return node['allOf'].map((part) => wrapped(inner(part))).join(' & ');
  const { type } = node;
  if (Array.isArray(type)) return union(type.map((one) => plainType({ ...node, type: one as unknown }, nameOf)));
  switch (type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return arrayType(node, nameOf);
    case 'object':
      return objectType(node, nameOf);
    default:
      return 'properties' in node ? objectType(node, nameOf) : 'unknown';
  }
}

function arrayType(node: Json, nameOf: NameOf): string {
  if (Array.isArray(node['items'])) return `[${node['items'].map((part) => typeOf(part, nameOf)).join(', ')}]`;
  return `${wrapped(typeOf(node['items'], nameOf))}[]`;
}

function objectType(node: Json, nameOf: NameOf): string {
  const properties = Object.entries((node['properties'] ?? {}) as Json);
  const required = new Set((node['required'] ?? []) as string[]);
  const more = node['additionalProperties'];
  const patterns = Object.values((node['patternProperties'] ?? {}) as Json);
  if (properties.length === 0) {
    if (patterns.length > 0) return `Record<string, ${union(patterns.map((part) => typeOf(part, nameOf)))}>`;
    if (more === false) return 'Record<string, never>';
    return `Record<string, ${typeof more === 'object' ? typeOf(more, nameOf) : 'unknown'}>`;
  }
  const members = properties.map(([name, part]) => {
    const type = typeOf(part, nameOf);
    return required.has(name) ? `${key(name)}: ${type};` : `${key(name)}?: ${union([type, 'undefined'])};`;
  });
  // An index type must fit every member, so it can only be unknown.
  if (more === true || (typeof more === 'object' && more !== null)) members.push('[name: string]: unknown;');
  return `{ ${members.join(' ')} }`;
}

/** Names that are no identifiers are quoted. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** What swallows everything else stands alone; equal parts once. */
function union(types: readonly string[]): string {
  const parts = [...new Set(types)];
  return parts.includes('unknown') || parts.length === 0 ? 'unknown' : parts.join(' | ');
}

function wrapped(type: string): string {
  return / [|&] /.test(type) && !/^[{[]/.test(type) ? `(${type})` : type.startsWith('{') ? `(${type})` : type;
}
