import type { AddressGroup, GroupRule, SecurityGroup } from '../../model/truth.ts';
import { DROP_GROUP, DROP_GROUP_NAME, identifier, Ref, unitKey, type WantedRow } from './wanted.ts';

// A security group is a port group, its rules are ACLs of it. OVN keeps the addresses of a port group's members as
// address sets `<name>_ip4` and `<name>_ip6`, so that a rule on a remote group needs no list of ours.

const DROP = 1001;
const ALLOW = 1002;
/** Above what rules of tenants may allow. */
const NEVER = 1003;

export const groupRef = (groupId: string): Ref => new Ref('Port_Group', unitKey('security_group', groupId));
const groupName = (groupId: string): string => identifier('sg', groupId);
/** Addresses of members on overlays that are machines: OVN has no ports for them. */
const machineSet = (groupId: string, version: 4 | 6): string => `${identifier('sgm', groupId)}_v${version}`;
const addressSet = (groupId: string, version: 4 | 6): string => `${identifier('ag', groupId)}_v${version}`;

/** What holds whatever the truth says: no port with port security sends or gets what no rule allows. */
export function baseRows(): WantedRow[] {
  const rule = (
    which: string,
    direction: 'in' | 'out',
    priority: number,
    action: string,
    match: string,
  ): WantedRow => ({
    table: 'ACL',
    key: `${DROP_GROUP.key}/${which}`,
    columns: {
      direction: direction === 'in' ? 'to-lport' : 'from-lport',
      priority,
      action,
      match: `${direction === 'in' ? 'outport' : 'inport'} == @${DROP_GROUP_NAME} && ${match}`,
    },
    in: [{ row: DROP_GROUP, column: 'acls' }],
  });
  return [
    { table: DROP_GROUP.table, key: DROP_GROUP.key, columns: { name: DROP_GROUP_NAME } },
    rule('in', 'in', DROP, 'drop', 'ip'),
    rule('out', 'out', DROP, 'drop', 'ip'),
    // Asking for an address needs no rule, giving one out is not for tenants.
    rule('dhcp4', 'out', ALLOW, 'allow', 'ip4 && udp.src == 68 && udp.dst == 67'),
    rule('dhcp6', 'out', ALLOW, 'allow', 'ip6 && udp.src == 546 && udp.dst == 547'),
    rule('no-dhcp4-server', 'out', NEVER, 'drop', 'ip4 && udp.src == 67 && udp.dst == 68'),
    rule('no-dhcp6-server', 'out', NEVER, 'drop', 'ip6 && udp.src == 547 && udp.dst == 546'),
    rule('no-ra', 'out', NEVER, 'drop', 'icmp6.type == 134'),
  ];
}

/** All rows of a security group. */
export function groupRows(group: SecurityGroup): WantedRow[] {
  const unit = unitKey('security_group', group.id);
  const sets = ([4, 6] as const).map(
    (version): WantedRow => ({
      table: 'Address_Set',
      key: `${unit}/machines${version}`,
      columns: {
        name: machineSet(group.id, version),
        addresses: group.machineIps.filter((ip) => ip.includes(':') === (version === 6)),
      },
    }),
  );
  return [
    {
      table: 'Port_Group',
      key: unit,
      columns: { name: groupName(group.id) },
      ids: { 'ingot:name': group.name },
    },
    ...sets,
    ...group.rules.map(
      (rule): WantedRow => ({
        table: 'ACL',
        key: `${unit}/rule/${rule.id}`,
        columns: {
          direction: rule.direction === 'ingress' ? 'to-lport' : 'from-lport',
          priority: ALLOW,
          action: group.stateful ? 'allow-related' : 'allow-stateless',
          match: matchOf(group.id, rule),
        },
        in: [{ row: groupRef(group.id), column: 'acls' }],
      }),
    ),
  ];
}

/** All rows of an address group. */
export function addressGroupRows(group: AddressGroup): WantedRow[] {
  return ([4, 6] as const).map((version) => ({
    table: 'Address_Set',
    key: `${unitKey('address_group', group.id)}/${version}`,
    columns: {
      name: addressSet(group.id, version),
      addresses: group.addresses.filter((cidr) => cidr.includes(':') === (version === 6)),
    },
  }));
}

/** A rule as a match of OVN. */
function matchOf(groupId: string, rule: GroupRule): string {
  const into = rule.direction === 'ingress';
  const version = rule.ethertype === 'IPv4' ? 4 : 6;
  const ip = `ip${version}`;
  const parts = [`${into ? 'outport' : 'inport'} == @${groupName(groupId)}`, ip];
  const remote = `${ip}.${into ? 'src' : 'dst'}`;
  if (rule.remotePrefix !== null && !rule.remotePrefix.endsWith('/0')) parts.push(`${remote} == ${rule.remotePrefix}`);
  if (rule.remoteGroupId !== null) {
    parts.push(`${remote} == {$${groupName(rule.remoteGroupId)}_${ip}, $${machineSet(rule.remoteGroupId, version)}}`);
  }
  if (rule.remoteAddressGroupId !== null) parts.push(`${remote} == $${addressSet(rule.remoteAddressGroupId, version)}`);
  return [...parts, ...protocolOf(rule, version)].join(' && ');
}

const ICMP = new Set(['icmp', 'icmpv6', 'ipv6-icmp', '1', '58']);
const WITH_PORTS: Readonly<Record<string, string>> = {
  tcp: 'tcp',
  '6': 'tcp',
  udp: 'udp',
  '17': 'udp',
  sctp: 'sctp',
  '132': 'sctp',
};
/** Names the API takes beside numbers (IANA). */
const NUMBERS: Readonly<Record<string, number>> = {
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  igmp: 2,
  ipip: 4,
  ospf: 89,
  pgm: 113,
  rsvp: 46,
  udplite: 136,
  vrrp: 112,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  'ipv6-route': 43,
};

function protocolOf(rule: GroupRule, version: 4 | 6): string[] {
  const name = rule.protocol?.toLowerCase() ?? null;
  if (name === null || name === 'any' || name === '0') return [];
  if (ICMP.has(name)) {
    const icmp = `icmp${version}`;
    const type = rule.portMin === null ? [] : [`${icmp}.type == ${rule.portMin}`];
    const code = rule.portMax === null ? [] : [`${icmp}.code == ${rule.portMax}`];
    return [icmp, ...type, ...code];
  }
  const ported = WITH_PORTS[name];
  if (ported === undefined) return [`ip.proto == ${NUMBERS[name] ?? name}`];
  const { portMin: min, portMax: max } = rule;
  if (min === null || max === null || (min <= 1 && max === 65_535)) return [ported];
  return min === max ? [`${ported}.dst == ${min}`] : [`${ported}.dst >= ${min}`, `${ported}.dst <= ${max}`];
}
