import type { Call, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { unshare } from '../../store/rbac.ts';
import { deleteRow } from '../../store/rows.ts';

/** Deletes an address group. Throws `AddressGroupInUse` while rules name it. */
export async function deleteAddressGroup({ tx }: Call, { id }: Held): Promise<void> {
  const text = 'select id from net_security_group_rules where remote_address_group_id = $1 limit 1';
  const [rule] = await tx.query<{ id: string }>({ name: 'network addresses in use', text, values: [id] });
  if (rule !== undefined) throw refusals.AddressGroupInUse(id, `security group rule ${rule.id} names it`);
  await unshare(tx, 'address_group', id, null, true);
  await deleteRow(tx, { table: 'net_address_groups' }, id);
}
