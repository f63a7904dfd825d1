import { systemClock } from '#kernel/clock';
import type { Chassis, Truth, UnitKind } from '#network/model/truth';
import { OvnReconciler, type OvnReconcilerOptions, LOCK } from '#network/ovn/reconciler';
import { baseUnit, wantedUnit } from '#network/ovn/rows/unit';
import { MARK, MEMBER_COLUMNS, NB_TABLES, Ref, type WantedRow } from '#network/ovn/rows/wanted';
import { allUnits } from '#network/store/dirty';
import { readTruth } from '#network/store/truth';
import { silentLog } from '#platform/log';
import { OvsdbClient } from '#protocols/ovsdb/client';
import type { Row } from '#protocols/ovsdb/values';
import type { Store } from '#store/contract';

export const CHASSIS: Chassis[] = ['c1', 'c2', 'c3'].map((name) => ({
  name,
  hostname: name,
  gateway: name !== 'c3',
  physicalNetworks: ['phys'],
  zones: [],
  alive: true,
}));

export const northbound = (remote: string, lock?: string) =>
  new OvsdbClient({ remote, database: 'OVN_Northbound', tables: NB_TABLES, ...(lock === undefined ? {} : { lock }) });

export interface Running {
  nb: OvsdbClient;
  reconciler: OvnReconciler;
  stop(): Promise<void>;
}

/** A reconciler with its connection. */
export function reconcile(store: Store, remote: string, more: Partial<OvnReconcilerOptions> = {}): Running {
  const nb = northbound(remote, LOCK);
  const options = { store, nb, chassis: () => CHASSIS, clock: systemClock, log: silentLog, pollMs: 200, ...more };
  const reconciler = new OvnReconciler(options);
  reconciler.start();
  return {
    nb,
    reconciler,
    async stop() {
      await reconciler.stop();
      await nb.close();
    },
  };
}

/** All the truth, as the pure function takes it. */
export async function wholeTruth(store: Store, chassis: readonly Chassis[] = CHASSIS): Promise<WantedRow[]> {
  const units = await allUnits(store);
  const wish: Partial<Record<UnitKind, Set<string>>> = {};
  for (const { unit, id } of units) (wish[unit] ??= new Set()).add(id);
  const truth: Truth = { ...(await readTruth(store, wish)), chassis };
  return [...baseUnit().rows, ...units.flatMap(({ unit, id }) => wantedUnit(unit, id, truth).rows)];
}

type Plain = Record<string, unknown>;
const plain = (value: unknown, nameOf: (uuid: string) => string): unknown => {
  if (value instanceof Set) return [...value].map((item) => nameOf(String(item))).sort();
  if (value instanceof Map) return Object.fromEntries([...value].sort());
  if (typeof value === 'string') return nameOf(value);
  return value;
};

/** What the rows of ours in a database are, by table and key, references by key: to compare with `expected`. */
export function found(nb: OvsdbClient, wanted: readonly WantedRow[]): Plain {
  const keys = new Map<string, string>();
  const mine: [table: string, key: string, row: Row][] = [];
  for (const table of Object.keys(NB_TABLES)) {
    for (const [uuid, row] of nb.cache.table(table)) {
      const ids = row['external_ids'];
      const key = ids instanceof Map ? ids.get(MARK) : undefined;
      if (typeof key !== 'string') continue;
      keys.set(uuid, `${table} ${key}`);
      mine.push([table, key, row]);
    }
  }
  const columns = new Map(wanted.map((row) => [`${row.table} ${row.key}`, Object.keys(row.columns)]));
  const nameOf = (text: string) => keys.get(text) ?? text;
  const out: Plain = {};
  for (const [table, key, row] of mine) {
    const name = `${table} ${key}`;
    const known = columns.get(name) ?? [];
    const members = MEMBER_COLUMNS.filter((one) => one.table === table).map(({ column }) => column);
    // Two rows of one key show as an entry of another name.
    const place = name in out ? `${name} TWICE` : name;
    out[place] = Object.fromEntries([...known, ...members].map((column) => [column, plain(row[column], nameOf)]));
  }
  return out;
}

/** The same of what is wanted. */
export function expected(wanted: readonly WantedRow[]): Plain {
  const out: Record<string, Record<string, unknown>> = {};
  const write = (value: unknown): unknown => {
    if (value instanceof Ref) return `${value.table} ${value.key}`;
    if (Array.isArray(value)) return value.map((item) => String(write(item))).sort();
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).sort());
    return value;
  };
  for (const row of wanted) {
    const members = MEMBER_COLUMNS.filter((one) => one.table === row.table);
    out[`${row.table} ${row.key}`] = {
      ...Object.fromEntries(Object.entries(row.columns).map(([column, value]) => [column, write(value)])),
      ...Object.fromEntries(members.map(({ column }) => [column, []])),
    };
  }
  for (const row of wanted) {
    for (const { row: parent, column } of row.in ?? []) {
      const set = out[`${parent.table} ${parent.key}`]?.[column];
      if (Array.isArray(set)) set.push(`${row.table} ${row.key}`);
    }
  }
  for (const row of Object.values(out)) for (const value of Object.values(row)) if (Array.isArray(value)) value.sort();
  return out;
}
