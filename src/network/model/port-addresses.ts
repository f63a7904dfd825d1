import { addressText, contains, isUsable, parseAddress, parsePrefix, type Prefix } from '#kernel/addresses';
import { isAuto } from './subnet-plan.ts';
import { refusals } from '../refusals.ts';

// Which addresses a port is to have. Pure: what is free, the database knows.

export interface SubnetFacts {
  id: string;
  version: 4 | 6;
  cidr: string;
  addressMode: string | null;
  serviceTypes: readonly string[];
  segmentId: string | null;
}

export type FixedIpWish = Readonly<{ subnet_id?: string | undefined; ip_address?: string | undefined }>;

/** One address to get. */
export type AddressRequest =
  /** This one. */
  | { kind: 'named'; subnet: string; ip: string }
  /** A free one of the first of these that has any. */
  | { kind: 'any'; subnets: readonly string[] }
  /** The one that follows from the port's MAC address. */
  | { kind: 'auto'; subnet: string };

interface PortFacts {
  network: string;
  deviceOwner: string;
  subnets: readonly SubnetFacts[];
}

export const isRouterPort = (deviceOwner: string): boolean => deviceOwner.startsWith('network:router');

/**
 * Addresses of a port whose maker named none: one of IPv4, one of IPv6, and those it makes itself. Subnets for its kind
 * of port come before those for all.
 */
export function usualAddresses({ deviceOwner, subnets }: PortFacts): AddressRequest[] {
  const fitting = subnets.filter(({ serviceTypes }) =>
    serviceTypes.some((type) => deviceOwner !== '' && deviceOwner.startsWith(type)),
  );
  const open = fitting.length > 0 ? fitting : subnets.filter(({ serviceTypes }) => serviceTypes.length === 0);
  const found: AddressRequest[] = [];
  for (const version of [4, 6] as const) {
    const given = open.filter((subnet) => subnet.version === version && !isAuto(subnet.addressMode));
    if (given.length > 0) found.push({ kind: 'any', subnets: given.map(({ id }) => id) });
  }
  return [...found, ...ownAddresses(deviceOwner, open)];
}

/** Addresses a port makes itself, whatever else it has. Routers do not. */
function ownAddresses(deviceOwner: string, subnets: readonly SubnetFacts[]): AddressRequest[] {
  if (isRouterPort(deviceOwner)) return [];
  return subnets.filter(({ addressMode }) => isAuto(addressMode)).map(({ id }) => ({ kind: 'auto', subnet: id }));
}

/** Addresses as named, with those the port makes itself. Throws what Neutron does for those that cannot be. */
export function namedAddresses(facts: PortFacts, wishes: readonly FixedIpWish[]): AddressRequest[] {
  const { subnets, network, deviceOwner } = facts;
  const seen = new Set<string>();
  const found = wishes.map((wish): AddressRequest => {
    const { subnet_id: id, ip_address: ip } = wish;
    const named = id === undefined ? undefined : subnets.find((subnet) => subnet.id === id.toLowerCase());
    if (id !== undefined && named === undefined)
      throw refusals.InvalidInput(
        `Failed to create port on network ${network}, because fixed_ips included invalid subnet ${id}`,
      );
    if (ip === undefined) {
      if (named === undefined) throw refusals.InvalidInput('IP allocation requires subnet_id or ip_address');
      if (isAuto(named.addressMode) && !isRouterPort(deviceOwner)) return { kind: 'auto', subnet: named.id };
      return { kind: 'any', subnets: [named.id] };
    }
    const address = parseAddress(ip);
    if (address === undefined) throw refusals.InvalidInput(`'${ip}' is not a valid IP address`);
    const inside = (subnet: SubnetFacts) => contains(parsePrefix(subnet.cidr) as Prefix, address);
    const subnet = named ?? subnets.find(inside);
    if (subnet === undefined) throw refusals.InvalidIpForNetwork(ip);
    if (!isUsable(parsePrefix(subnet.cidr) as Prefix, address)) throw refusals.InvalidIpForSubnet(ip);
    if (isAuto(subnet.addressMode) && !isRouterPort(deviceOwner))
      throw refusals.AllocationOnAutoAddressSubnet(ip, subnet.id);
    const text = addressText(address);
    if (seen.has(text)) throw refusals.InvalidInput(`Duplicate IP address '${text}'`);
    seen.add(text);
    return { kind: 'named', subnet: subnet.id, ip: text };
  });
  const autos = new Set(found.flatMap((one) => (one.kind === 'auto' ? [one.subnet] : [])));
  return [
    ...found.filter(
      (one, at) =>
        one.kind !== 'auto' || found.findIndex((other) => other.kind === 'auto' && other.subnet === one.subnet) === at,
    ),
    ...ownAddresses(deviceOwner, subnets).filter((one) => one.kind === 'auto' && !autos.has(one.subnet)),
  ];
}
