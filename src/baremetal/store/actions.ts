import type { Reader, Store } from '#store/contract';
import type { Document } from '../model/node.ts';
import type { PowerState } from '../states/names.ts';
import { gather } from '#store/gather';
import { prepared } from './prepared.ts';
import { nodeColumns, type NodeRow } from './node-load.ts';

/** What a person asked to be done with a machine, as the queue holds it. */
export interface ActionRow {
  id: bigint;
  action: string;
  absolute: boolean;
  detail: string;
  /** Another conductor, or life, had it in hand: it may have been sent. */
  resumed: boolean;
  /**
   * Milliseconds since a conductor first took it in hand, and until whoever asked gives up (null: never); on the
   * database's clock.
   */
  age: number;
  left: number | null;
  /** The node, taken for this action; null for a call of a hardware type, or when it needs no lock. */
  node: NodeRow | null;
}

interface ClaimRow extends NodeRow {
  action_id: bigint;
  action: string;
  absolute: boolean;
  detail: string;
  age: number;
  time_left: number | null;
}

const PICK = {
  // A call whose caller has given up is not begun.
  fresh: `i.claimed_by is null and $5::bigint[] is not null and coalesce(i.deadline > clock_timestamp(), true)`,
  // What a life left behind that others have declared gone, and what this one has claimed without knowing it: the
  // answer to a claim, or to an end, was lost.
  left: `i.claimed_by is not null and case when i.claimed_by = $2::text then i.id <> all ($5::bigint[]) else not exists (
    select 1 from conductors c where c.incarnation = i.claimed_by::uuid and c.state <> 'gone') end`,
} as const;

const claim = (pick: string) => `
with picked as (
  select i.id, coalesce(i.claimed_at, clock_timestamp()) as since from node_intents i
  where i.queued and i.state = 'open' and i.conductor_group = any ($1::text[]) and ${pick}
    and ($6::bigint[] is null or i.id = any ($6))
    and exists (select 1 from conductors c where c.incarnation = $2::text::uuid and c.state <> 'gone')
  order by i.id limit $4 for update of i skip locked
), taken as (
  update node_intents i set claimed_by = $2::text, claimed_at = clock_timestamp() from picked p where i.id = p.id
  returning i.id, i.node_uuid, i.action, i.absolute, i.detail, p.since, i.deadline
), owned as (
  update nodes n set owner_incarnation = $2::text, reservation = $3,
    fence = n.fence + case when n.owner_incarnation is distinct from $2::text then 1 else 0 end
  from taken t where n.uuid = t.node_uuid and n.intent_id = t.id
  returning ${nodeColumns('n')}
), seen as (
  select distinct on (n.uuid) ${nodeColumns('n')} from taken t join nodes n on n.uuid = t.node_uuid and n.intent_id is distinct from t.id
), both_ as (select * from owned union all select * from seen)
select t.id as action_id, t.action, t.absolute, t.detail,
  (extract(epoch from clock_timestamp() - t.since) * 1000)::float8 as age,
  (extract(epoch from t.deadline - clock_timestamp()) * 1000)::float8 as time_left, b.*
from taken t left join both_ b on b.uuid = t.node_uuid order by t.id`;

/**
 * Takes actions for this life of the conductor, and the nodes they lock. `left`: those that a dead conductor had
 * in hand, or this one without knowing (`inHand`: what it knows). `among`: only of these; null: of all. Nothing is
 * given to a conductor that others have declared gone.
 */
export async function claimActions(
  reader: Reader,
  which: 'fresh' | 'left',
  groups: readonly string[],
  owner: { incarnation: string; host: string },
  limit: number,
  inHand: readonly bigint[],
  among: readonly bigint[] | null = null,
): Promise<ActionRow[]> {
  const rows = await reader.query<ClaimRow>(
    prepared(claim(PICK[which]), [groups, owner.incarnation, owner.host, limit, inHand, among]),
  );
  return rows.map((row) => ({
    id: row.action_id,
    action: row.action,
    absolute: row.absolute,
    detail: row.detail,
    resumed: which === 'left',
    age: row.age,
    left: row.time_left,
    node: row.uuid === null ? null : row,
  }));
}

/** Notes how far an action is. False when it is no longer this life's. */
export async function noteAction(reader: Reader, id: bigint, incarnation: string, detail: Document): Promise<boolean> {
  const rows = await reader.query(
    prepared('update node_intents set detail = $3 where id = $1 and claimed_by = $2 returning id', [
      id,
      incarnation,
      JSON.stringify(detail),
    ]),
  );
  return rows.length > 0;
}

/** How an action on a locked node ended. */
export interface ActionEnd {
  id: bigint;
  nodeUuid: string;
  fence: bigint;
  /** What the machine was last seen in; null: as the row has it. */
  power: PowerState | null;
  /** For last_error and the history. */
  error: string | null;
  severity: 'ERROR' | 'WARNING';
  conductor: string;
  userId: string | null;
  projectId: string | null;
  /** Kept for whoever waits for it; null: nobody does and the row goes. */
  result: string | null;
}

// One statement for all that end at about the same time.
const END = `
with t as (
  select * from unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[]) as t(id, uuid, fence, power, error, severity, conductor, user_id, project, result)
), n as (
  update nodes n set power_state = coalesce(t.power, n.power_state), target_power_state = null, intent_id = null,
    reservation = null, owner_incarnation = null, last_error = coalesce(t.error, n.last_error),
    revision = n.revision + 1, updated_at = now()
  from t where n.uuid = t.uuid and n.fence = t.fence and n.intent_id = t.id
  returning n.uuid, t.id
), h as (
  insert into node_history (node_uuid, conductor, severity, event_type, event, user_id, project)
  select n.uuid, t.conductor, t.severity, 'power', t.error, t.user_id, t.project
  from n join t on t.id = n.id where t.error is not null
), d as (
  delete from node_intents i using n, t where i.id = n.id and t.id = n.id and t.result is null
), r as (
  update node_intents i set state = 'done', result = t.result::json, closed_at = now()
  from n join t on t.id = n.id where i.id = t.id and t.result is not null
)
select n.id from n`;

/** Ends actions: row, history and queue in one statement. Gives false for one that was no longer ours. */
export function makeEnds(store: Store): (end: ActionEnd) => Promise<boolean> {
  return gather<ActionEnd, boolean>(async (ends) => {
    const column = <K extends keyof ActionEnd>(key: K) => ends.map((end) => end[key]);
    const rows = await store.query<{ id: bigint }>(
      prepared(END, [
        column('id'),
        column('nodeUuid'),
        column('fence'),
        column('power'),
        column('error'),
        column('severity'),
        column('conductor'),
        column('userId'),
        column('projectId'),
        column('result'),
      ]),
    );
    const done = new Set(rows.map((row) => row.id));
    store.changes.announce('nodes', ...ends.map((end) => end.nodeUuid));
    return ends.map((end) => done.has(end.id));
  });
}

/** Ends a call that locked nothing. */
export async function endCall(reader: Reader, id: bigint, incarnation: string, result: string): Promise<void> {
  await reader.query(
    prepared(
      `update node_intents set state = 'done', result = $3, closed_at = now() where id = $1 and claimed_by = $2`,
      [id, incarnation, result],
    ),
  );
}

/** Drops what nobody waits for any more: finished calls not fetched, and calls nobody took in time. */
export async function dropStaleCalls(reader: Reader): Promise<void> {
  await reader.query(
    prepared(
      `with gone as (
        delete from node_intents where queued and deadline < clock_timestamp() - interval '1 minute'
          and (state = 'done' or claimed_by is null) returning id, node_uuid
      )
      update nodes n set intent_id = null, target_power_state = null, reservation = null from gone g where n.uuid = g.node_uuid and n.intent_id = g.id`,
      [],
    ),
  );
}
