import type { Tx } from '#store/contract';
import type { Call } from '../../model/resource.ts';
import { overlapping, routeThrough } from '../../model/routing.ts';
import { within } from '../../model/prefix.ts';
import { addLeg, floatingBy, type Leg, legsOf, type RouterRow } from '../../store/routers.ts';
import {
  deleteServicePort,
  insertServicePort,
  leadsOut,
  type SubnetFacts,
  subnetFactsOf,
  takeAddress,
} from '../../store/service-ports.ts';
import { seenNetwork } from '../networks/seen.ts';
import { errors } from './errors.ts';

/** Where a router leads out: Neutron's `external_gateway_info`. */
export interface GatewayInfo {
  network_id?: string;
  /** Default true, also when a gateway is set again. */
  enable_snat?: boolean;
  external_fixed_ips?: readonly { subnet_id?: string; ip_address?: string }[];
}

/** Where a router leads out, as its row says it. */
export interface GatewayColumns {
  gateway_network_id: string | null;
  enable_snat: boolean;
}

/**
 * Sets, moves or takes away a router's way out; gives the columns of the router that say so. `info` null or empty takes
 * it away. The router is locked by the caller.
 * Throws `RouterExternalGatewayInUseByFloatingIp`, `NetworkNotFound`, `BadRequest`, `IpAddressGenerationFailure`,
 * `IpAddressAlreadyAllocated`.
 */
export async function setGateway(call: Call, router: RouterRow, info: GatewayInfo | null): Promise<GatewayColumns> {
  const { tx } = call;
  const legs = await legsOf(tx, router.id);
  const now = legs.find(({ kind }) => kind === 'gateway');
  const inside = legs.filter(({ kind }) => kind === 'interface');
  const network = info?.network_id;
  if (info === null || network === undefined) {
    if (info !== null && Object.keys(info).length > 0)
      throw errors.BadRequest('external_gateway_info needs network_id');
    if (now !== undefined) await dropGateway(tx, router, now, inside);
    return { gateway_network_id: null, enable_snat: true };
  }
  await seenNetwork(call, network);
  if (!(await leadsOut(tx, network))) throw errors.BadRequest(`Network ${network} is not an external network`);
  const wanted = info.external_fixed_ips;
  if (now === undefined || now.networkId !== network || (wanted !== undefined && !keeps(now, wanted))) {
    if (now !== undefined) await dropGateway(tx, router, now, inside, now.networkId === network);
    await makeGateway(call, router, network, wanted ?? [], inside);
  }
  return { gateway_network_id: network, enable_snat: info.enable_snat ?? true };
}

/** True when the addresses asked for are those that are there. */
function keeps(now: Leg, wanted: NonNullable<GatewayInfo['external_fixed_ips']>): boolean {
  const fits = (one: (typeof wanted)[number]) =>
    now.addresses.some(
      ({ subnetId, ip }) =>
        (one.subnet_id === undefined || one.subnet_id === subnetId) &&
        (one.ip_address === undefined || one.ip_address === ip),
    );
  return wanted.length === now.addresses.length && wanted.every(fits);
}

/** `again`: a gateway to the same network follows, so that floating addresses do not mind. */
async function dropGateway(tx: Tx, router: RouterRow, now: Leg, inside: readonly Leg[], again = false): Promise<void> {
  if (!again) {
    const floating = await floatingBy(tx, router.id);
    if (floating.length > 0) throw errors.RouterExternalGatewayInUseByFloatingIp(router.id, now.networkId);
    const staying = inside.flatMap(({ addresses }) => addresses);
    for (const { cidr, subnetId } of now.addresses) {
      if (routeThrough(router.routes, cidr, staying) !== undefined)
        throw errors.RouterInterfaceInUseByRoute(router.id, subnetId);
    }
  }
  await deleteServicePort(tx, now.portId);
}

async function makeGateway(
  { tx, room }: Call,
  router: RouterRow,
  network: string,
  wanted: NonNullable<GatewayInfo['external_fixed_ips']>,
  inside: readonly Leg[],
): Promise<void> {
  const subnets = await subnetFactsOf(tx, network);
  const connected = inside.flatMap(({ addresses }) => addresses);
  const port = await insertServicePort(tx, room, {
    networkId: network,
    // Nobody's: the tenant sees its router, not the port of the provider's network.
    project: '',
    owner: 'network:router_gateway',
    device: router.id,
    status: 'ACTIVE',
  });
  const wishes = wanted.length > 0 ? wanted.map((one) => readWish(subnets, network, one)) : anyOf(subnets, network);
  let position = 0;
  for (const { choices, ip } of wishes) {
    let got: { subnet: SubnetFacts; ip: string } | undefined;
    for (const subnet of choices) {
      const other = overlapping(subnet.cidr, connected);
      if (other !== undefined) {
        throw errors.BadRequest(
          `Cidr ${subnet.cidr} of subnet ${subnet.id} overlaps with cidr ${other.cidr} of subnet ${other.subnetId}`,
        );
      }
      const taken = await takeAddress(tx, room, port, { subnetId: subnet.id, ip }, position);
      if (taken === null) continue;
      got = { subnet, ip: taken };
      break;
    }
    if (got === undefined) {
      throw ip === null
        ? errors.IpAddressGenerationFailure(network)
        : errors.IpAddressAlreadyAllocated(ip, choices[0]?.id ?? '');
    }
    position++;
  }
  await addLeg(tx, router.id, port, 'gateway');
}

interface Wish {
  /** Tried in this order. */
  choices: SubnetFacts[];
  ip: string | null;
}

function readWish(
  subnets: readonly SubnetFacts[],
  network: string,
  one: { subnet_id?: string; ip_address?: string },
): Wish {
  const { subnet_id: id, ip_address: ip } = one;
  const named = id === undefined ? [...subnets] : subnets.filter((subnet) => subnet.id === id);
  if (id !== undefined && named.length === 0) {
    throw errors.BadRequest(`Subnet ${id} is not a subnet of network ${network}`);
  }
  const choices = ip === undefined ? named : named.filter((subnet) => within(ip, subnet.cidr));
  if (choices.length === 0) throw errors.BadRequest(`IP address ${ip ?? ''} is not in a subnet of network ${network}`);
  return { choices, ip: ip ?? null };
}

/** One address of each version the network has. */
function anyOf(subnets: readonly SubnetFacts[], network: string): Wish[] {
  if (subnets.length === 0) throw errors.BadRequest(`Network ${network} has no subnet to take an address from`);
  return ([4, 6] as const)
    .map((version) => ({ choices: subnets.filter(({ ip_version }) => ip_version === version), ip: null }))
    .filter(({ choices }) => choices.length > 0);
}
