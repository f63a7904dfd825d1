import type { Tx } from '#store/contract';
import type { Call } from '../../model/resource.ts';
import { type Connected, overlapping, routeThrough } from '../../model/routing.ts';
import { addLeg, floatingBy, type Leg, legsOf, lockRouter, type RouterRow } from '../../store/routers.ts';
import {
  assignPort,
  deleteServicePort,
  findSubnetFacts,
  insertServicePort,
  lockPort,
  type SubnetFacts,
  takeAddress,
} from '../../store/service-ports.ts';
import { type Actor, actorOf } from '../actor.ts';
import { demandSubnet } from './seen-subnet.ts';
import { refusals } from '../../refusals.ts';
import { errors } from './errors.ts';

export const INTERFACE = 'network:router_interface';

/** What `add_router_interface` and `remove_router_interface` are asked. */
export interface InterfaceBody {
  subnet_id?: string;
  port_id?: string;
}

/** What they answer. */
export interface InterfaceInfo {
  id: string;
  tenant_id: string;
  project_id: string;
  port_id: string;
  network_id: string;
  subnet_id: string;
  subnet_ids: string[];
}

/**
 * Puts a leg of a router into a subnet (at the subnet's gateway address, with a port of the router's own), or makes a
 * port that exists its leg. Throws `RouterNotFound`, `SubnetNotFound`, `PortNotFound`, `PortInUse`, `BadRequest`,
 * `IpAddressAlreadyAllocated`.
 */
export async function addInterface(call: Call, id: string, body: InterfaceBody): Promise<InterfaceInfo> {
  const { tx } = call;
  const router = await demandRouter(tx, id);
  const { subnet_id: subnet, port_id: port } = body;
  if ((subnet === undefined) === (port === undefined)) {
    throw errors.BadRequest(
      subnet === undefined
        ? 'Either subnet_id or port_id must be specified'
        : 'Cannot specify both subnet-id and port-id',
    );
  }
  const legs = await legsOf(tx, id);
  return port !== undefined
    ? addByPort(tx, actorOf(call), router, legs, port)
    : addBySubnet(call, router, legs, subnet ?? '');
}

async function addBySubnet(call: Call, router: RouterRow, legs: readonly Leg[], id: string): Promise<InterfaceInfo> {
  const { tx, room } = call;
  const { project, admin } = actorOf(call);
  const subnet = await demandSubnet(call, id);
  if (subnet.gateway_ip === null) throw errors.BadRequest('Subnet for router interface must have a gateway IP');
  // Whoever holds the gateway's address speaks for all who share the network.
  if (!admin && subnet.network_project !== project && subnet.project_id !== project) {
    throw errors.BadRequest(`Subnet ${id} is another project's: give a port of yours in it`);
  }
  refuseSubnet(router, legs, subnet);
  const beside = subnet.ip_version === 6 ? legs.find((leg) => isV6LegIn(leg, subnet.network_id)) : undefined;
  const port =
    beside?.portId ??
    (await insertServicePort(tx, room, {
      networkId: subnet.network_id,
      project: router.project_id,
      owner: INTERFACE,
      device: router.id,
      status: 'ACTIVE',
    }));
  const wish = { subnetId: subnet.id, ip: subnet.gateway_ip };
  if ((await takeAddress(tx, room, port, wish, beside?.addresses.length ?? 0)) === null) {
    throw errors.IpAddressAlreadyAllocated(subnet.gateway_ip, subnet.id);
  }
  if (beside === undefined) await addLeg(tx, router.id, port, 'interface');
  return answer(router, port, subnet.network_id, [subnet.id]);
}

/** More prefixes of IPv6 on one network share the router's port there. */
const isV6LegIn = (leg: Leg, network: string): boolean =>
  leg.kind === 'interface' && leg.networkId === network && leg.addresses.every(({ ip }) => ip.includes(':'));

async function addByPort(
  tx: Tx,
  actor: Actor,
  router: RouterRow,
  legs: readonly Leg[],
  id: string,
): Promise<InterfaceInfo> {
  const port = await lockPort(tx, id);
  if (port === undefined || !(actor.admin || port.project_id === actor.project)) throw refusals.PortNotFound(id);
  if (port.device_id !== '' || port.device_owner !== '') {
    throw errors.PortInUse(id, port.network_id, port.device_id === '' ? port.device_owner : port.device_id);
  }
  if (port.ips.length === 0) throw errors.BadRequest('Router port must have at least one fixed IP');
  if (port.ips.filter(({ version }) => version === 4).length > 1) {
    throw errors.BadRequest('Cannot have multiple IPv4 subnets on router port');
  }
  if (port.ips.some(({ version }) => version === 6) && legs.some((leg) => isV6LegIn(leg, port.network_id))) {
    throw errors.BadRequest('Router already has a port with IPv6 addresses on this network');
  }
  const known: Leg[] = [...legs];
  for (const { subnetId } of port.ips) {
    const subnet = await findSubnetFacts(tx, subnetId);
    if (subnet !== undefined) refuseSubnet(router, known, subnet);
  }
  await assignPort(tx, id, router.id, INTERFACE);
  await addLeg(tx, router.id, id, 'interface');
  return answer(
    router,
    id,
    port.network_id,
    port.ips.map(({ subnetId }) => subnetId),
  );
}

function refuseSubnet(router: RouterRow, legs: readonly Leg[], subnet: SubnetFacts): void {
  if (subnet.ipv6_address_mode !== null && subnet.ipv6_ra_mode === null) {
    throw errors.BadRequest(
      `IPv6 subnet ${subnet.id} configured to receive RAs from an external router cannot be added to Neutron Router.`,
    );
  }
  const connected = legs.flatMap(({ addresses }) => addresses);
  if (connected.some(({ subnetId }) => subnetId === subnet.id)) {
    throw errors.BadRequest(`Router already has a port on subnet ${subnet.id}`);
  }
  const other = overlapping(subnet.cidr, connected);
  if (other !== undefined) {
    throw errors.BadRequest(
      `Cidr ${subnet.cidr} of subnet ${subnet.id} overlaps with cidr ${other.cidr} of subnet ${other.subnetId} of router ${router.id}`,
    );
  }
}

/**
 * Takes a leg of a router away, and its port with it. Throws `RouterNotFound`, `RouterInterfaceNotFound`,
 * `RouterInterfaceNotFoundForSubnet`, `SubnetMismatchForPort`, `RouterInterfaceInUseByFloatingIP`,
 * `RouterInterfaceInUseByRoute`, `BadRequest`.
 */
export async function removeInterface(tx: Tx, id: string, body: InterfaceBody): Promise<InterfaceInfo> {
  const router = await demandRouter(tx, id);
  const { subnet_id: subnet, port_id: port } = body;
  if (subnet === undefined && port === undefined) {
    throw errors.BadRequest('Either subnet_id or port_id must be specified');
  }
  const legs = await legsOf(tx, id);
  const inside = legs.filter(({ kind }) => kind === 'interface');
  const leg = inside.find(
    ({ portId, addresses }) =>
      (port === undefined || portId === port) && (port !== undefined || holds(addresses, subnet)),
  );
  if (leg === undefined) {
    throw port !== undefined
      ? errors.RouterInterfaceNotFound(id, port)
      : errors.RouterInterfaceNotFoundForSubnet(id, subnet ?? '');
  }
  if (subnet !== undefined && !holds(leg.addresses, subnet)) throw errors.SubnetMismatchForPort(leg.portId, subnet);
  // A port may hold more prefixes of IPv6: by subnet, only that one goes.
  const going = port === undefined ? leg.addresses.filter(({ subnetId }) => subnetId === subnet) : leg.addresses;
  await refuseRemoval(tx, router, legs, going);
  if (going.length === leg.addresses.length) await deleteServicePort(tx, leg.portId);
  else {
    const text = 'delete from net_fixed_ips where port_id = $1 and subnet_id = $2';
    await tx.query({ name: 'leg address removed', text, values: [leg.portId, subnet] });
  }
  const ids = going.map(({ subnetId }) => subnetId);
  return answer(router, leg.portId, leg.networkId, ids);
}

const holds = (addresses: readonly Connected[], subnet: string | undefined): boolean =>
  addresses.some(({ subnetId }) => subnetId === subnet);

async function refuseRemoval(
  tx: Tx,
  router: RouterRow,
  legs: readonly Leg[],
  going: readonly Connected[],
): Promise<void> {
  const ids = going.map(({ subnetId }) => subnetId);
  if ((await floatingBy(tx, router.id, ids)).length > 0) {
    throw errors.RouterInterfaceInUseByFloatingIP(router.id, ids[0] ?? '');
  }
  const staying = legs.flatMap(({ addresses }) => addresses).filter((one) => !going.includes(one));
  for (const { cidr, subnetId } of going) {
    if (routeThrough(router.routes, cidr, staying) !== undefined) {
      throw errors.RouterInterfaceInUseByRoute(router.id, subnetId);
    }
  }
}

/** The router, locked. Throws `RouterNotFound`. */
export async function demandRouter(tx: Tx, id: string): Promise<RouterRow> {
  const router = await lockRouter(tx, id);
  if (router === undefined) throw refusals.RouterNotFound(id);
  return router;
}

const answer = (router: RouterRow, port: string, network: string, subnets: string[]): InterfaceInfo => ({
  id: router.id,
  tenant_id: router.project_id,
  project_id: router.project_id,
  port_id: port,
  network_id: network,
  subnet_id: subnets[0] ?? '',
  subnet_ids: subnets,
});
