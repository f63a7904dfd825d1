import { refusals } from '../refusals.ts';
import {
  addressText,
  contains,
  isSpecial,
  isUsable,
  lastOf,
  overlap,
  parseAddress,
  parsePrefix,
  type Prefix,
  prefixText,
} from '#kernel/addresses';

// What a subnet is to be, checked: addresses of its gateway, its pools, its routes.

export interface Pool {
  start: string;
  end: string;
}

type Sent = Readonly<Record<string, unknown>>;

/** The prefix of a subnet. Throws `InvalidInput`. */
export function readCidr(text: string, version: unknown): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw refusals.InvalidInput(`'${text}' is not a valid IP subnet`);
  if (parseAddress(text.slice(0, text.indexOf('/')))?.value !== prefix.first)
    throw refusals.InvalidInput(`'${text}' isn't a recognized IP subnet cidr, '${prefixText(prefix)}' is recommended`);
  if (version !== undefined && version !== prefix.version)
    throw refusals.InvalidInput(`cidr '${text}' does not match the ip_version '${String(version)}'`);
  if (prefix.length === 0) throw refusals.InvalidInput('0 is not allowed as CIDR prefix length');
  if (isSpecial(prefix)) throw refusals.InvalidInput(`cidr '${text}' is multicast, loopback or link-local`);
  return prefix;
}

/** The gateway of a subnet: as named, or its first address; null for none. Throws `InvalidInput`. */
export function gatewayOf(prefix: Prefix, sent: unknown): string | null {
  if (sent === null) return null;
  if (sent === undefined) {
    const value = prefix.first + 1n;
    return value > lastOf(prefix) ? null : addressText({ version: prefix.version, value });
  }
  const address = parseAddress(String(sent));
  if (address === undefined || address.version !== prefix.version)
    throw refusals.InvalidInput(`'${String(sent)}' is no IPv${prefix.version} address, for gateway_ip`);
  if (contains(prefix, address) && !isUsable(prefix, address))
    throw refusals.InvalidInput('Gateway is not valid on subnet');
  return addressText(address);
}

/** The pools addresses are given from: as named, or all of the prefix but the gateway. Throws what Neutron does. */
export function poolsOf(prefix: Prefix, gateway: string | null, sent: readonly Pool[] | undefined): Pool[] {
  const version = prefix.version;
  const at = gateway === null ? undefined : parseAddress(gateway)?.value;
  const text = (value: bigint) => addressText({ version, value });
  if (sent === undefined || sent === null) {
    const whole = prefix.length >= (version === 4 ? 31 : 127);
    const first = whole ? prefix.first : prefix.first + 1n;
    const last = whole || version === 6 ? lastOf(prefix) : lastOf(prefix) - 1n;
    if (at === undefined || at < first || at > last)
      return first > last ? [] : [{ start: text(first), end: text(last) }];
    return [
      ...(at > first ? [{ start: text(first), end: text(at - 1n) }] : []),
      ...(at < last ? [{ start: text(at + 1n), end: text(last) }] : []),
    ];
  }
  const pools = sent.map(({ start, end }) => {
    const [from, to] = [parseAddress(start), parseAddress(end)];
    if (
      from === undefined ||
      to === undefined ||
      from.version !== version ||
      to.version !== version ||
      from.value > to.value
    )
      throw refusals.InvalidAllocationPool(`${start}-${end}`);
    if (!contains(prefix, from) || !contains(prefix, to) || !isUsable(prefix, from) || !isUsable(prefix, to))
      throw refusals.OutOfBoundsAllocationPool(`${start}-${end}`, prefixText(prefix));
    if (at !== undefined && at >= from.value && at <= to.value)
      throw refusals.GatewayConflictWithAllocationPools(gateway ?? '', `${start}-${end}`);
    return { first: from.value, last: to.value };
  });
  pools.sort((a, b) => (a.first < b.first ? -1 : 1));
  for (const [index, pool] of pools.entries()) {
    const before = pools[index - 1];
    if (before !== undefined && pool.first <= before.last)
      throw refusals.OverlappingAllocationPools(
        `${text(before.first)}-${text(before.last)}`,
        `${text(pool.first)}-${text(pool.last)}`,
        prefixText(prefix),
      );
  }
  return pools.map(({ first, last }) => ({ start: text(first), end: text(last) }));
}

/** Name servers, each once. Throws `InvalidInput`. */
export function checkNameservers(sent: unknown): void {
  if (!Array.isArray(sent)) return;
  const known = new Set<string>();
  for (const one of sent as string[]) {
    const address = parseAddress(one);
    if (address === undefined) throw refusals.InvalidInput(`'${one}' is not a valid nameserver`);
    const text = addressText(address);
    if (known.has(text)) throw refusals.InvalidInput(`Duplicate nameserver '${one}'`);
    known.add(text);
  }
}

/** Routes given to machines. Throws `InvalidInput`. */
export function checkRoutes(version: 4 | 6, sent: unknown): void {
  if (!Array.isArray(sent)) return;
  for (const { destination, nexthop } of sent as { destination: string; nexthop: string }[]) {
    const [to, by] = [parsePrefix(destination), parseAddress(nexthop)];
    if (to === undefined || by === undefined || to.version !== version || by.version !== version)
      throw refusals.InvalidInput(`'${destination}' via '${nexthop}' is not a valid IPv${version} host route`);
  }
}

/** The ways IPv6 addresses are made. Throws `InvalidInput` for those that do not go together. */
export function checkModes(version: 4 | 6, length: number, sent: Sent): void {
  const [announced, made] = [sent['ipv6_ra_mode'] ?? null, sent['ipv6_address_mode'] ?? null];
  if (announced === null && made === null) return;
  if (version === 4)
    throw refusals.InvalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when ip_version is 4');
  if (sent['enable_dhcp'] === false)
    throw refusals.InvalidInput('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False');
  if (announced !== null && made !== null && announced !== made)
    throw refusals.InvalidInput(
      `ipv6_ra_mode set to '${String(announced)}' with ipv6_address_mode set to '${String(made)}' is not valid`,
    );
  if (isAuto(made) && length !== 64)
    throw refusals.InvalidInput(
      `Invalid CIDR for IPv6 address mode. The EUI-64 address format requires the prefix to be /64`,
    );
}

/** Do machines make their addresses themselves? */
export const isAuto = (addressMode: unknown): boolean => addressMode === 'slaac' || addressMode === 'dhcpv6-stateless';

/** Prefixes of a subnet pool, without those that another holds. Throws `InvalidInput`. */
export function readPrefixes(sent: readonly string[]): { version: 4 | 6; prefixes: string[] } {
  const read = sent.map((text) => readCidr(text, undefined));
  const [first] = read;
  if (first === undefined) throw refusals.EmptySubnetPoolPrefixList();
  if (read.some(({ version }) => version !== first.version)) throw refusals.PrefixVersionMismatch();
  const kept = read.filter(
    (one, at) =>
      !read.some(
        (other, index) =>
          index !== at &&
          overlap(one, other) &&
          (other.length < one.length || (other.length === one.length && index < at)),
      ),
  );
  kept.sort((a, b) => (a.first < b.first ? -1 : 1));
  return { version: first.version, prefixes: kept.map(prefixText) };
}
