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

/**
 * Strikes out intents of operations that ended without doing it (their conductor was killed after the last write),
 * and locks whose intent is gone.
 */
export async function dropOldIntents(reader: Reader): Promise<number> {
  const rows = await reader.query(
    prepared(
      `delete from node_intents i
      where not i.queued and i.created_at < clock_timestamp() - interval '1 hour'
        and not exists (select 1 from nodes n where n.operation_id = i.operation_id) returning i.id`,
      [],
    ),
  );
  await reader.query(
    prepared(
      `update nodes n set intent_id = null, target_power_state = null, reservation = null, owner_incarnation = null
      where n.intent_id is not null and not exists (select 1 from node_intents i where i.id = n.intent_id)`,
      [],
    ),
  );
  return rows.length;
}
