import {
  type Atom,
  byUuid,
  NamedUuid,
  type Operation,
  sameValue,
  type Value,
  type Values,
  type Writable,
} from '#protocols/ovsdb/index';
import { MARK, Ref, type WantedRow, type WantedValue } from './rows/wanted.ts';
import type { WantedUnit } from './rows/unit.ts';
import type { NorthboundView, OwnRow } from './view.ts';

/** What to do, and which units have to wait for rows of other units that are not there. */
export interface Plan {
  operations: Operation[];
  /** Unit → the key of the row it waits for. */
  waiting: Map<string, string>;
}

/** Tables whose rows do not go by themselves when nothing refers to them. */
const ROOTS = new Set([
  'Logical_Switch',
  'Logical_Router',
  'DHCP_Options',
  'DNS',
  'Port_Group',
  'Address_Set',
  'Load_Balancer',
  'HA_Chassis_Group',
]);

const place = (table: string, key: string): string => `${table}|${key}`;

/**
 * The operations that make the rows of these units what is wanted. Pure but for reading the view. Rows that are right
 * already cost nothing, so doing it twice does nothing the second time.
 */
export function planUnits(units: readonly WantedUnit[], view: NorthboundView): Plan {
  const waiting = new Map<string, string>();
  let planned = [...units];
  for (;;) {
    const names = nameNewRows(planned, view);
    const before = waiting.size;
    for (const unit of planned) {
      const missing = firstMissing(unit, names, view);
      if (missing !== undefined) waiting.set(unit.key, missing);
    }
    if (waiting.size === before) return { operations: new Planner(names, view).plan(planned), waiting };
    // Whoever refers to rows of a unit that waits has to wait as well.
    planned = planned.filter((unit) => !waiting.has(unit.key));
  }
}

function nameNewRows(units: readonly WantedUnit[], view: NorthboundView): Map<string, NamedUuid> {
  const names = new Map<string, NamedUuid>();
  for (const { rows } of units) {
    for (const { table, key } of rows) {
      if (view.find(table, key).size === 0) names.set(place(table, key), new NamedUuid(`r${names.size}`));
    }
  }
  return names;
}

function firstMissing(
  unit: WantedUnit,
  names: ReadonlyMap<string, NamedUuid>,
  view: NorthboundView,
): string | undefined {
  const there = (ref: Ref) => names.has(place(ref.table, ref.key)) || view.find(ref.table, ref.key).size > 0;
  for (const row of unit.rows) {
    for (const { row: parent } of row.in ?? []) if (!there(parent)) return parent.key;
    for (const value of Object.values(row.columns)) {
      for (const ref of Array.isArray(value) ? value : [value]) if (ref instanceof Ref && !there(ref)) return ref.key;
    }
  }
  return undefined;
}

type Id = string | NamedUuid;

class Planner {
  readonly #names: ReadonlyMap<string, NamedUuid>;
  readonly #view: NorthboundView;
  readonly #inserts: Operation[] = [];
  readonly #updates: Operation[] = [];
  readonly #deletes: Operation[] = [];
  /** `insert` or `delete`, table, column, parent → children; one mutation each. */
  readonly #members = new Map<
    string,
    { how: 'insert' | 'delete'; table: string; column: string; parent: Id; children: Id[] }
  >();

  constructor(names: ReadonlyMap<string, NamedUuid>, view: NorthboundView) {
    this.#names = names;
    this.#view = view;
  }

  plan(units: readonly WantedUnit[]): Operation[] {
    for (const unit of units) {
      const keep = new Set<string>();
      for (const row of unit.rows) {
        const [uuid] = this.#view.find(row.table, row.key);
        if (uuid === undefined) this.#insert(row);
        else {
          keep.add(uuid);
          this.#compare(row, uuid);
        }
      }
      for (const row of this.#view.rowsOf(unit.key)) if (!keep.has(row.uuid)) this.#remove(row);
    }
    return [...this.#inserts, ...this.#updates, ...this.#mutations(), ...this.#deletes];
  }

  #id(ref: Ref): Id {
    const [uuid] = this.#view.find(ref.table, ref.key);
    return uuid ?? (this.#names.get(place(ref.table, ref.key)) as NamedUuid);
  }

  #insert(row: WantedRow): void {
    const name = this.#names.get(place(row.table, row.key)) as NamedUuid;
    const values: Record<string, Writable> = { external_ids: idsOf(row) };
    for (const [column, value] of Object.entries(row.columns)) {
      const written = this.#write(value);
      if (written !== null) values[column] = written;
    }
    this.#inserts.push({ op: 'insert', table: row.table, name: name.name, row: values });
    for (const { row: parent, column } of row.in ?? [])
      this.#member('insert', parent.table, column, this.#id(parent), name);
  }

  #compare(row: WantedRow, uuid: string): void {
    const now = this.#view.row(row.table, uuid) ?? {};
    const changes: Record<string, Writable> = {};
    for (const [column, value] of Object.entries(row.columns)) {
      const written = this.#write(value);
      if (written instanceof NamedUuid || !sameValue(now[column] ?? null, comparable(written)))
        changes[column] = written;
    }
    // What others wrote into external_ids is theirs.
    const ids = now['external_ids'] as ReadonlyMap<string, string>;
    const wanted = idsOf(row);
    if (Object.entries(wanted).some(([name, value]) => ids.get(name) !== value)) {
      changes['external_ids'] = new Map([...ids, ...Object.entries(wanted)]);
    }
    if (Object.keys(changes).length > 0) {
      this.#updates.push({ op: 'update', table: row.table, where: byUuid(uuid), row: changes as Values });
    }
    const parents = (row.in ?? []).map(({ row: parent, column }) => ({
      table: parent.table,
      column,
      id: this.#id(parent),
    }));
    const there = this.#view.memberships(uuid);
    for (const { table, column, id } of parents) {
      const already = there.some((one) => one.table === table && one.column === column && one.uuid === id);
      if (!already) this.#member('insert', table, column, id, uuid);
    }
    for (const one of there) {
      const stays = parents.some(
        (wish) => wish.table === one.table && wish.column === one.column && wish.id === one.uuid,
      );
      if (!stays) this.#member('delete', one.table, one.column, one.uuid, uuid);
    }
  }

  #remove(row: OwnRow): void {
    for (const { table, column, uuid } of this.#view.memberships(row.uuid)) {
      this.#member('delete', table, column, uuid, row.uuid);
    }
    if (ROOTS.has(row.table)) this.#deletes.push({ op: 'delete', table: row.table, where: byUuid(row.uuid) });
  }

  #member(how: 'insert' | 'delete', table: string, column: string, parent: Id, child: Id): void {
    const id = parent instanceof NamedUuid ? `new ${parent.name}` : parent;
    const key = `${how}|${table}|${column}|${id}`;
    const found = this.#members.get(key);
    if (found === undefined) this.#members.set(key, { how, table, column, parent, children: [child] });
    else found.children.push(child);
  }

  #mutations(): Operation[] {
    return [...this.#members.values()].map(({ how, table, column, parent, children }) => ({
      op: 'mutate',
      table,
      where: [['_uuid', '==', parent]],
      mutations: [[column, how, children]],
    }));
  }

  #write(value: WantedValue): Writable {
    if (value instanceof Ref) return this.#id(value);
    if (Array.isArray(value)) return value.map((item) => (item instanceof Ref ? this.#id(item) : item));
    return value as Writable;
  }
}

const idsOf = (row: WantedRow): Record<string, string> => ({ ...row.ids, [MARK]: row.key });

/** A written value as the cache would hold it. */
function comparable(value: Exclude<Writable, NamedUuid>): Value {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return new Set(value as Atom[]);
  return new Map(Object.entries(value as Record<string, string>));
}
