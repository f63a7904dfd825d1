import { errors } from '../../errors.ts';
import type { Access } from '../../model/access.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { releaseAllocation } from '../../store/allocations.ts';
import { selectRecord } from '../../store/records.ts';
import { findNode } from '../find-node.ts';
import { findRecord } from '../records/find.ts';
import { allocationKind } from './kind.ts';

async function release(deps: BaremetalDeps, uuid: string, ident: string): Promise<void> {
  const end = await deps.store.tx(async (tx) => {
    const found = await releaseAllocation(tx, uuid);
    if (found === 'free') tx.changed('allocations', uuid);
    return found;
  });
  if (end === 'gone') throw errors.AllocationNotFound(ident);
  if (end === 'busy') throw errors.EditRace(`Allocation ${ident}`, { retryAfter: 1 });
  if (end !== 'free') {
    throw errors.InvalidState(
      `Cannot remove allocation ${uuid} for node ${end.node}: the node is in state "${end.state}"; undeploy it first, ` +
        'wait for its operation to end, or set it into maintenance.',
    );
  }
}

/** Deletes an allocation and frees its node. Throws 403, 404, 409 (the node is in use). */
export async function deleteAllocation(deps: BaremetalDeps, access: Access, ident: string): Promise<void> {
  const { row } = await findRecord(deps, access, allocationKind, ident, 't.uuid', 1, allocationKind.rules.delete);
  await release(deps, row[0] as string, ident);
}

/** Deletes the allocation of a node. */
export async function deleteNodeAllocation(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
): Promise<void> {
  const uuid = await nodeAllocation(deps, access, ident, version, allocationKind.rules.delete);
  await release(deps, uuid, uuid);
}

/** UUID of a node's allocation, when the caller may do `rule` to it. Throws 404 when it has none. */
export async function nodeAllocation(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  rule: string,
): Promise<string> {
  const node = await findNode(deps, access, ident, version, [], ['allocation_uuid']);
  const missing = () => errors.NoAllocationForNode(node.uuid);
  if (node.allocation_uuid === null) throw missing();
  const place = { column: 'uuid', value: node.allocation_uuid };
  const row = await selectRecord(deps.store, allocationKind, place, 't.uuid');
  if (row === undefined || !access.allows(allocationKind.rules.get, { owner: row[1] ?? null })) throw missing();
  if (!access.allows(rule, { owner: row[1] ?? null })) throw errors.Forbidden(rule);
  return node.allocation_uuid;
}
