import { newUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';
import { prepared } from './prepared.ts';

/** Something to remember of a node that is no transition. */
export interface HistoryNote {
  nodeUuid: string;
  conductor: string | null;
  severity: 'INFO' | 'WARNING' | 'ERROR';
  /** Ironic's kinds: `power`, `monitoring`, `conductor`… */
  type: string;
  event: string;
  userId?: string | null;
  projectId?: string | null;
}

/** Adds notes to histories; those of nodes that are gone vanish. One statement. */
export async function addHistory(reader: Reader, notes: readonly HistoryNote[]): Promise<void> {
  if (notes.length === 0) return;
  const text = `
insert into node_history (uuid, node_uuid, conductor, severity, event_type, event, user_id, project, state, target_state)
select t.id, n.uuid, t.conductor, t.severity, t.type, t.event, t.user_id, t.project, n.provision_state, n.target_provision_state
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
  as t(id, node_uuid, conductor, severity, type, event, user_id, project)
join nodes n on n.uuid = t.node_uuid`;
  await reader.query(
    prepared(text, [
      notes.map(() => newUuid()),
      notes.map((note) => note.nodeUuid),
      notes.map((note) => note.conductor),
      notes.map((note) => note.severity),
      notes.map((note) => note.type),
      notes.map((note) => note.event),
      notes.map((note) => note.userId ?? null),
      notes.map((note) => note.projectId ?? null),
    ]),
  );
}

/**
 * Deletes what is beyond `keep` entries a node, oldest first, of at most `nodes` nodes. Gives how many rows went;
 * call again until that is 0.
 */
export async function trimHistory(reader: Reader, keep: number, nodes: number): Promise<number> {
  const rows = await reader.query<{ gone: number }>(
    prepared(
      `
with full_nodes as (
  select node_uuid from node_history group by node_uuid having count(*) > $1::int limit $2::int
), edge as (
  select f.node_uuid, (
    select h.id from node_history h where h.node_uuid = f.node_uuid order by h.id desc offset $1::int limit 1
  ) as last_gone
  from full_nodes f
), gone as (
  delete from node_history h using edge e where h.node_uuid = e.node_uuid and h.id <= e.last_gone returning 1
)
select count(*)::int as gone from gone`,
      [keep, nodes],
    ),
  );
  return rows[0]?.gone ?? 0;
}
