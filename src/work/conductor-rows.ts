import type { Store, Tx } from '#store/contract';
import type { Json } from './contract.ts';
import { isProvablyDead, ownIdentity, type ProcessIdentity } from './process-identity.ts';
import type { Present } from './roster.ts';

// The statements on `conductors`, and the one that gives a dead one's work back.

const PRESENT = `incarnation::text, host, groups, workflows, state, beats::float8,
  (extract(epoch from clock_timestamp() - beat_at) * 1000)::float8 as age`;

const BEAT = `
with beat as (
  update conductors set beats = beats + 1, beat_at = clock_timestamp()
  where incarnation = $1 and state <> 'gone' returning 1
)
select ${PRESENT}, exists (select 1 from beat) as mine from conductors where state <> 'gone'`;

/** How a heartbeat is sent. */
export type BeatQuery = <R>(statement: { name: string; text: string; values: unknown[] }) => Promise<R[]>;

/** A heartbeat. Gives everybody present; undefined when this life was ended by another. */
export async function storeBeat(query: BeatQuery, incarnation: string): Promise<Present[] | undefined> {
  const rows = await query<Present & { mine: boolean }>({ name: 'work.beat', text: BEAT, values: [incarnation] });
  if (rows[0]?.mine !== true) return undefined;
  // What we know of ourselves is newer than the row the statement saw.
  for (const row of rows) if (row.incarnation === incarnation) row.age = 0;
  return rows;
}

/** Everybody present. */
export function readPresent(store: Store): Promise<Present[]> {
  return store.query({ name: 'work.present', text: `select ${PRESENT} from conductors where state <> 'gone'` });
}

/** What a conductor says of itself when it registers. */
export interface Registration {
  incarnation: string;
  host: string;
  groups: readonly string[];
  drivers: readonly string[];
  info: Json;
  workflows: readonly string[];
}

export async function insertConductor(tx: Tx, one: Registration): Promise<void> {
  const { bootId, pidNamespace, pid, startedTicks } = ownIdentity();
  await tx.query({
    text: `insert into conductors
      (incarnation, host, groups, drivers, info, workflows, boot_id, pid_namespace, pid, started_ticks)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      one.incarnation,
      one.host,
      [...one.groups],
      [...one.drivers],
      JSON.stringify(one.info),
      [...one.workflows],
      bootId,
      pidNamespace,
      pid,
      startedTicks,
    ],
  });
  tx.changed('work.conductors', one.host);
}

/** Its last state. */
export async function markGone(tx: Tx, incarnation: string, host: string): Promise<void> {
  await tx.query({ text: `update conductors set state = 'gone' where incarnation = $1`, values: [incarnation] });
  tx.changed('work.conductors', host);
}

/**
 * Locks a dead conductor's row for a takeover and gives its host. Undefined when another is at it, it is gone
 * already, or it has beaten since (`beats`: the count that was found unchanged; null when death is proven).
 */
export async function lockDead(tx: Tx, incarnation: string, beats: number | null): Promise<string | undefined> {
  const rows = await tx.query<{ host: string }>({
    text: `select host from conductors where incarnation = $1 and state <> 'gone'
      and ($2::bigint is null or beats = $2) for update skip locked`,
    values: [incarnation, beats],
  });
  return rows[0]?.host;
}

/** Executors with unfinished work that are no conductor, or no longer. */
export async function orphanExecutors(store: Store): Promise<string[]> {
  const rows = await store.query<{ executor_id: string }>({
    name: 'work.orphans',
    text: `select distinct executor_id from dbos.workflow_status s where status = 'PENDING' and not exists
      (select 1 from conductors c where c.incarnation::text = s.executor_id and c.state <> 'gone')`,
  });
  return rows.map((row) => row.executor_id);
}

/** Lives of this host that certainly ended: after kill -9 its next process need not wait for a lease. */
export async function provablyDead(store: Store, host: string): Promise<string[]> {
  const rows = await store.query<ProcessIdentity & { incarnation: string }>({
    text: `select incarnation::text, boot_id as "bootId", pid_namespace as "pidNamespace", pid,
      started_ticks as "startedTicks" from conductors where host = $1 and state <> 'gone'`,
    values: [host],
  });
  return rows.filter((row) => isProvablyDead(row)).map((row) => row.incarnation);
}

/** Which work goes back to its queues. */
export interface Reclaim {
  executor: string;
  /** Default: all of it. */
  ids?: readonly string[];
  /** Does it count as a takeover? */
  counted: boolean;
  /** Takeovers without progress after which work is parked. */
  max: number;
}

/** Puts unfinished work of an executor back into its groups' queues, and tells them. Gives the ids. */
export async function reclaimWork(tx: Tx, { executor, ids, counted, max }: Reclaim): Promise<string[]> {
  const rows = await tx.query<{ id: string }>({
    text: 'select id from work_reclaim($1, $2, $3, $4)',
    values: [executor, ids === undefined ? null : [...ids], counted, max],
  });
  if (rows.length > 0) tx.changed('work.queue', '*');
  return rows.map((row) => row.id);
}

/** Notes why workflows stand still, for people. */
export async function markStalled(tx: Tx, ids: readonly string[], why: string): Promise<void> {
  await tx.query({
    text: `insert into work_state (id, stalled) select unnest($1::text[]), $2
      on conflict (id) do update set stalled = excluded.stalled`,
    values: [[...ids], why],
  });
}
