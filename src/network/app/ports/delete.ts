import type { Call, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { findTrunk, readPort } from '../../store/ports.ts';
import { deleteRow } from '../../store/rows.ts';
import { releaseBinding } from './bind.ts';

/** Ports that go with what they are of, and not by themselves. */
const SERVED = new Set(['network:router_interface', 'network:router_gateway', 'network:floatingip']);

/** Deletes a port with its addresses. Throws `ServicePortInUse` and `PortInUse`. */
export async function deletePort(call: Call, { id }: Held): Promise<void> {
  const { tx } = call;
  const port = await readPort(tx, id);
  if (port === undefined) return;
  if (SERVED.has(port.device_owner) && port.device_id !== '')
    throw refusals.ServicePortInUse(id, `has device owner ${port.device_owner}`);
  const trunk = await findTrunk(tx, id);
  if (trunk !== undefined) throw refusals.PortInUse(id, `it is of trunk ${trunk}`);
  await tx.query({
    name: 'network floating off',
    text: `update net_floating_ips set fixed_port_id = null, fixed_ip = null, router_id = null, status = 'DOWN',
      revision = revision + 1, updated_at = clock_timestamp() where fixed_port_id = $1`,
    values: [id],
  });
  await releaseBinding(call, port);
  await deleteRow(tx, { table: 'net_ports' }, id);
}
