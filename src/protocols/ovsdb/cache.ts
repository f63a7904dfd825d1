import { errors } from './errors.ts';
import type { Column, DatabaseSchema } from './schema.ts';
import { applyDiff, decode, defaultValue, type Row, sameValue, type Value } from './values.ts';

/** One row that came, changed or went. `old` is null for a new one, `row` for one that is gone. */
export interface RowChange {
  table: string;
  uuid: string;
  old: Row | null;
  row: Row | null;
  /** Of a change: the columns that changed; of sets the items that came or went. */
  diff?: Row;
}

/** Tables and columns to hold: `{ Logical_Switch: ['name', 'ports'] }`. */
export type Wanted = Readonly<Record<string, readonly string[]>>;

const NONE: ReadonlyMap<string, Row> = new Map();

/** The rows of a database as last heard, by table and UUID. Rows are never changed in place. */
export class RowCache {
  readonly #tables = new Map<string, Map<string, Row>>();
  readonly #columns = new Map<string, ReadonlyMap<string, Column>>();

  /** Takes the schema of the server, which may differ from the one before. Throws `OvsdbNoColumn`. */
  shape(schema: DatabaseSchema, wanted: Wanted): void {
    this.#columns.clear();
    for (const [table, names] of Object.entries(wanted)) {
      const known = schema.tables.get(table)?.columns;
      const columns = new Map<string, Column>();
      for (const name of names) {
        const column = known?.get(name);
        if (column === undefined) throw errors.OvsdbNoColumn(table, name);
        columns.set(name, column);
      }
      this.#columns.set(table, columns);
    }
  }

  table(name: string): ReadonlyMap<string, Row> {
    return this.#tables.get(name) ?? NONE;
  }

  row(table: string, uuid: string): Row | undefined {
    return this.#tables.get(table)?.get(uuid);
  }

  get size(): number {
    let n = 0;
    for (const rows of this.#tables.values()) n += rows.size;
    return n;
  }

  /** Applies the `<table-updates2>` of an update and says what changed. Throws `OvsdbGarbage`. */
  apply(updates: unknown): RowChange[] {
    const changes: RowChange[] = [];
    for (const [table, uuid, update] of eachUpdate(updates)) {
      const change = this.#applyRow(table, uuid, update);
      if (change !== undefined) this.#put(change, changes);
    }
    return changes;
  }

  /** Takes a whole content in place of what is held, and says what that changed. Throws `OvsdbGarbage`. */
  replace(updates: unknown): RowChange[] {
    const changes: RowChange[] = [];
    const seen = new Map<string, Set<string>>();
    for (const [table, uuid, update] of eachUpdate(updates)) {
      const row = this.#decodeRow(table, update['initial'] ?? update['insert'], false);
      const old = this.row(table, uuid) ?? null;
      let uuids = seen.get(table);
      if (uuids === undefined) seen.set(table, (uuids = new Set()));
      uuids.add(uuid);
      if (old === null || !sameRow(old, row)) this.#put({ table, uuid, old, row }, changes);
    }
    for (const [table, rows] of this.#tables) {
      for (const [uuid, old] of rows) {
        if (seen.get(table)?.has(uuid) !== true) this.#put({ table, uuid, old, row: null }, changes);
      }
    }
    return changes;
  }

  #put(change: RowChange, changes: RowChange[]): void {
    let rows = this.#tables.get(change.table);
    if (rows === undefined) this.#tables.set(change.table, (rows = new Map()));
    if (change.row === null) rows.delete(change.uuid);
    else rows.set(change.uuid, change.row);
    changes.push(change);
  }

  #applyRow(table: string, uuid: string, update: Record<string, unknown>): RowChange | undefined {
    const old = this.row(table, uuid) ?? null;
    if ('delete' in update) return old === null ? undefined : { table, uuid, old, row: null };
    if ('modify' in update) {
      if (old === null) throw errors.OvsdbGarbage(`${table} ${uuid} changed, which is not there`);
      const diff = this.#decodeRow(table, update['modify'], true);
      const row: Record<string, Value> = { ...old };
      const columns = this.#columns.get(table);
      for (const [name, value] of Object.entries(diff)) {
        row[name] = applyDiff(columns?.get(name) as Column, old[name] as Value, value);
      }
      return { table, uuid, old, row, diff };
    }
    return { table, uuid, old, row: this.#decodeRow(table, update['insert'] ?? update['initial'], false) };
  }

  /** `partial`: only the columns that are named; else the others have their defaults. */
  #decodeRow(table: string, json: unknown, partial: boolean): Row {
    const columns = this.#columns.get(table);
    if (columns === undefined) throw errors.OvsdbGarbage(`rows of ${table}, which nobody asked for`);
    const given = (json ?? {}) as Record<string, unknown>;
    const row: Record<string, Value> = {};
    for (const [name, column] of columns) {
      if (Object.hasOwn(given, name)) row[name] = decode(column, given[name], `${table}.${name}`);
      else if (!partial) row[name] = defaultValue(column);
    }
    return row;
  }
}

function sameRow(a: Row, b: Row): boolean {
  return Object.keys(b).every((name) => sameValue(a[name] as Value, b[name] as Value));
}

function* eachUpdate(updates: unknown): Iterable<[table: string, uuid: string, update: Record<string, unknown>]> {
  if (typeof updates !== 'object' || updates === null) throw errors.OvsdbGarbage('updates that are none');
  for (const [table, rows] of Object.entries(updates)) {
    for (const [uuid, update] of Object.entries((rows ?? {}) as Record<string, unknown>)) {
      if (typeof update !== 'object' || update === null)
        throw errors.OvsdbGarbage(`an update of ${table} that is none`);
      yield [table, uuid, update as Record<string, unknown>];
    }
  }
}
