import type { Reader } from '#store/contract';
import { nodeColumns, type NodeRow } from './node-load.ts';
import { prepared } from './prepared.ts';

/** UUIDs of a node's children, all or of a list, in a fixed order. */
export async function childrenOf(reader: Reader, parent: string, only: readonly string[] | null): Promise<string[]> {
  const rows = await reader.query<{ uuid: string }>(
    prepared(
      'select uuid from nodes where parent_node = $1 and ($2::uuid[] is null or uuid = any ($2::uuid[])) order by seq',
      [parent, only],
    ),
  );
  return rows.map((row) => row.uuid);
}

/** Whose a node's children are. */
export async function childOwners(
  reader: Reader,
  parent: string,
): Promise<{ owner: string | null; lessee: string | null }[]> {
  return await reader.query(prepared('select owner, lessee from nodes where parent_node = $1 order by seq', [parent]));
}

/**
 * Locks a child for a step of its parent's operation, as an action on its machine does, and takes it for this life
 * of the conductor. A child that the same operation locked before a crash is taken again. undefined: it is busy.
 */
export async function lockChild(
  reader: Reader,
  child: string,
  operationId: string,
  owner: { incarnation: string; host: string },
): Promise<NodeRow | undefined> {
  const rows = await reader.query<NodeRow>(
    prepared(
      `
with n as (
  update nodes n set intent_id = coalesce(n.intent_id, nextval('node_intents_id_seq')),
    owner_incarnation = $3::text, reservation = $4,
    fence = n.fence + case when n.owner_incarnation is distinct from $3::text then 1 else 0 end
  where n.uuid = $1 and n.operation_id is null
    and (n.intent_id is null or exists (
      select 1 from node_intents i where i.id = n.intent_id and i.operation_id = $2))
    and exists (select 1 from conductors c where c.incarnation = $3::text::uuid and c.state <> 'gone')
  returning ${nodeColumns('n')}
), i as (
  insert into node_intents (id, node_uuid, operation_id, fence, action, absolute)
  overriding system value
  select n.intent_id, n.uuid, $2, n.fence, 'step of the parent', true from n
  on conflict (id) do nothing
)
select * from n`,
      [child, operationId, owner.incarnation, owner.host],
    ),
  );
  return rows[0];
}

/** Lets go of the children an operation locked: one, or all. `power`: the state one was last seen in. */
export async function unlockChildren(
  reader: Reader,
  operationId: string,
  one?: { uuid: string; power: string | null },
): Promise<void> {
  await reader.query(
    prepared(
      `
with i as (
  delete from node_intents where operation_id = $1 and action = 'step of the parent'
    and ($2::uuid is null or node_uuid = $2::uuid) returning id, node_uuid
)
update nodes n set intent_id = null, owner_incarnation = null, reservation = null,
  power_state = coalesce($3, n.power_state), revision = n.revision + 1, updated_at = now()
from i where n.uuid = i.node_uuid and n.intent_id = i.id`,
      [operationId, one?.uuid ?? null, one?.power ?? null],
    ),
  );
}
