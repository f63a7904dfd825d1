import type { Reader } from '#store/contract';
import type { Call, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { findDependent, type PolicyRow, readPolicy } from '../../store/rbac-objects.ts';
import { deleteRow } from '../../store/rows.ts';

/** Stops sharing. Throws `RbacPolicyInUse` while somebody relies on it. */
export async function deleteRbacPolicy({ tx }: Call, { id }: Held): Promise<void> {
  const policy = await readPolicy(tx, id);
  if (policy !== undefined) await demandUnused(tx, policy);
  await deleteRow(tx, { table: 'net_rbac_policies' }, id);
}

export async function demandUnused(reader: Reader, policy: PolicyRow): Promise<void> {
  const user = await findDependent(reader, policy);
  if (user !== undefined) throw refusals.RbacPolicyInUse(policy.object_id, `project ${user} uses it`);
}
