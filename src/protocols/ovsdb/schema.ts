import { errors } from './errors.ts';

// Schemas of databases (RFC 7047, 3.2), read into what encoding and decoding need.

export type AtomType = 'integer' | 'real' | 'boolean' | 'string' | 'uuid';

/** One column. A map when `value` is there; a single value when `max` is 1; a set otherwise. */
export interface Column {
  key: AtomType;
  value?: AtomType;
  /** 0: a single value may be absent. */
  min: 0 | 1;
  max: number;
}

export interface TableSchema {
  /** False: rows that nothing refers to go by themselves. */
  isRoot: boolean;
  columns: ReadonlyMap<string, Column>;
}

export interface DatabaseSchema {
  name: string;
  version: string;
  tables: ReadonlyMap<string, TableSchema>;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const ATOMS: readonly string[] = ['integer', 'real', 'boolean', 'string', 'uuid'];

/** Reads the answer of `get_schema`. Throws `OvsdbGarbage`. */
export function parseSchema(json: unknown): DatabaseSchema {
  if (!isObject(json) || typeof json['name'] !== 'string' || !isObject(json['tables'])) {
    throw errors.OvsdbGarbage('the schema is none');
  }
  const tables = new Map<string, TableSchema>();
  for (const [name, table] of Object.entries(json['tables'])) {
    if (!isObject(table) || !isObject(table['columns'])) throw errors.OvsdbGarbage(`table ${name} is none`);
    const columns = new Map<string, Column>();
    for (const [column, facts] of Object.entries(table['columns'])) {
      columns.set(column, parseColumn(isObject(facts) ? facts['type'] : undefined, `${name}.${column}`));
    }
    tables.set(name, { isRoot: table['isRoot'] === true, columns });
  }
  return { name: json['name'], version: String(json['version'] ?? ''), tables };
}

function parseColumn(type: unknown, where: string): Column {
  if (typeof type === 'string') return { key: atomType(type, where), min: 1, max: 1 };
  if (!isObject(type)) throw errors.OvsdbGarbage(`the type of ${where} is none`);
  const min = type['min'] ?? 1;
  const max = type['max'] ?? 1;
  if (min !== 0 && min !== 1) throw errors.OvsdbGarbage(`the type of ${where} has a minimum of ${String(min)}`);
  const column: Column = { key: baseType(type['key'], where), min, max: max === 'unlimited' ? Infinity : Number(max) };
  return type['value'] === undefined ? column : { ...column, value: baseType(type['value'], where) };
}

function baseType(base: unknown, where: string): AtomType {
  return atomType(isObject(base) ? base['type'] : base, where);
}

function atomType(type: unknown, where: string): AtomType {
  if (typeof type !== 'string' || !ATOMS.includes(type)) throw errors.OvsdbGarbage(`the type of ${where} is unknown`);
  return type as AtomType;
}
