import type { QuotaResource } from '#contracts/quota';
import type { Tx } from '#store/contract';
import { named } from './named.ts';

async function countOwned(tx: Tx, table: 'nodes' | 'allocations', project: string): Promise<number> {
  const rows = await tx.query<{ n: number }>(
    named(`select count(*)::int as n from ${table} where owner = $1`, [project]),
  );
  return rows[0]?.n ?? 0;
}

/** What a project can have a limited number of. Without limits unless the operator sets some. */
export const baremetalQuotas: readonly QuotaResource[] = [
  {
    name: 'baremetal_nodes',
    service: 'baremetal',
    description: 'Nodes a project owns',
    fallback: -1,
    count: (tx, project) => countOwned(tx, 'nodes', project),
  },
  {
    name: 'baremetal_allocations',
    service: 'baremetal',
    description: 'Allocations a project owns',
    fallback: -1,
    count: (tx, project) => countOwned(tx, 'allocations', project),
  },
];
