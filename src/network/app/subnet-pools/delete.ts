import type { Call, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { unshare } from '../../store/rbac.ts';
import { deleteRow } from '../../store/rows.ts';

/** Deletes a subnet pool. Throws `SubnetPoolDeleteError` while subnets are of it. */
export async function deleteSubnetPool({ tx }: Call, { id }: Held): Promise<void> {
  const text = 'select from net_subnets where subnetpool_id = $1 limit 1';
  if ((await tx.query({ name: 'network pool in use', text, values: [id] })).length > 0)
    throw refusals.SubnetPoolDeleteError(id, 'Subnet pool has existing allocations');
  await unshare(tx, 'subnetpool', id, null, true);
  await deleteRow(tx, { table: 'net_subnet_pools' }, id);
}
