import { errors } from './errors.ts';
import type { AtomType, Column } from './schema.ts';

// Values as we hold them: a UUID is a plain string (the schema knows which columns hold them), a set a Set, a map a
// Map, an optional value null when absent.

export type Atom = string | number | boolean;
export type Value = Atom | null | ReadonlySet<Atom> | ReadonlyMap<Atom, Atom>;
export type Row = Readonly<Record<string, Value>>;

/** A row that the same transaction inserts, by the name it gives it. */
export class NamedUuid {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What may be written: values, lists for sets, objects for maps, and names of rows yet to be. */
export type Writable =
  | Atom
  | null
  | NamedUuid
  | Iterable<Atom | NamedUuid>
  | ReadonlyMap<Atom, Atom>
  | { readonly [key: string]: Atom };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Reads a value from the wire. Throws `OvsdbGarbage`. */
export function decode(column: Column, json: unknown, where: string): Value {
  if (column.value !== undefined) {
    const pairs = tagged(json, 'map', where);
    if (pairs === undefined) throw errors.OvsdbGarbage(`${where} is no map`);
    return new Map(pairs.map((pair) => decodePair(column, pair, where)));
  }
  const items = tagged(json, 'set', where);
  if (column.max === 1) {
    if (items === undefined) return decodeAtom(column.key, json, where);
    if (items.length === 0 && column.min === 0) return null;
    if (items.length === 1) return decodeAtom(column.key, items[0], where);
    throw errors.OvsdbGarbage(`${where} has ${items.length} values`);
  }
  if (items === undefined) return new Set([decodeAtom(column.key, json, where)]);
  return new Set(items.map((item) => decodeAtom(column.key, item, where)));
}

/** The pairs or items of `["map", […]]` or `["set", […]]`; undefined for anything else. */
function tagged(json: unknown, tag: 'map' | 'set', where: string): unknown[] | undefined {
  if (!Array.isArray(json) || json[0] !== tag) return undefined;
  if (json.length !== 2 || !Array.isArray(json[1])) throw errors.OvsdbGarbage(`${where} is a broken ${tag}`);
  return json[1];
}

function decodePair(column: Column, pair: unknown, where: string): [Atom, Atom] {
  if (!Array.isArray(pair) || pair.length !== 2) throw errors.OvsdbGarbage(`${where} has a broken pair`);
  return [decodeAtom(column.key, pair[0], where), decodeAtom(column.value as AtomType, pair[1], where)];
}

function decodeAtom(type: AtomType, json: unknown, where: string): Atom {
  if (type === 'uuid') {
    if (Array.isArray(json) && json[0] === 'uuid' && typeof json[1] === 'string') return json[1];
  } else if (type === 'integer' || type === 'real') {
    if (typeof json === 'number') return json;
  } else if (typeof json === type) return json as Atom;
  throw errors.OvsdbGarbage(`${where} is no ${type}`);
}

/** Makes the wire's form. Throws `OvsdbBadValue` when the column cannot hold it. */
export function encode(column: Column, value: Writable | Value, where: string): unknown {
  if (column.value !== undefined) {
    if (typeof value !== 'object' || value === null || value instanceof Set || value instanceof NamedUuid) {
      throw errors.OvsdbBadValue(where, 'takes a map');
    }
    const entries: Iterable<[Atom, Atom]> =
      value instanceof Map ? value : (Object.entries(value) as Iterable<[Atom, Atom]>);
    const pairs = [...entries].map(([k, v]) => [
      encodeAtom(column.key, k, where),
      encodeAtom(column.value as AtomType, v, where),
    ]);
    return ['map', pairs];
  }
  if (column.max === 1) {
    if (value !== null) return encodeAtom(column.key, value as Atom, where);
    if (column.min === 0) return ['set', []];
    throw errors.OvsdbBadValue(where, 'cannot be empty');
  }
  if (typeof value !== 'object' || value === null || value instanceof NamedUuid || !(Symbol.iterator in value)) {
    throw errors.OvsdbBadValue(where, 'takes a set');
  }
  return ['set', [...(value as Iterable<Atom>)].map((item) => encodeAtom(column.key, item, where))];
}

function encodeAtom(type: AtomType, value: Atom | NamedUuid, where: string): unknown {
  if (type === 'uuid') {
    if (value instanceof NamedUuid) return ['named-uuid', value.name];
    if (typeof value === 'string' && UUID.test(value)) return ['uuid', value];
  } else if (type === 'integer') {
    if (Number.isSafeInteger(value)) return value;
  } else if (type === 'real') {
    if (Number.isFinite(value)) return value;
  } else if (typeof value === type) return value;
  throw errors.OvsdbBadValue(where, `takes a ${type}, not ${JSON.stringify(value)}`);
}

/** True when both are the same to the database. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a instanceof Set) {
    if (!(b instanceof Set) || a.size !== b.size) return false;
    for (const item of a) if (!b.has(item)) return false;
    return true;
  }
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, item] of a) if (b.get(key) !== item) return false;
    return true;
  }
  return false;
}

/** What a row holds where an insert says nothing (RFC 7047, 5.2.1); updates leave such values out. */
export function defaultValue(column: Column): Value {
  if (column.value !== undefined) return new Map();
  if (column.max !== 1) return new Set();
  if (column.min === 0) return null;
  switch (column.key) {
    case 'integer':
    case 'real':
      return 0;
    case 'boolean':
      return false;
    case 'string':
      return '';
    case 'uuid':
      return '00000000-0000-0000-0000-000000000000';
  }
}

/**
 * A value after a `modify` of update2: single values come whole, of sets the items that changed sides, of maps the
 * pairs that changed (an equal pair was taken out).
 */
export function applyDiff(column: Column, old: Value, diff: Value): Value {
  if (column.value !== undefined) {
    const map = new Map(old as ReadonlyMap<Atom, Atom>);
    for (const [key, item] of diff as ReadonlyMap<Atom, Atom>) {
      if (map.get(key) === item) map.delete(key);
      else map.set(key, item);
    }
    return map;
  }
  if (column.max === 1) return diff;
  const set = new Set(old as ReadonlySet<Atom>);
  for (const item of diff as ReadonlySet<Atom>) if (!set.delete(item)) set.add(item);
  return set;
}
