import type { Tx } from '#store/contract';
import type { Call, Columns, NewColumns } from '../../model/resource.ts';
import { chooseAddress } from '../../model/floating.ts';
import { within } from '../../model/prefix.ts';
import { type FloatingIpRow, leadingTo, lockFloatingIp, routerBetween } from '../../store/floating-ips.ts';
import { insertRows } from '../../store/rows.ts';
import {
  deleteServicePort,
  insertServicePort,
  leadsOut,
  lockPort,
  type PortFacts,
  subnetFactsOf,
  takeAddress,
} from '../../store/service-ports.ts';
import { type Actor, actorOf } from '../actor.ts';
import { seenNetwork } from '../networks/seen.ts';
import { refusals } from '../../refusals.ts';
import { errors } from './errors.ts';

/** Where a floating IP leads. */
export interface FloatingIpChange {
  /** Where it leads; null takes it away. */
  port_id?: string | null;
  /** Which address of the port. */
  fixed_ip_address?: string | null;
}

/** What can be said when it is made. */
export interface FloatingIpBody extends FloatingIpChange {
  floating_network_id: string;
  /** A certain address; any that is free otherwise. */
  floating_ip_address?: string | null;
  /** A subnet of the network to take it from. */
  subnet_id?: string | null;
}

/**
 * Takes an address of an external network for a project, and leads it to a port when one is named.
 * Throws `NetworkNotFound`, `BadRequest`, `IpAddressGenerationFailure`, `IpAddressAlreadyAllocated`, and what
 * associating throws.
 */
export async function createFloatingIp(call: Call, body: FloatingIpBody, columns: NewColumns): Promise<void> {
  const { tx, room } = call;
  const { id, project_id: project } = columns;
  const actor = actorOf(call);
  const network = body.floating_network_id;
  await seenNetwork(call, network);
  if (!(await leadsOut(tx, network))) throw errors.BadRequest(`Network ${network} is not a valid external network`);
  const port = await insertServicePort(tx, room, {
    networkId: network,
    // Nobody's: the tenant sees the floating IP, not the port of the provider's network that holds it.
    project: '',
    owner: 'network:floatingip',
    device: id,
    status: 'N/A',
  });
  const ip = await takeOutside(call, port, body);
  const fresh: FloatingIpRow = {
    id,
    project_id: project,
    floating_network_id: network,
    floating_ip: ip,
    floating_port_id: port,
    fixed_port_id: null,
    fixed_ip: null,
    router_id: null,
    forwardings: 0,
  };
  const leads = await lead(tx, actor, fresh, body);
  await insertRows(tx, 'net_floating_ips', [{ ...columns, floating_ip: ip, floating_port_id: port, ...leads }]);
}

async function takeOutside({ tx, room }: Call, port: string, body: FloatingIpBody): Promise<string> {
  const { floating_network_id: network, subnet_id: subnet, floating_ip_address: ip } = body;
  let choices = (await subnetFactsOf(tx, network)).filter(({ ip_version }) => ip_version === 4);
  if (choices.length === 0) throw errors.BadRequest(`Network ${network} does not contain any IPv4 subnet`);
  if (subnet !== undefined && subnet !== null) choices = choices.filter(({ id }) => id === subnet);
  if (choices.length === 0)
    throw errors.BadRequest(`Subnet ${subnet ?? ''} is not an IPv4 subnet of network ${network}`);
  if (ip !== undefined && ip !== null) {
    const home = choices.find(({ cidr }) => within(ip, cidr));
    if (home === undefined) throw errors.BadRequest(`IP address ${ip} is not in a subnet of network ${network}`);
    const taken = await takeAddress(tx, room, port, { subnetId: home.id, ip }, 0);
    if (taken === null || ip === home.gateway_ip) throw errors.IpAddressAlreadyAllocated(ip, network);
    return taken;
  }
  for (const { id } of choices) {
    const taken = await takeAddress(tx, room, port, { subnetId: id, ip: null }, 0);
    if (taken !== null) return taken;
  }
  throw errors.IpAddressGenerationFailure(network);
}

/**
 * The columns that say where a floating IP leads now. Throws `FloatingIPNotFound`, and what associating throws.
 */
export async function changeFloatingIp(call: Call, id: string, body: FloatingIpChange): Promise<Columns> {
  return lead(call.tx, actorOf(call), await demandFloatingIp(call.tx, id), body);
}

/** Columns of where a floating IP leads; none when nothing is said of it. */
async function lead(tx: Tx, actor: Actor, row: FloatingIpRow, body: FloatingIpChange): Promise<Columns> {
  const { port_id: port, fixed_ip_address: ip } = body;
  // Ports that are forwarded stay what they are.
  if (port === null) return row.forwardings > 0 ? {} : NOWHERE;
  const target = port ?? (ip === undefined || ip === null ? undefined : row.fixed_port_id);
  if (target === null) throw errors.BadRequest('fixed_ip_address cannot be specified without a port_id');
  return target === undefined ? {} : associate(tx, actor, row, target, ip ?? undefined);
}

const NOWHERE = { fixed_port_id: null, fixed_ip: null, router_id: null, status: 'DOWN' };

/** Gives the address back. Throws `FloatingIPNotFound`. */
export async function deleteFloatingIp(tx: Tx, id: string): Promise<void> {
  const row = await demandFloatingIp(tx, id);
  await tx.query({ name: 'floating ip deleted', text: 'delete from net_floating_ips where id = $1', values: [id] });
  await deleteServicePort(tx, row.floating_port_id);
}

async function associate(
  tx: Tx,
  actor: Actor,
  row: FloatingIpRow,
  portId: string,
  asked: string | undefined,
): Promise<Columns> {
  if (row.forwardings > 0) throw errors.FipInUseByPortForwarding(row.id);
  const { address, router } = await reach(tx, actor, row, portId, asked);
  const other = await leadingTo(tx, portId, address.ip);
  if (other !== undefined && other !== row.id) {
    throw errors.FloatingIPPortAlreadyAssociated(row.floating_ip, row.id, portId, address.ip);
  }
  return { fixed_port_id: portId, fixed_ip: address.ip, router_id: router, status: 'ACTIVE' };
}

/** A port, which of its addresses is meant, and the router that leads there from the outside. */
export async function reach(
  tx: Tx,
  actor: Actor,
  row: FloatingIpRow,
  portId: string,
  asked: string | undefined,
): Promise<{ port: PortFacts; address: { ip: string; subnetId: string }; router: string }> {
  const port = await lockPort(tx, portId);
  if (port === undefined) throw refusals.PortNotFound(portId);
  if (!actor.admin && port.project_id !== row.project_id) {
    throw errors.BadRequest(
      `Cannot process floating IP association with Port ${portId}, since that port is owned by a different project`,
    );
  }
  const chosen = chooseAddress(portId, port.ips, asked);
  if ('refused' in chosen) throw errors.BadRequest(chosen.refused);
  const { subnetId } = chosen.address;
  const router = await routerBetween(tx, subnetId, row.floating_network_id);
  if (router === undefined) {
    throw errors.ExternalGatewayForFloatingIPNotFound(subnetId, row.floating_network_id, portId);
  }
  return { port, address: chosen.address, router };
}

/** The floating IP, locked. Throws `FloatingIPNotFound`. */
export async function demandFloatingIp(tx: Tx, id: string): Promise<FloatingIpRow> {
  const row = await lockFloatingIp(tx, id);
  if (row === undefined) throw refusals.FloatingIPNotFound(id);
  return row;
}
