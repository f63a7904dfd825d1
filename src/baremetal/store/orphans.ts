import type { Reader, Tx } from '#store/contract';
import { prepared } from './prepared.ts';

/** A node with an operation, as the search for lost work sees it. */
export interface InFlight {
  uuid: string;
  operation_id: string;
  group: string;
  revision: bigint;
}

/** Nodes that have had an operation for longer than `olderMs`, by uuid after `after`. */
export async function inFlight(
  reader: Reader,
  groups: readonly string[],
  olderMs: number,
  after: string,
  limit: number,
): Promise<InFlight[]> {
  return await reader.query<InFlight>(
    prepared(
      `select uuid, operation_id, conductor_group as group, revision from nodes
      where operation_id is not null and conductor_group = any ($1::text[]) and uuid > $3::uuid
        and coalesce(provision_updated_at, created_at) < now() - $2::float8 * interval '1 millisecond'
      order by uuid limit $4`,
      [groups, olderMs, after, limit],
    ),
  );
}

/** Gives a node another operation in place of the one that is lost. False when it has moved on. */
export async function replaceOperation(
  tx: Tx,
  uuid: string,
  lost: string,
  next: { id: string; name: string },
): Promise<boolean> {
  const rows = await tx.query(
    prepared(
      `update nodes set operation_id = $3, operation = $4, reservation = null, owner_incarnation = null,
        fence = fence + 1, revision = revision + 1, updated_at = now()
      where uuid = $1 and operation_id = $2 returning uuid`,
      [uuid, lost, next.id, next.name],
    ),
  );
  return rows.length > 0;
}
