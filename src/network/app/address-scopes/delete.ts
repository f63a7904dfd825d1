import type { Call, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { unshare } from '../../store/rbac.ts';
import { deleteRow } from '../../store/rows.ts';

/** Deletes an address scope. Throws `AddressScopeInUse` while subnet pools are in it. */
export async function deleteAddressScope({ tx }: Call, { id }: Held): Promise<void> {
  const text = 'select id from net_subnet_pools where address_scope_id = $1 limit 1';
  const [pool] = await tx.query<{ id: string }>({ name: 'network scope in use', text, values: [id] });
  if (pool !== undefined) throw refusals.AddressScopeInUse(id, `subnet pool ${pool.id}`);
  await unshare(tx, 'address_scope', id, null, true);
  await deleteRow(tx, { table: 'net_address_scopes' }, id);
}
