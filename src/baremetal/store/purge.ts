import type { Reader } from '#store/contract';
import { prepared } from './prepared.ts';

/** Forgets conductors that have been gone for longer than `olderMs`, their last life included. */
export async function forgetConductors(reader: Reader, olderMs: number): Promise<number> {
  const rows = await reader.query(
    prepared(
      `delete from conductors where state = 'gone' and beat_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
      returning incarnation`,
      [olderMs],
    ),
  );
  return rows.length;
}

/** Strikes out intents of operations that ended without doing it (their conductor was killed after the last write). */
export async function dropOldIntents(reader: Reader): Promise<number> {
  const rows = await reader.query(
    prepared(
      `delete from node_intents i using nodes n
      where i.node_uuid = n.uuid and not i.queued and i.created_at < clock_timestamp() - interval '1 hour'
        and n.operation_id is distinct from i.operation_id returning i.id`,
      [],
    ),
  );
  return rows.length;
}
