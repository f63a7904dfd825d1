import type { Call, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { deleteRow, touchRows } from '../../store/rows.ts';
import { findUser, readSubnet } from '../../store/subnets.ts';

/** Deletes a subnet. Throws `SubnetInUse` while ports have addresses of it. */
export async function deleteSubnet({ tx }: Call, { id }: Held): Promise<void> {
  const subnet = await readSubnet(tx, id);
  if ((await findUser(tx, id)) !== undefined)
    throw refusals.SubnetInUse(id, 'One or more ports have an IP allocation from this subnet');
  await tx.query({
    name: 'network subnet addresses',
    text: 'delete from net_fixed_ips where subnet_id = $1',
    values: [id],
  });
  await deleteRow(tx, { table: 'net_subnets' }, id);
  if (subnet !== undefined) await touchRows(tx, 'net_networks', [subnet.network_id]);
}
