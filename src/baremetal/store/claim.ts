import type { Reader } from '#store/contract';
import { gather } from '#store/gather';
import { prepared } from './prepared.ts';
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

/** A wish to take a node. */
export interface ClaimWish {
  nodeUuid: string;
  operationId: string;
}

const CLAIM = `
update nodes n set
  owner_incarnation = $3::text, reservation = $4,
  fence = n.fence + case when n.owner_incarnation is distinct from $3::text then 1 else 0 end
from unnest($1::uuid[], $2::text[]) as t(uuid, operation_id)
where n.uuid = t.uuid and n.operation_id = t.operation_id and n.intent_id is null
  and exists (select 1 from conductors c where c.incarnation = $3::text::uuid and c.state <> 'gone')
returning ${nodeColumns('n')},
  exists (select 1 from node_intents i where i.node_uuid = n.uuid and i.state = 'open') as open_intents`;

/** Takes nodes for one life of a conductor. */
export type Claimer = (wish: ClaimWish) => Promise<Claimed>;

/**
 * Takes the node for this life of the conductor, and reads it. The fence rises only when the owner changes.
 * The workflow engine lets only one conductor run an operation, and takes it from a dead one only after its
 * lease has run out: that, and `operation_id`, is what makes taking it safe. A conductor that others have declared
 * gone takes nothing, or one that was stopped just before this statement would fence out its successor.
 * Nodes wished for at about the same time are taken together.
 */
export function makeClaimer(store: Reader, owner: { incarnation: string; host: string }): Claimer {
  return gather<ClaimWish, Claimed>(
    async (wishes) => {
      const uuids = wishes.map((wish) => wish.nodeUuid);
      const operations = wishes.map((wish) => wish.operationId);
      const rows = await store.query<ClaimRow>(prepared(CLAIM, [uuids, operations, owner.incarnation, owner.host]));
      const taken = new Map(rows.map((row) => [row.uuid, row]));
      const missed = wishes.filter((wish) => !taken.has(wish.nodeUuid));
      const still = missed.length === 0 ? new Map<string, string | null>() : await operationsOf(store, missed);
      return wishes.map((wish) => {
        const row = taken.get(wish.nodeUuid);
        if (row?.operation_id === wish.operationId) return { kind: 'owned', row, openIntents: row.open_intents };
        return { kind: still.get(wish.nodeUuid) === wish.operationId ? 'busy' : 'over' };
      });
    },
    { lanes: 2 },
  );
}

async function operationsOf(store: Reader, wishes: readonly ClaimWish[]): Promise<Map<string, string | null>> {
  const found = await store.query<{ uuid: string; operation_id: string | null }>(
    prepared('select uuid, operation_id from nodes where uuid = any ($1::uuid[])', [
      wishes.map((wish) => wish.nodeUuid),
    ]),
  );
  return new Map(found.map((row) => [row.uuid, row.operation_id]));
}
