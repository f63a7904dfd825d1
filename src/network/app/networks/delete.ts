import type { Call, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { unshare } from '../../store/rbac.ts';
import { deleteRow } from '../../store/rows.ts';

/** Ports of ours that go with their network; all others keep it. */
const OURS = ['network:dhcp', 'network:distributed'];

/** Deletes a network with its subnets. Throws `NetworkInUse` while ports are on it. */
export async function deleteNetwork({ tx }: Call, { id }: Held): Promise<void> {
  const [port] = await tx.query<{ id: string }>({
    name: 'network in use',
    text: 'select id from net_ports where network_id = $1 and device_owner <> all ($2) limit 1',
    values: [id, OURS],
  });
  if (port !== undefined) throw refusals.NetworkInUse(id, port.id);
  await tx.query({ name: 'network own ports', text: 'delete from net_ports where network_id = $1', values: [id] });
  await unshare(tx, 'network', id, null, true);
  await deleteRow(tx, { table: 'net_networks' }, id);
}
