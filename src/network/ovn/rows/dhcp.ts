import type { Network, Port, Subnet } from '../../model/truth.ts';
import { madeMac } from './chassis.ts';
import { METADATA_IP, METADATA_ROUTE } from './metadata.ts';

// DHCP options in OVN's words (ovn-nb(5), DHCP_Options). Texts stand in quotes there; an option OVN does not know, or
// a text without quotes, makes it drop the whole answer silently.

const LEASE_SECONDS = '43200';

const quoted = (value: string): string => `"${value.replaceAll('\\', '').replaceAll('"', '')}"`;
const plain = (value: string): string => value;
const listed = (value: string): string => `{${value.replace(/^\{|\}$/g, '')}}`;

/** Neutron's names and DHCP's numbers of options → OVN's name and how its value is written. */
const OPTIONS4: Readonly<Record<string, readonly [name: string, write: (value: string) => string]>> = {
  netmask: ['netmask', plain],
  '1': ['netmask', plain],
  router: ['router', plain],
  '3': ['router', plain],
  'dns-server': ['dns_server', listed],
  '6': ['dns_server', listed],
  'log-server': ['log_server', listed],
  '7': ['log_server', listed],
  hostname: ['hostname', quoted],
  '12': ['hostname', quoted],
  'domain-name': ['domain_name', quoted],
  '15': ['domain_name', quoted],
  mtu: ['mtu', plain],
  '26': ['mtu', plain],
  'ntp-server': ['ntp_server', listed],
  '42': ['ntp_server', listed],
  'lease-time': ['lease_time', plain],
  '51': ['lease_time', plain],
  T1: ['T1', plain],
  '58': ['T1', plain],
  T2: ['T2', plain],
  '59': ['T2', plain],
  'tftp-server': ['tftp_server', quoted],
  '66': ['tftp_server', quoted],
  'bootfile-name': ['bootfile_name', quoted],
  '67': ['bootfile_name', quoted],
  'tag:!ipxe,67': ['bootfile_name', quoted],
  'tag:ipxe,67': ['bootfile_name_alt', quoted],
  'server-ip-address': ['tftp_server_address', plain],
  '255': ['next_server', plain],
  '150': ['tftp_server_address', plain],
  'classless-static-route': ['classless_static_route', listed],
  '121': ['classless_static_route', listed],
  wpad: ['wpad', quoted],
  '252': ['wpad', quoted],
  'path-prefix': ['path_prefix', quoted],
  '210': ['path_prefix', quoted],
};
const OPTIONS6: typeof OPTIONS4 = {
  'dns-server': ['dns_server', listed],
  '23': ['dns_server', listed],
  'domain-search': ['domain_search', quoted],
  '24': ['domain_search', quoted],
};

/** True where OVN answers DHCP for the subnet's ports. */
export function answersDhcp(subnet: Subnet): boolean {
  if (!subnet.ovnDhcp) return false;
  return subnet.version === 4 || (subnet.addressMode !== null && subnet.addressMode !== 'slaac');
}

/** The options every port of a subnet gets. */
export function subnetOptions(network: Network, subnet: Subnet, metadata = false): Record<string, string> {
  const mac = madeMac(`dhcp ${subnet.id}`);
  if (subnet.version === 6) {
    return {
      server_id: mac,
      ...(subnet.dns.length > 0 && { dns_server: `{${subnet.dns.join(', ')}}` }),
      ...(network.dnsDomain !== '' && { domain_search: quoted(network.dnsDomain.replace(/\.$/, '')) }),
      ...(subnet.addressMode === 'dhcpv6-stateless' && { dhcpv6_stateless: 'true' }),
    };
  }
  const routes = subnet.hostRoutes
    .filter((route) => !route.destination.includes(':'))
    .map((route) => `${route.destination},${route.nexthop}`);
  if (metadata && !network.external && !routes.some((route) => route.startsWith(`${METADATA_IP}/32,`)))
    routes.push(METADATA_ROUTE);
  // A client that takes option 121 ignores option 3 (RFC 3442).
  if (routes.length > 0 && subnet.gateway !== null) routes.push(`0.0.0.0/0,${subnet.gateway}`);
  return {
    server_id: subnet.gateway ?? firstAddress(subnet.cidr),
    server_mac: mac,
    lease_time: LEASE_SECONDS,
    mtu: String(network.mtu),
    ...(subnet.gateway !== null && { router: subnet.gateway }),
    ...(subnet.dns.length > 0 && { dns_server: `{${subnet.dns.join(', ')}}` }),
    ...(network.dnsDomain !== '' && { domain_name: quoted(network.dnsDomain.replace(/\.$/, '')) }),
    ...(routes.length > 0 && { classless_static_route: `{${routes.join(', ')}}` }),
  };
}

/** A port's own options of this version: undefined when it has none, null when it wants no answer. */
export function portOptions(port: Port, version: 4 | 6): Record<string, string> | null | undefined {
  const mine = port.dhcpOptions.filter((option) => Number(option.ip_version ?? 4) === version);
  if (mine.some((option) => option.opt_name === 'dhcp_disabled' && option.opt_value.toLowerCase() === 'true'))
    return null;
  const table = version === 4 ? OPTIONS4 : OPTIONS6;
  const options: Record<string, string> = {};
  for (const { opt_name: name, opt_value: value } of mine) {
    const known = table[name];
    if (known !== undefined) options[known[0]] = known[1](value);
  }
  return Object.keys(options).length > 0 ? options : undefined;
}

function firstAddress(cidr: string): string {
  const [address = '', length = '32'] = cidr.split('/');
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Number(length) < 31 ? number + 1 : number;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}
