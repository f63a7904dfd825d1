import type { AclPlan, AclRule, SwitchAbilities } from '#contracts/switches';
import type { BoundPort, MachineRule } from './bound.ts';

// Where the rules of a port's security groups hold. A machine's frames never pass the place where OVN keeps state for
// virtual machines: what is between it and its neighbours is a switch. Few of those know connections.

export type Enforcement = 'stateful' | 'stateless' | 'none';

/** What holds of one rule. */
export interface RuleVerdict {
  rule: string;
  group: string;
  direction: 'ingress' | 'egress';
  enforcement: Enforcement;
  /** In words, for whoever asks why. */
  why: string;
}

/** A port as far as enforcement goes. */
export interface EnforcedPort {
  machine: boolean;
  /** A machine's: is it bound, and by a switch that we drive? Its abilities; null: no switch is moved. */
  bound: boolean;
  abilities: Pick<SwitchAbilities, 'acl' | 'stateful' | 'aclUntagged' | 'icmpTypes'> | null;
  portSecurity: boolean;
  groups: readonly { id: string; stateful: boolean }[];
  rules: readonly MachineRule[];
  /** Addresses of the port. */
  ips: readonly string[];
  /** VLANs beside its own. */
  subports: readonly unknown[];
}

/** More entries than this no edge port takes. */
const MOST_ENTRIES = 256;

/** What holds of each rule of a port. Pure. */
export function enforcementOf(port: EnforcedPort): RuleVerdict[] {
  const inWords = { ingress: whyNot(port, 'ingress'), egress: whyNot(port, 'egress') };
  const stateful = new Map(port.groups.map(({ id, stateful }) => [id, stateful]));
  return port.rules.map(({ id, groupId, direction }): RuleVerdict => {
    const base = { rule: id, group: groupId, direction };
    const why = inWords[direction];
    if (why !== null) return { ...base, enforcement: 'none', why };
    if (port.machine) {
      return byState(port)
        ? {
            ...base,
            enforcement: 'stateful',
            why: `by the filter of its switch port, which knows connections${BUT[direction]}`,
          }
        : { ...base, enforcement: 'stateless', why: 'by the filter of its switch port' };
    }
    return stateful.get(groupId) === false
      ? { ...base, enforcement: 'stateless', why: 'by OVN at its interface; its group is stateless' }
      : { ...base, enforcement: 'stateful', why: 'by OVN at its interface, with connection tracking' };
  });
}

/** What is sent to all is judged where it comes from alone. */
const BUT = { ingress: '; not for what is sent to all in its VLAN', egress: '' } as const;

/** Rules of groups with state become filters with state, where the switch has those. */
const byState = ({ abilities, groups }: Pick<EnforcedPort, 'abilities' | 'groups'>): boolean =>
  abilities?.stateful === true && groups.some(({ stateful }) => stateful);

/** Why rules of a direction do not hold at the port; null when they do. */
function whyNot(port: EnforcedPort, direction: 'ingress' | 'egress'): string | null {
  if (!port.portSecurity) return 'port_security_enabled is false';
  if (!port.machine) return null;
  if (!port.bound) return 'the port is bound to no machine';
  if (port.abilities === null) return 'no switch is moved for it: nobody filters between the machine and its network';
  if (!port.abilities.acl.includes(direction === 'ingress' ? 'out' : 'in')) {
    return `its switch cannot filter what ${direction === 'ingress' ? 'goes to' : 'comes from'} the machine`;
  }
  if (port.subports.length > 0 && port.abilities.aclUntagged !== true) {
    return 'it is the parent of a trunk, and filters of its switch would judge the other VLANs, too';
  }
  if (port.groups.some(({ stateful }) => stateful) && port.abilities.stateful !== true) {
    return 'filters of switches keep no state, and answers would be lost; rules hold when all its groups are stateless';
  }
  const made = compile(port, direction);
  if (typeof made === 'string') return made;
  const typed = made.some(({ icmpType }) => icmpType !== undefined);
  return typed && port.abilities.icmpTypes === false ? 'its switch cannot tell kinds of ICMP apart' : null;
}

const NUMBERS: Readonly<Record<string, AclRule['protocol']>> = {
  '6': 'tcp',
  '17': 'udp',
  '1': 'icmp',
  '58': 'icmp',
  tcp: 'tcp',
  udp: 'udp',
  icmp: 'icmp',
  icmpv6: 'icmp',
  'ipv6-icmp': 'icmp',
  any: 'any',
};

/** The entries of a direction, or why the switch cannot be told. One rule it cannot be told spoils the direction. */
function compile(port: Pick<EnforcedPort, 'rules' | 'ips'>, direction: 'ingress' | 'egress'): AclRule[] | string {
  const entries: AclRule[] = [];
  for (const rule of port.rules) {
    if (rule.direction !== direction) continue;
    const protocol = rule.protocol === null ? 'any' : NUMBERS[rule.protocol.toLowerCase()];
    if (protocol === undefined)
      return `filters of switches do not know the protocol ${rule.protocol} (rule ${rule.id})`;
    if (protocol === 'icmp' && rule.portMax !== null)
      return `filters of switches do not know codes of ICMP (rule ${rule.id})`;
    const kind = protocol === 'icmp' && rule.portMin !== null ? { icmpType: rule.portMin } : {};
    const family = rule.ethertype === 'IPv6' ? 6 : 4;
    const ported = protocol === 'tcp' || protocol === 'udp';
    const ports = ported && rule.portMin !== null ? ([rule.portMin, rule.portMax ?? rule.portMin] as const) : null;
    const remotes = rule.remotes === null ? [null] : rule.remotes.filter((one) => one.includes(':') === (family === 6));
    for (const remote of remotes) {
      const own =
        direction === 'egress' ? { source: null, destination: remote } : { source: remote, destination: null };
      entries.push({ action: 'allow', family, protocol, ports, ...own, ...kind });
    }
  }
  return entries.length > MOST_ENTRIES
    ? `its rules are ${entries.length} entries, more than a switch port takes`
    : entries;
}

const deny = (family: 4 | 6, protocol: AclRule['protocol'], port: number | null): AclRule => ({
  action: 'deny',
  family,
  protocol,
  source: null,
  destination: null,
  ports: port === null ? null : [port, port],
});
const allow = (family: 4 | 6, source: string | null, more: Partial<AclRule> = {}): AclRule => ({
  action: 'allow',
  family,
  protocol: 'any',
  source,
  destination: null,
  ports: null,
  ...more,
});

/**
 * The filters of a machine's switch port. From the machine: no answers of a DHCP server or a router, no addresses but its
 * own (where we know them), and what the rules of its groups allow. To the machine: what those allow.
 */
export function filtersOf(port: BoundPort, abilities: SwitchAbilities): AclPlan {
  const none: AclPlan = { in: null, out: null };
  if (!port.portSecurity || (port.subports.length > 0 && abilities.aclUntagged !== true)) return none;
  const seen = { ...port, machine: true, bound: true, abilities };
  const secured = port.purpose === null;
  const egress = secured && whyNot(seen, 'egress') === null ? (compile(port, 'egress') as AclRule[]) : null;
  const ingress = secured && whyNot(seen, 'ingress') === null ? (compile(port, 'ingress') as AclRule[]) : null;
  const known = (rules: readonly AclRule[]) =>
    withoutRepeats(abilities.icmpTypes === false ? rules.flatMap(withoutKind) : rules);
  return {
    in: abilities.acl.includes('in') ? known(fromMachine(port, egress)) : null,
    out: abilities.acl.includes('out') && ingress !== null ? known(toMachine(ingress)) : null,
    ...(byState({ ...port, abilities }) && secured ? { stateful: true } : {}),
    ...(abilities.guard === true ? { guard: { hosts: hostsOf(port) } } : {}),
  };
}

const cidr = (ip: string): string => (ip.includes('/') ? ip : `${ip}/${ip.includes(':') ? 128 : 32}`);

/** Addresses the port may speak for; null: we do not know. Ramdisks get theirs from the boot service, not from the port. */
function ownAddresses(port: BoundPort): string[] | null {
  const own = [...port.ips, ...port.pairs.map((pair) => pair.ip_address)].map(cidr);
  return port.purpose !== null || own.length === 0 ? null : own;
}

function hostsOf(port: BoundPort): { mac: string; ips: string[] | null }[] {
  const own = ownAddresses(port);
  const hosts = new Map<string, string[] | null>([[port.mac.toLowerCase(), own === null ? null : port.ips.map(cidr)]]);
  for (const pair of port.pairs) {
    const mac = (pair.mac_address ?? port.mac).toLowerCase();
    const known = hosts.get(mac);
    if (known !== null) hosts.set(mac, [...(known ?? []), cidr(pair.ip_address)]);
  }
  return [...hosts].map(([mac, ips]) => ({ mac, ips }));
}

const ROUTER_ADVERTISEMENT = 134;
/** Neighbours look for one another from all their addresses. */
const NEIGHBOURS = [135, 136].map((icmpType) => allow(6, null, { protocol: 'icmp', icmpType }));

/** Where kinds of ICMP are all one: neighbours matter more than who advertises routers. */
const withoutKind = ({ icmpType, ...rule }: AclRule): AclRule[] => {
  if (icmpType === undefined) return [rule];
  return rule.action === 'deny' ? [] : [rule];
};

/** The first entry decides. Some switches refuse the second of two that are alike, others leave it out: both read otherwise. */
function withoutRepeats(rules: readonly AclRule[]): AclRule[] {
  const seen = new Set<string>();
  return rules.filter(({ family, protocol, source, destination, ports, icmpType }) => {
    const match = JSON.stringify([family, protocol, source, destination, ports, icmpType ?? null]);
    return !seen.has(match) && seen.add(match);
  });
}

function fromMachine(port: BoundPort, egress: readonly AclRule[] | null): AclRule[] {
  const own = ownAddresses(port);
  // Only its DHCP server may answer as one, and only routers advertise.
  const entries = [
    deny(4, 'udp', 68),
    deny(6, 'udp', 546),
    { ...deny(6, 'icmp', null), icmpType: ROUTER_ADVERTISEMENT },
  ];
  if (own === null && egress === null) return [...entries, allow(4, null), allow(6, null)];
  // Asking for an address, and the neighbours of IPv6, before it has one.
  entries.push(allow(4, '0.0.0.0/32', { protocol: 'udp', ports: [67, 67] }), allow(6, 'fe80::/10'), allow(6, '::/128'));
  if (egress !== null) entries.push(...NEIGHBOURS);
  const of = (family: 4 | 6) => own?.filter((ip) => ip.includes(':') === (family === 6)) ?? [null];
  for (const rule of egress ?? [allow(4, null), allow(6, null)]) {
    for (const source of of(rule.family)) entries.push({ ...rule, source });
  }
  return entries;
}

/** Its DHCP server's answers, and neighbours, always get through. */
const toMachine = (ingress: readonly AclRule[]): AclRule[] => [
  allow(4, null, { protocol: 'udp', ports: [68, 68] }),
  allow(6, 'fe80::/10'),
  ...NEIGHBOURS,
  ...ingress,
];
