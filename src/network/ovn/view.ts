import type { OvsdbClient, Row, RowChange } from '#protocols/ovsdb/index';
import { MARK, MEMBER_COLUMNS, NB_TABLES, unitOf } from './rows/wanted.ts';

/** A row of ours in the northbound database. */
export interface OwnRow {
  table: string;
  uuid: string;
  key: string;
}

/** A set of references that a row stands in. */
export interface Membership {
  table: string;
  column: string;
  uuid: string;
}

const COLUMNS = new Map<string, string[]>();
const CHILDREN = new Map<string, string>();
for (const { table, column, of } of MEMBER_COLUMNS) {
  COLUMNS.set(table, [...(COLUMNS.get(table) ?? []), column]);
  CHILDREN.set(`${table}.${column}`, of);
}

const ASIDE = new Set([...CHILDREN.keys(), 'Logical_Switch_Port.up']);

/** Our key in a row; undefined when the row is not ours. */
export function keyOf(row: Row | null): string | undefined {
  const ids = row?.['external_ids'];
  const key = ids instanceof Map ? ids.get(MARK) : undefined;
  return typeof key === 'string' ? key : undefined;
}

/** The rows of ours in the cache, found by key, by unit, and by the sets they stand in. */
export class NorthboundView {
  readonly #nb: OvsdbClient;
  /** `table|key` → UUIDs: several when a transaction whose outcome was unknown ran after all. */
  readonly #byKey = new Map<string, Set<string>>();
  readonly #byUnit = new Map<string, Map<string, OwnRow>>();
  /** Child's UUID → `table|column|parent's UUID`. */
  readonly #parents = new Map<string, Set<string>>();
  readonly #stop: () => void;

  /** Follows the cache from now on. `onTouched` hears which units of ours each change touched. */
  constructor(nb: OvsdbClient, onTouched: (units: ReadonlySet<string>) => void) {
    this.#nb = nb;
    for (const table of Object.keys(NB_TABLES)) {
      const rows = [...nb.cache.table(table)].map(([uuid, row]): RowChange => ({ table, uuid, old: null, row }));
      this.#follow(rows);
    }
    this.#stop = nb.onChange((changes) => onTouched(this.#follow(changes)));
  }

  close(): void {
    this.#stop();
  }

  /** UUIDs of the rows with this key. */
  find(table: string, key: string): ReadonlySet<string> {
    return this.#byKey.get(`${table}|${key}`) ?? NOTHING;
  }

  rowsOf(unit: string): Iterable<OwnRow> {
    return this.#byUnit.get(unit)?.values() ?? [];
  }

  units(): Iterable<string> {
    return this.#byUnit.keys();
  }

  row(table: string, uuid: string): Row | undefined {
    return this.#nb.cache.row(table, uuid);
  }

  /** The sets of rows of ours that this row stands in. */
  memberships(uuid: string): Membership[] {
    const found: Membership[] = [];
    for (const text of this.#parents.get(uuid) ?? []) {
      const [table = '', column = '', parent = ''] = text.split('|');
      if (keyOf(this.#nb.cache.row(table, parent) ?? null) !== undefined) found.push({ table, column, uuid: parent });
    }
    return found;
  }

  #follow(changes: readonly RowChange[]): Set<string> {
    const touched = new Set<string>();
    for (const { table, uuid, old, row, diff } of changes) {
      // Members speak for themselves, and whether a port is up is not ours to say.
      const ours = diff === undefined || Object.keys(diff).some((column) => !ASIDE.has(`${table}.${column}`));
      if (ours) this.#key(table, uuid, old, row, touched);
      for (const column of COLUMNS.get(table) ?? []) {
        const before = old?.[column] as ReadonlySet<string> | undefined;
        const after = row?.[column] as ReadonlySet<string> | undefined;
        // Groups have ten thousand members: only those that came or went are looked at.
        const some =
          diff === undefined ? [...(before ?? []), ...(after ?? [])] : ((diff[column] ?? []) as Iterable<string>);
        for (const child of some) {
          const is = after?.has(child) === true;
          if (is === (before?.has(child) === true)) continue;
          this.#touchChild(child, `${table}.${column}`, touched);
          const place = `${table}|${column}|${uuid}`;
          if (is) entry(this.#parents, child, () => new Set<string>()).add(place);
          else drop(this.#parents, child, place);
        }
      }
    }
    return touched;
  }

  #key(table: string, uuid: string, old: Row | null, row: Row | null, touched: Set<string>): void {
    const was = keyOf(old);
    const is = keyOf(row);
    if (was !== undefined) touched.add(unitOf(was));
    if (is !== undefined) touched.add(unitOf(is));
    if (was === is) return;
    if (was !== undefined) {
      drop(this.#byKey, `${table}|${was}`, uuid);
      const rows = this.#byUnit.get(unitOf(was));
      rows?.delete(uuid);
      if (rows?.size === 0) this.#byUnit.delete(unitOf(was));
    }
    if (is !== undefined) {
      entry(this.#byKey, `${table}|${is}`, () => new Set<string>()).add(uuid);
      entry(this.#byUnit, unitOf(is), () => new Map<string, OwnRow>()).set(uuid, { table, uuid, key: is });
    }
  }

  /** A child that left or joined a set is to be looked at as well. */
  #touchChild(child: string, column: string, touched: Set<string>): void {
    const key = keyOf(this.#nb.cache.row(CHILDREN.get(column) as string, child) ?? null);
    if (key !== undefined) touched.add(unitOf(key));
  }
}

const NOTHING: ReadonlySet<string> = new Set();

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function drop(map: Map<string, Set<string>>, key: string, item: string): void {
  const set = map.get(key);
  set?.delete(item);
  if (set?.size === 0) map.delete(key);
}
