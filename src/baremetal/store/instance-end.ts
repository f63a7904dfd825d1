import type { Reader } from '#store/contract';
import { prepared } from './prepared.ts';
import { VIF_KEY } from './vifs.ts';

/** Forgets which virtual interfaces were plugged into the node's ports and port groups. */
export async function detachVifs(reader: Reader, nodeUuid: string): Promise<void> {
  for (const table of ['ports', 'portgroups']) {
    await reader.query(
      prepared(
        `update ${table} set internal_info = (internal_info::jsonb - '${VIF_KEY}')::json, revision = revision + 1
        where node_uuid = $1 and internal_info::text like '%${VIF_KEY}%'`,
        [nodeUuid],
      ),
    );
  }
}

/** Deletes the allocation that was bound to the node: the instance is over. */
export async function freeAllocation(reader: Reader, nodeUuid: string): Promise<void> {
  await reader.query(prepared('delete from allocations where node_uuid = $1', [nodeUuid]));
}
