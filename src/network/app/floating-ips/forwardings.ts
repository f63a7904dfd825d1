import type { Tx } from '#store/contract';
import type { Call, Columns, NewColumns } from '../../model/resource.ts';
import {
  carryForwardings,
  deleteForwardingRow,
  type FloatingIpRow,
  forwardingsOf,
  type PortForwardingRow,
} from '../../store/floating-ips.ts';
import { insertRows } from '../../store/rows.ts';
import { type Actor, actorOf } from '../actor.ts';
import { demandFloatingIp, reach } from './edit.ts';
import { refusals } from '../../refusals.ts';
import { errors } from './errors.ts';

/** What can be said of a forwarded port. */
export interface ForwardingBody {
  internal_port_id?: string;
  internal_ip_address?: string;
  internal_port?: number;
  external_port?: number;
  protocol?: 'tcp' | 'udp' | 'sctp';
  description?: string;
}

/**
 * Forwards one port of a floating IP that leads nowhere itself. Throws `FloatingIPNotFound`,
 * `PortHasFloatingIP`, `PortForwardingBadRequest`, and what reaching the port throws.
 */
export async function createForwarding(
  call: Call,
  fip: string,
  body: ForwardingBody,
  columns: NewColumns,
): Promise<void> {
  const { tx } = call;
  const owner = await demandFloatingIp(tx, fip);
  if (owner.fixed_port_id !== null) throw errors.PortHasFloatingIP(fip);
  const { internal_port_id: port, internal_port: inner, external_port: outer, protocol } = body;
  if (port === undefined || inner === undefined || outer === undefined || protocol === undefined) {
    throw errors.PortForwardingBadRequest('internal_port_id, internal_port, external_port and protocol are needed');
  }
  const row: PortForwardingRow = {
    id: columns.id,
    floatingip_id: fip,
    internal_port_id: port,
    internal_ip: body.internal_ip_address ?? '',
    internal_port: inner,
    external_port: outer,
    protocol,
  };
  const router = await settle(tx, actorOf(call), owner, row);
  await insertRows(tx, 'net_port_forwardings', [
    { ...row, project_id: owner.project_id, description: body.description ?? '' },
  ]);
  await carryForwardings(tx, fip, router);
}

/** The columns of a forwarded port that is to change. Throws as `createForwarding`, and `PortForwardingNotFound`. */
export async function changeForwarding(call: Call, fip: string, id: string, body: ForwardingBody): Promise<Columns> {
  const { tx } = call;
  const owner = await demandFloatingIp(tx, fip);
  const now = (await forwardingsOf(tx, fip)).find((one) => one.id === id);
  if (now === undefined) throw refusals.PortForwardingNotFound(id);
  const moved = body.internal_port_id !== undefined && body.internal_port_id !== now.internal_port_id;
  const row: PortForwardingRow = {
    ...now,
    internal_port_id: body.internal_port_id ?? now.internal_port_id,
    // Another port has other addresses.
    internal_ip: body.internal_ip_address ?? (moved ? '' : now.internal_ip),
    internal_port: body.internal_port ?? now.internal_port,
    external_port: body.external_port ?? now.external_port,
    protocol: body.protocol ?? now.protocol,
  };
  const router = await settle(tx, actorOf(call), owner, row);
  await carryForwardings(tx, fip, router);
  const { id: _, floatingip_id: __, ...columns } = row;
  return { ...columns, ...(body.description !== undefined && { description: body.description }) };
}

/** Forwards a port no more. Throws `FloatingIPNotFound`, `PortForwardingNotFound`. */
export async function deleteForwarding(tx: Tx, fip: string, id: string): Promise<void> {
  const owner = await demandFloatingIp(tx, fip);
  const all = await forwardingsOf(tx, fip);
  if (!all.some((one) => one.id === id)) throw refusals.PortForwardingNotFound(id);
  await deleteForwardingRow(tx, id);
  await carryForwardings(tx, fip, all.length === 1 ? null : owner.router_id);
}

/** Completes the row with the address meant, and refuses what collides; gives the router that carries it. */
async function settle(tx: Tx, actor: Actor, owner: FloatingIpRow, row: PortForwardingRow): Promise<string> {
  const asked = row.internal_ip === '' ? undefined : row.internal_ip;
  const { address, router } = await reach(tx, actor, owner, row.internal_port_id, asked);
  row.internal_ip = address.ip;
  if (owner.router_id !== null && owner.router_id !== router) {
    throw errors.PortForwardingBadRequest(
      `port ${row.internal_port_id} is behind router ${router}, but floating IP ${owner.id} is carried by router ${owner.router_id}`,
    );
  }
  for (const other of await forwardingsOf(tx, owner.id)) {
    if (other.id === row.id || other.protocol !== row.protocol) continue;
    if (other.external_port === row.external_port) {
      throw errors.PortForwardingBadRequest(
        `a duplicate port forwarding entry with same attributes already exists, conflicting values are {'floatingip_id': '${owner.id}', 'external_port': ${row.external_port}, 'protocol': '${row.protocol}'}`,
      );
    }
    if (other.internal_ip === row.internal_ip && other.internal_port === row.internal_port) {
      throw errors.PortForwardingBadRequest(
        `a duplicate port forwarding entry with same attributes already exists, conflicting values are {'internal_ip_address': '${row.internal_ip}', 'internal_port': ${row.internal_port}, 'protocol': '${row.protocol}'}`,
      );
    }
  }
  return router;
}
