import type { Reader } from '#store/contract';
import { prepared } from './prepared.ts';

/** Forgets which virtual interfaces were plugged into the node's ports. */
export async function detachVifs(reader: Reader, nodeUuid: string): Promise<void> {
  await reader.query(
    prepared(
      `update ports set internal_info = (internal_info::jsonb - 'tenant_vif_port_id')::json, revision = revision + 1
      where node_uuid = $1 and internal_info::text like '%tenant_vif_port_id%'`,
      [nodeUuid],
    ),
  );
}

/** Deletes the allocation that was bound to the node: the instance is over. */
export async function freeAllocation(reader: Reader, nodeUuid: string): Promise<void> {
  await reader.query(prepared('delete from allocations where node_uuid = $1', [nodeUuid]));
}
