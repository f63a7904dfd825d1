import type { Reader } from '#store/contract';
import { named, shaped } from './named.ts';
import { type TextRow, textRows } from './text-rows.ts';

/** How a request names a node. */
export type NodeIdent = { uuid: string } | { name: string };

/** One node, as text by position; undefined when there is none. `select` speaks of the alias `t`. */
export async function selectNode(reader: Reader, ident: NodeIdent, select: string): Promise<TextRow | undefined> {
  const [column, value] = 'uuid' in ident ? ['uuid', ident.uuid] : ['name', ident.name];
  const make = () => `select ${select} from nodes t where t.${column} = $1`;
  const rows = await textRows(reader, shaped(select, `nodes by ${column}`, make, [value]));
  return rows[0];
}

/** Column → value as PostgreSQL takes it (documents as JSON text). */
export type ColumnValues = Readonly<Record<string, unknown>>;

/** Inserts a row; gives the columns asked for. Throws the store's `Conflict` and `StillReferenced`. */
export async function insertRow(reader: Reader, table: string, values: ColumnValues, select: string): Promise<TextRow> {
  const columns = Object.keys(values).join(', ');
  const make = () => {
    const places = Object.keys(values).map((_, i) => `$${i + 1}`);
    return `insert into ${table} as t (${columns}) values (${places.join(', ')}) returning ${select}`;
  };
  const rows = await textRows(reader, shaped(select, `into ${table}: ${columns}`, make, Object.values(values)));
  return rows[0] as TextRow;
}

/**
 * Changes a row that is still at `revision`; gives the columns asked for, undefined when somebody else was
 * first (or the row is gone).
 */
export async function updateRow(
  reader: Reader,
  table: string,
  at: { uuid: string; revision: string },
  changes: ColumnValues,
  select: string,
): Promise<TextRow | undefined> {
  const columns = Object.keys(changes);
  const make = () => {
    const sets = columns.map((column, i) => `${column} = $${i + 3}`);
    sets.push('revision = t.revision + 1', 'updated_at = clock_timestamp()');
    return `update ${table} as t set ${sets.join(', ')} where t.uuid = $1 and t.revision = $2::bigint returning ${select}`;
  };
  const values = [at.uuid, at.revision, ...Object.values(changes)];
  const rows = await textRows(reader, shaped(select, `set ${table}: ${columns.join()}`, make, values));
  return rows[0];
}

/**
 * Deletes a node that is still at `revision`, and the allocation it served; false when it is not at it. What hangs on
 * the node goes with it.
 */
export async function deleteNodeRow(reader: Reader, uuid: string, revision: string): Promise<boolean> {
  const text =
    'with gone as (delete from nodes t where t.uuid = $1 and t.revision = $2::bigint returning t.uuid, t.allocation_uuid), ' +
    'freed as (delete from allocations a using gone where a.uuid = gone.allocation_uuid) select uuid from gone';
  return (await textRows(reader, named(text, [uuid, revision]))).length > 0;
}

/** Who owns an allocation; null when nobody does, or it is gone. */
export async function allocationOwner(reader: Reader, uuid: string): Promise<string | null> {
  const rows = await textRows(reader, named('select owner from allocations where uuid = $1', [uuid]));
  return rows[0]?.[0] ?? null;
}

export async function deleteAllocation(reader: Reader, uuid: string): Promise<void> {
  await textRows(reader, named('delete from allocations where uuid = $1', [uuid]));
}
