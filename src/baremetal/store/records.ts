import type { Reader } from '#store/contract';
import { named, shaped } from './named.ts';
import { type TextRow, textRows } from './text-rows.ts';

/** Where records of a kind lie; see `app/records/kind.ts`. */
export interface RecordPlace {
  table: string;
  owned: 'node' | 'owner' | 'nobody';
}

/** `from` of a kind's statements: the record as `t`, the node it hangs on as `n`. */
export function recordFrom(place: RecordPlace): string {
  return place.owned === 'node' ? `${place.table} t join nodes n on n.uuid = t.node_uuid` : `${place.table} t`;
}

/** Columns behind the selected ones: owner, lessee, public. */
export function ownershipSelect(place: RecordPlace): string {
  if (place.owned === 'node') return 'n.owner, n.lessee, false';
  if (place.owned === 'nobody') return 'null, null, false';
  return place.table === 'runbooks' ? 't.owner, null, t.public' : 't.owner, null, false';
}

/** One record with its ownership behind; undefined when there is none. */
export async function selectRecord(
  reader: Reader,
  place: RecordPlace,
  ident: { column: string; value: string },
  select: string,
): Promise<TextRow | undefined> {
  const make = () =>
    `select ${select}, ${ownershipSelect(place)} from ${recordFrom(place)} where t.${ident.column} = $1`;
  return (await textRows(reader, shaped(select, `${place.table} by ${ident.column}`, make, [ident.value])))[0];
}

/** Deletes a record that is still at `revision`; false when it is not. */
export async function deleteRecordRow(reader: Reader, table: string, uuid: string, revision: string): Promise<boolean> {
  const text = `delete from ${table} t where t.uuid = $1 and t.revision = $2::bigint returning t.uuid`;
  return (await textRows(reader, named(text, [uuid, revision]))).length > 0;
}
