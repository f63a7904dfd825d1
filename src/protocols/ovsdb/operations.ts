import { errors } from './errors.ts';
import type { Column, DatabaseSchema } from './schema.ts';
import { encode, type Value, type Writable } from './values.ts';

// Operations of a transaction (RFC 7047, 5.2) in our words; `encodeOperation` makes the wire's.

export type Values = Readonly<Record<string, Writable | Value>>;
/** `[column, function, value]`; `_uuid` is a column, too. */
export type Condition = readonly [
  column: string,
  fn: '==' | '!=' | 'includes' | 'excludes' | '<' | '<=' | '>' | '>=',
  value: Writable | Value,
];
/** `insert` and `delete` are for sets and maps (a set of keys deletes from a map), the others for numbers. */
export type Mutation = readonly [column: string, mutator: 'insert' | 'delete' | '+=' | '-=', value: Writable | Value];

export type Operation =
  /** `name` lets other operations of the transaction refer to the row (`NamedUuid`). */
  | { op: 'insert'; table: string; row: Values; name?: string }
  | { op: 'update'; table: string; where: readonly Condition[]; row: Values }
  | { op: 'mutate'; table: string; where: readonly Condition[]; mutations: readonly Mutation[] }
  | { op: 'delete'; table: string; where: readonly Condition[] }
  | { op: 'select'; table: string; where: readonly Condition[]; columns: readonly string[] }
  /** A guard: the transaction fails unless the rows that match hold (`==`) or do not hold (`!=`) these values. */
  | {
      op: 'wait';
      table: string;
      where: readonly Condition[];
      columns: readonly string[];
      until: '==' | '!=';
      rows: readonly Values[];
    }
  /** A guard: fails unless this client holds the lock. */
  | { op: 'assert'; lock: string }
  | { op: 'comment'; comment: string };

/** The row with this UUID. */
export const byUuid = (uuid: string): readonly Condition[] => [['_uuid', '==', uuid]];

const UUID_COLUMN: Column = { key: 'uuid', min: 1, max: 1 };

/** Makes the wire's form. Throws `OvsdbNoColumn` and `OvsdbBadValue`. */
export function encodeOperation(schema: DatabaseSchema, operation: Operation): object {
  if (operation.op === 'assert' || operation.op === 'comment') return operation;
  const { op, table } = operation;
  const columns = schema.tables.get(table)?.columns;
  const column = (name: string): Column => {
    const found = name === '_uuid' || name === '_version' ? UUID_COLUMN : columns?.get(name);
    if (found === undefined) throw errors.OvsdbNoColumn(table, name);
    return found;
  };
  const row = (values: Values): object =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, encode(column(name), value, `${table}.${name}`)]),
    );
  const where = (conditions: readonly Condition[]) =>
    conditions.map(([name, fn, value]) => [name, fn, encode(loose(column(name), value), value, `${table}.${name}`)]);
  switch (operation.op) {
    case 'insert':
      return { op, table, row: row(operation.row), ...(operation.name && { 'uuid-name': operation.name }) };
    case 'update':
      return { op, table, where: where(operation.where), row: row(operation.row) };
    case 'delete':
      return { op, table, where: where(operation.where) };
    case 'select':
      return { op, table, where: where(operation.where), columns: operation.columns };
    case 'wait': {
      const { columns: names, until, rows } = operation;
      return { op, table, timeout: 0, where: where(operation.where), columns: names, until, rows: rows.map(row) };
    }
    case 'mutate': {
      const mutations = operation.mutations.map(([name, mutator, value]) => {
        const target = loose(column(name), value);
        // Keys to take out of a map come as a set of keys.
        const keys = mutator === 'delete' && !(value instanceof Map) && column(name).value !== undefined;
        const shape: Column = keys ? { key: target.key, min: 0, max: Infinity } : target;
        return [name, mutator, encode(shape, value, `${table}.${name}`)];
      });
      return { op, table, where: where(operation.where), mutations };
    }
  }
}

/** Conditions and mutations may name several items even where the column holds at most one. */
function loose(column: Column, value: Writable | Value): Column {
  const several = typeof value === 'object' && value !== null && Symbol.iterator in value;
  return several && column.max === 1 ? { ...column, min: 0, max: Infinity } : column;
}

/** What an operation gave. */
export interface OperationResult {
  /** Of an insert. */
  uuid?: string;
  /** Rows an update, a mutate or a delete met. */
  count?: number;
  /** Of a select, as the wire has them. */
  rows?: readonly Record<string, unknown>[];
}
