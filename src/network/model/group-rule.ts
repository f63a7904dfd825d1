import { parseAddress, parsePrefix, prefixText, widthOf } from '#kernel/addresses';
import { refusals } from '../refusals.ts';

/** A rule of a security group as somebody wants it. */
export interface RuleWish {
  ethertype: 'IPv4' | 'IPv6';
  protocol: string | number | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  remote_address_group_id: string | null;
}

const NAMES = new Set([
  ...['ah', 'dccp', 'egp', 'esp', 'gre', 'icmp', 'icmpv6', 'igmp', 'ipip', 'ipv6-encap', 'ipv6-frag', 'ipv6-icmp'],
  ...['ipv6-nonxt', 'ipv6-opts', 'ipv6-route', 'ospf', 'pgm', 'rsvp', 'sctp', 'tcp', 'udp', 'udplite', 'vrrp'],
]);
const PORTED = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite', '6', '17', '132', '33', '136']);
const ICMP = new Set(['icmp', 'icmpv6', 'ipv6-icmp', '1', '58']);

/** The rule as it is kept. Throws what Neutron does for one that cannot be. */
export function checkRule(wish: RuleWish): RuleWish & { protocol: string | null } {
  const { ethertype, port_range_min: min, port_range_max: max } = wish;
  const remotes = [wish.remote_ip_prefix, wish.remote_group_id, wish.remote_address_group_id];
  if (remotes.filter((remote) => remote !== null).length > 1)
    throw refusals.SecurityGroupMultipleRemoteEntitiesNotAllowed();
  const protocol = protocolOf(wish.protocol);
  if (min !== null || max !== null) {
    if (protocol === null) throw refusals.SecurityGroupProtocolRequiredWithPorts();
    if (PORTED.has(protocol)) checkPorts(min, max);
    else if (ICMP.has(protocol)) checkIcmp(min, max);
    else throw refusals.SecurityGroupInvalidProtocolForPort(protocol);
  }
  return { ...wish, protocol, remote_ip_prefix: prefixOf(wish.remote_ip_prefix, ethertype) };
}

function protocolOf(sent: string | number | null): string | null {
  if (sent === null) return null;
  const text = String(sent).toLowerCase();
  if (text === '' || text === 'any') return null;
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return String(Number(text));
  if (!NAMES.has(text)) throw refusals.SecurityGroupRuleInvalidProtocol(text.slice(0, 64));
  return text;
}

function checkPorts(min: number | null, max: number | null): void {
  for (const port of [min, max]) {
    if (port !== null && (port < 1 || port > 65_535)) throw refusals.SecurityGroupInvalidPortValue(port);
  }
  if (min === null || max === null || min > max) throw refusals.SecurityGroupInvalidPortRange();
}

function checkIcmp(type: number | null, code: number | null): void {
  for (const [what, value] of [
    ['type', type],
    ['code', code],
  ] as const) {
    if (value !== null && (value < 0 || value > 255)) throw refusals.SecurityGroupInvalidIcmpValue(what, value);
  }
  if (type === null && code !== null) throw refusals.SecurityGroupMissingIcmpType(code);
}

function prefixOf(sent: string | null, ethertype: 'IPv4' | 'IPv6'): string | null {
  if (sent === null || sent === '') return null;
  const address = parseAddress(sent);
  const prefix =
    address === undefined
      ? parsePrefix(sent)
      : { version: address.version, first: address.value, length: widthOf(address.version) };
  if (prefix === undefined) throw refusals.InvalidInput(`'${sent}' is not a valid CIDR`);
  if (prefix.version !== (ethertype === 'IPv4' ? 4 : 6))
    throw refusals.SecurityGroupRuleParameterConflict(ethertype, sent);
  return prefixText(prefix);
}

/** Networks of an address group, each once. Throws `InvalidInput`. */
export function addressesOf(sent: readonly string[]): string[] {
  return [
    ...new Set(
      sent.map((text) => {
        const address = parseAddress(text);
        const prefix =
          address === undefined
            ? parsePrefix(text)
            : { version: address.version, first: address.value, length: widthOf(address.version) };
        if (prefix === undefined) throw refusals.InvalidInput(`'${text}' is not a valid IP address or prefix`);
        return prefixText(prefix);
      }),
    ),
  ];
}
