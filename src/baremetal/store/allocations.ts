import type { Reader, Tx } from '#store/contract';
import { textRows } from './text-rows.ts';

/** An allocation that waits for a node. */
export interface OpenAllocation {
  uuid: string;
  name: string | null;
  resourceClass: string;
  owner: string | null;
  traits: string[];
  candidates: string[];
}

/**
 * Takes the oldest waiting allocations, at most `limit`, for this transaction. Others skip them, so that any
 * number of conductors can settle at once.
 */
export async function takeOpenAllocations(tx: Tx, limit: number): Promise<OpenAllocation[]> {
  const rows = await textRows(tx, {
    name: 'bm_allocations_take',
    text: `select uuid, name, resource_class, owner, array_to_json(traits), candidate_nodes from allocations
           where state = 'allocating' order by seq limit $1 for update skip locked`,
    values: [limit],
  });
  return rows.map((row) => ({
    uuid: row[0] as string,
    name: row[1] ?? null,
    resourceClass: row[2] ?? '',
    owner: row[3] ?? null,
    traits: JSON.parse(row[4] ?? '[]') as string[],
    candidates: JSON.parse(row[5] ?? '[]') as string[],
  }));
}

/** What every node that is given away must be. */
const FREE = `n.provision_state = 'available' and not n.maintenance and not n.retired and n.instance_uuid is null
  and n.allocation_uuid is null and n.power_state is not null and n.reservation is null and n.operation_id is null`;

/**
 * Gives the allocation a node and marks both; null when none is free that fits. Who waited longest goes first: of
 * fitting nodes the one that has been available longest is taken, unless one bears the allocation's name. A row
 * another transaction is about to give away is skipped, never waited for, never given twice.
 */
export async function giveNode(tx: Tx, allocation: OpenAllocation): Promise<string | null> {
  const { uuid, name, resourceClass, owner, traits, candidates } = allocation;
  const rows = await tx.query<{ uuid: string }>({
    name: 'bm_allocations_give',
    text: `with chosen as (
             select n.uuid from nodes n
             where n.resource_class = $2 and ${FREE}
               and ($3::text[] = '{}' or n.traits @> $3)
               and ($4::text is null or n.owner = $4 or n.lessee = $4)
               and ($5::uuid[] = '{}' or n.uuid = any($5))
               and ($6::text is null or n.name = $6)
             order by n.provision_updated_at nulls first, n.seq limit 1 for update skip locked
           ), marked as (
             update nodes n set allocation_uuid = $1, instance_uuid = $1, revision = n.revision + 1,
               updated_at = clock_timestamp(),
               instance_info = case when $3::text[] = '{}' then n.instance_info
                 else (n.instance_info::jsonb || jsonb_build_object('traits', to_jsonb($3::text[])))::json end
             from chosen where n.uuid = chosen.uuid returning n.uuid
           ), done as (
             update allocations a set node_uuid = marked.uuid, state = 'active', last_error = null,
               revision = a.revision + 1, updated_at = clock_timestamp()
             from marked where a.uuid = $1 returning a.node_uuid
           )
           select node_uuid as uuid from done`,
    values: [uuid, resourceClass, traits, owner, candidates, name],
  });
  return rows[0]?.uuid ?? null;
}

/** Why nothing fits: is there a free node of the class at all, and among the candidates? */
export async function whyNone(tx: Tx, allocation: OpenAllocation): Promise<string> {
  const { resourceClass, owner, traits, candidates } = allocation;
  const rows = await tx.query<{ fits: boolean; traited: boolean }>({
    name: 'bm_allocations_why',
    text: `select exists (select 1 from nodes n where n.resource_class = $1 and ${FREE}
             and ($2::text is null or n.owner = $2 or n.lessee = $2) and ($3::uuid[] = '{}' or n.uuid = any($3))) as fits,
           exists (select 1 from nodes n where n.resource_class = $1 and ${FREE}
             and ($2::text is null or n.owner = $2 or n.lessee = $2) and ($3::uuid[] = '{}' or n.uuid = any($3))
             and n.traits @> $4) as traited`,
    values: [resourceClass, owner, candidates, traits],
  });
  if (rows[0]?.fits !== true) {
    return candidates.length > 0
      ? `none of the requested nodes are available and match the resource class ${resourceClass}`
      : `no available nodes match the resource class ${resourceClass}`;
  }
  return rows[0].traited ? 'retry' : `no suitable nodes have the requested traits ${traits.join(', ')}`;
}

/** Ends an allocation in error. */
export async function failAllocation(tx: Tx, uuid: string, error: string): Promise<void> {
  await tx.query({
    name: 'bm_allocations_fail',
    text: `update allocations set state = 'error', last_error = $2, revision = revision + 1, updated_at = clock_timestamp()
           where uuid = $1`,
    values: [uuid, error],
  });
}

/** What backfilling looks at of a node. */
export interface BackfillNode {
  uuid: string;
  owner: string | null;
  lessee: string | null;
  instanceUuid: string | null;
  allocationUuid: string | null;
  resourceClass: string | null;
  provisionState: string;
  traits: string[];
}

export async function readBackfillNode(reader: Reader, uuid: string): Promise<BackfillNode | undefined> {
  const row = (
    await textRows(reader, {
      name: 'bm_allocations_backfill',
      text: `select uuid, owner, lessee, instance_uuid, allocation_uuid, resource_class, provision_state,
               array_to_json(traits) from nodes where uuid = $1`,
      values: [uuid],
    })
  )[0];
  return row === undefined
    ? undefined
    : {
        uuid: row[0] as string,
        owner: row[1] ?? null,
        lessee: row[2] ?? null,
        instanceUuid: row[3] ?? null,
        allocationUuid: row[4] ?? null,
        resourceClass: row[5] ?? null,
        provisionState: row[6] as string,
        traits: JSON.parse(row[7] ?? '[]') as string[],
      };
}

/** Marks an active node as an allocation's; false when somebody was first. */
export async function markBackfilled(tx: Tx, node: string, allocation: string): Promise<boolean> {
  const rows = await tx.query({
    name: 'bm_allocations_mark',
    text: `update nodes set allocation_uuid = $2, instance_uuid = $2, revision = revision + 1, updated_at = clock_timestamp()
           where uuid = $1 and provision_state = 'active' and allocation_uuid is null
             and (instance_uuid is null or instance_uuid = $2) returning uuid`,
    values: [node, allocation],
  });
  return rows.length > 0;
}

/** UUIDs of nodes by UUID or name, of one project when given. */
export async function resolveNodes(
  reader: Reader,
  idents: readonly string[],
  project: string | null,
): Promise<Map<string, string>> {
  const rows = await reader.query<{ uuid: string; name: string | null }>({
    name: 'bm_allocations_resolve',
    text: `select uuid::text as uuid, name from nodes where (uuid::text = any($1) or name = any($1))
             and ($2::text is null or owner = $2 or lessee = $2)`,
    values: [idents.map((ident) => ident.toLowerCase()).concat(idents), project],
  });
  const found = new Map<string, string>();
  for (const row of rows) {
    found.set(row.uuid, row.uuid);
    if (row.name !== null) found.set(row.name, row.uuid);
  }
  return found;
}

/** Deletes an allocation and frees its node, when the node may be freed; the node's state otherwise. */
export async function releaseAllocation(
  tx: Tx,
  uuid: string,
): Promise<{ node: string; state: string } | 'busy' | 'gone' | 'free'> {
  const rows = await textRows(tx, {
    name: 'bm_allocations_lock',
    text: `select n.uuid, n.provision_state, n.target_provision_state, n.maintenance, n.reservation
           from allocations a left join nodes n on n.uuid = a.node_uuid and n.allocation_uuid = a.uuid
           where a.uuid = $1 for update of a`,
    values: [uuid],
  });
  const row = rows[0];
  if (row === undefined) return 'gone';
  const node = row[0] ?? null;
  if (node !== null && row[3] !== 't') {
    if (row[1] === 'active') return { node, state: 'active' };
    if (row[2] !== null || row[4] !== null) return { node, state: row[1] as string };
  }
  if (node !== null) {
    const freed = await tx.query({
      name: 'bm_allocations_free',
      text: `update nodes set allocation_uuid = null, instance_uuid = null, revision = revision + 1,
               instance_info = (instance_info::jsonb - 'traits')::json, updated_at = clock_timestamp()
             where uuid = $1 and allocation_uuid = $2 and (maintenance or (provision_state <> 'active' and operation_id is null))
             returning uuid`,
      values: [node, uuid],
    });
    if (freed.length === 0) return 'busy';
  }
  await tx.query({ name: 'bm_allocations_delete', text: 'delete from allocations where uuid = $1', values: [uuid] });
  return 'free';
}
