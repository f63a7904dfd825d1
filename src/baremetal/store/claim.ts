import type { Reader } from '#store/contract';
import { named } from './named.ts';
import { nodeColumns, type NodeRow } from './node-load.ts';

/** What a conductor gets when it takes a node for a step of an operation. */
export type Claimed =
  /** The node is ours. `openIntents`: an earlier owner began writes to the BMC whose end nobody saw. */
  | { kind: 'owned'; row: NodeRow; openIntents: boolean }
  /** The operation is over, or never was the node's. */
  | { kind: 'over' }
  /** Somebody acts on the machine (a power action): try again soon. */
  | { kind: 'busy' };

type ClaimRow = NodeRow & { open_intents: boolean };

const CLAIM = `
update nodes n set
  owner_incarnation = $3::text, reservation = $4,
  fence = n.fence + case when n.owner_incarnation is distinct from $3::text then 1 else 0 end
where n.uuid = $1 and n.operation_id = $2 and n.intent_id is null
  and exists (select 1 from conductors c where c.incarnation = $3::uuid and c.state <> 'gone')
returning ${nodeColumns('n')},
  exists (select 1 from node_intents i where i.node_uuid = n.uuid and i.state = 'open') as open_intents`;

/**
 * Takes the node for this life of the conductor, and reads it. The fence rises only when the owner changes.
 * The workflow engine lets only one conductor run an operation, and takes it from a dead one only after its
 * lease has run out: that, and `operation_id`, is what makes taking it safe. A conductor that others have declared
 * gone takes nothing, or one that was stopped just before this statement would fence out its successor.
 */
export async function claimNode(
  reader: Reader,
  nodeUuid: string,
  operationId: string,
  owner: { incarnation: string; host: string },
): Promise<Claimed> {
  const rows = await reader.query<ClaimRow>(named(CLAIM, [nodeUuid, operationId, owner.incarnation, owner.host]));
  const row = rows[0];
  if (row !== undefined) return { kind: 'owned', row, openIntents: row.open_intents };
  const found = await reader.query<{ operation_id: string | null }>(
    named('select operation_id from nodes where uuid = $1', [nodeUuid]),
  );
  return found[0]?.operation_id === operationId ? { kind: 'busy' } : { kind: 'over' };
}
