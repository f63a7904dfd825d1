import type { Clock } from '#kernel/clock';
import type { Log } from '#platform/log';
import type { Store } from '#store/contract';

const BATCH = 500;

// One batch, oldest first. The engine has no foreign keys from its payload tables: all are named.
const PRUNE = `
with old as (
  select workflow_uuid as id from dbos.workflow_status
  where completed_at is not null and completed_at < (extract(epoch from clock_timestamp()) * 1000)::bigint - $1::bigint
    and status not in ('PENDING', 'ENQUEUED')
  order by completed_at limit ${BATCH} for update skip locked
), a as (delete from dbos.operation_outputs o using old where o.workflow_uuid = old.id)
, b as (delete from dbos.workflow_input i using old where i.workflow_uuid = old.id)
, c as (delete from dbos.workflow_output o using old where o.workflow_uuid = old.id)
, d as (delete from work_state s using old where s.id = old.id)
, e as (delete from work_messages m using old where m.workflow_id = old.id)
, f as (delete from work_waits w using old where w.workflow_id = old.id)
delete from dbos.workflow_status s using old where s.workflow_uuid = old.id returning s.workflow_uuid`;

// The newest life of each host stays, for the list of conductors.
const PRUNE_CONDUCTORS = `
delete from conductors c where c.state = 'gone' and c.beat_at < clock_timestamp() - interval '1 hour'
  and exists (select 1 from conductors n where n.host = c.host and n.registered_at > c.registered_at)
  and not exists (select 1 from dbos.workflow_status s
    where s.status = 'PENDING' and s.executor_id = c.incarnation::text)`;

/** Deletes what finished more than `keepMs` ago. Gives how many workflows went. */
export async function prune(store: Store, keepMs: number): Promise<number> {
  let count = 0;
  for (;;) {
    const rows = await store.query({ name: 'work.prune', text: PRUNE, values: [keepMs] });
    count += rows.length;
    if (rows.length < BATCH) break;
  }
  await store.query({ name: 'work.prune-conductors', text: PRUNE_CONDUCTORS });
  return count;
}

/** Prunes now and then. Gives the way to end it. */
export function keepPruning(
  store: Store,
  clock: Clock,
  log: Log,
  keepMs: number,
  everyMs: number,
): () => Promise<void> {
  let running: Promise<void> | undefined;
  const cancel = clock.every(everyMs, () => {
    running ??= prune(store, keepMs)
      .then((count) => {
        if (count > 0) log.info({ workflows: count }, 'finished workflows were pruned');
      })
      .catch((error) => log.debug({ err: error }, 'could not prune finished workflows'))
      .finally(() => {
        running = undefined;
      });
  });
  return async () => {
    cancel();
    await running;
  };
}
