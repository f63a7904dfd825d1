import type { AclRule, GuardPlan } from '#contracts/switches';
import { addressText, parsePrefix, prefixText, widthOf } from '#kernel/addresses';
import type { AclConfig, PortConfig } from '../../model/config.ts';

// The filters of a port as flows of OpenFlow. Frames of a filtered port, and frames for it, leave the usual way
// (table 0, NORMAL) and come back to it when they were let through. Written as `ovs-ofctl dump-flows` shows them, so that
// what is wanted and what is there compare as text.
//
//   GUARD  is the sender who he says he is?
//   FROM   what the machine may send; FROM_CT once its connection is known
//   LOCAL  is it for another filtered port of this switch?
//   TO     what may go to the machine; TO_CT once its connection is known
//
// `reg0` is the VLAN, `reg1` the filtered port a frame is for. What is sent to all in a VLAN cannot be judged by who
// hears it: NORMAL decides that later.

const [GUARD, FROM, FROM_CT, LOCAL, TO, TO_CT] = [100, 101, 102, 103, 104, 105];
/** Ours are known by this in the upper half; the lower one is the port. */
export const COOKIE = 0x1e5e;
/** OVN counts its zones of connections from 1. */
const ZONE = 0x8000;
const UNTAGGED = 'vlan_tci=0x0000/0x1fff';
const GROUP_MAC = 'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00';

/** A port to be filtered. */
export interface FlowPort {
  /** OpenFlow's number of the interface. */
  number: number;
  /** Of the first interface of its bond; its own without one. */
  first: number;
}

const flow = (table: number | undefined, priority: number, matches: readonly string[], actions: string): string =>
  `table=${table},priority=${priority},${matches.filter((one) => one !== '').join(',')} actions=${actions}`;
const next = (table: number | undefined): string => `goto_table:${table}`;
const register = (name: 'REG0' | 'REG1', value: number): string => `load:0x${value.toString(16)}->NXM_NX_${name}[]`;

/** The flows of one port. */
export function flowsOf({ number, first }: FlowPort, config: PortConfig): string[] {
  const { acl, untagged } = config;
  if (acl === null || (acl.in === null && acl.out === null && acl.guard == null)) return [];
  if (!config.enabled || untagged === null) return [];
  const at = `in_port=${number}`;
  const enter = `${register('REG0', untagged)},${next(GUARD)}`;
  return [
    flow(0, 30_000, [at, UNTAGGED], enter),
    // A tag that says what is meant without one is taken as that.
    flow(0, 30_000, [at, `dl_vlan=${untagged}`], enter),
    ...guardFlows(at, acl.guard ?? null),
    ...fromFlows(at, acl, ZONE + first),
    flow(LOCAL, 1, [at], 'NORMAL'),
    ...(first === number ? toFlows(first, untagged, acl) : []),
  ];
}

function guardFlows(at: string, guard: GuardPlan | null): string[] {
  if (guard === null) return [flow(GUARD, 1, [at], next(FROM))];
  const drop = (...matches: string[]) => flow(GUARD, 300, [...matches, at], 'drop');
  const pass = (priority: number, ...matches: string[]) => flow(GUARD, priority, matches, next(FROM));
  const flows = [
    drop('udp', 'tp_src=67'),
    drop('udp6', 'tp_src=547'),
    drop('icmp6', 'icmp_type=134'),
    drop('icmp6', 'icmp_type=137'),
    flow(GUARD, 1, [at], 'drop'),
  ];
  for (const { mac, ips } of guard.hosts) {
    const from = `dl_src=${mac}`;
    if (ips === null) {
      // Whatever it says of addresses, it says it of itself.
      flows.push(pass(200, at, from), pass(220, 'arp', at, from, `arp_sha=${mac}`));
      flows.push(flow(GUARD, 210, ['arp', at, from], 'drop'));
      continue;
    }
    flows.push(pass(200, 'udp', at, from, 'nw_src=0.0.0.0', 'tp_src=68', 'tp_dst=67'));
    flows.push(pass(200, 'arp', at, from, 'arp_spa=0.0.0.0', `arp_sha=${mac}`));
    flows.push(pass(200, 'ipv6', at, from, 'ipv6_src=::'), pass(200, 'ipv6', at, from, 'ipv6_src=fe80::/10'));
    flows.push(flow(GUARD, 240, ['icmp6', at, from, 'icmp_type=136'], 'drop'));
    flows.push(pass(250, 'icmp6', at, from, 'icmp_type=136', 'nd_target=fe80::/10'));
    for (const ip of new Set(ips)) {
      if (ip.includes(':')) {
        flows.push(pass(200, 'ipv6', at, from, `ipv6_src=${plain(ip)}`));
        flows.push(pass(250, 'icmp6', at, from, 'icmp_type=136', `nd_target=${plain(ip)}`));
      } else {
        flows.push(pass(200, 'ip', at, from, `nw_src=${plain(ip)}`));
        flows.push(pass(200, 'arp', at, from, `arp_spa=${plain(ip)}`, `arp_sha=${mac}`));
      }
    }
  }
  return flows;
}

function fromFlows(at: string, acl: AclConfig, zone: number): string[] {
  const stateful = acl.stateful === true;
  if (!stateful && acl.in === null) return [flow(FROM, 1, [at], next(LOCAL))];
  return judge({ at, first: FROM, second: FROM_CT, stateful, zone, rules: acl.in, out: next(LOCAL), free: [] });
}

/** Frames for the machine: by its MAC address, and by its IP address where they are sent to all. */
function toFlows(id: number, vlan: number, acl: AclConfig): string[] {
  const stateful = acl.stateful === true;
  const hosts = acl.guard?.hosts ?? [];
  // Without a MAC address nobody knows what is for it.
  if ((!stateful && acl.out === null) || hosts.length === 0) return [];
  const found = `${register('REG1', id)},${next(TO)}`;
  const meant = hosts.flatMap(({ mac, ips }) => [
    ['', `dl_dst=${mac}`],
    ...(ips ?? []).map((ip) =>
      ip.includes(':') ? ['ipv6', GROUP_MAC, `ipv6_dst=${plain(ip)}`] : ['ip', GROUP_MAC, `nw_dst=${plain(ip)}`],
    ),
  ]);
  const seen = new Set<string>();
  const once = meant.filter((one) => !seen.has(one.join()) && seen.add(one.join()));
  // Two ports may share an address (VRRP): one of them judges what is for it, and neither's flow takes the other's place.
  const rank = id % 9_000;
  const arrivals = once.flatMap(([type = '', ...rest]) => [
    flow(0, 20_000 + rank, [type, `dl_vlan=${vlan}`, ...rest], `${register('REG0', vlan)},${found}`),
    flow(0, 20_000 + rank, [type, UNTAGGED, ...rest], `${register('REG0', vlan)},${found}`),
    flow(LOCAL, 200 + rank, [type, `reg0=0x${vlan.toString(16)}`, ...rest], found),
  ]);
  const free = ['udp,tp_src=67,tp_dst=68', 'udp6,tp_src=547,tp_dst=546'];
  const at = `reg1=0x${id.toString(16)}`;
  const parts = { at, first: TO, second: TO_CT, stateful, zone: ZONE + id, rules: acl.out, out: 'NORMAL', free };
  return [...arrivals, ...judge(parts)];
}

interface Judged {
  at: string;
  first: number | undefined;
  second: number | undefined;
  stateful: boolean;
  zone: number;
  rules: readonly AclRule[] | null;
  /** What is done with what may pass. */
  out: string;
  /** What passes whatever the rules say. */
  free: readonly string[];
}

/** Neighbours find each other, whatever the rules say; who may say what of them was judged before. */
const NEIGHBOURS = [133, 134, 135, 136, 137].map((type) => `icmp6,icmp_type=${type}`);

function judge({ at, first, second, stateful, zone, rules, out, free }: Judged): string[] {
  const table = stateful ? second : first;
  const pass = stateful ? `ct(commit,zone=${zone}),${out}` : out;
  const flows = [
    ...[...NEIGHBOURS, ...free].map((match) => flow(first, 30_000, [match, at], out)),
    // Not of IP: nothing here judges it.
    flow(first, 0, [at], out),
  ];
  if (stateful) {
    const track = `ct(table=${second},zone=${zone})`;
    flows.push(flow(first, 100, ['ip', at], track), flow(first, 100, ['ipv6', at], track));
    flows.push(
      flow(second, 31_000, ['ct_state=+inv+trk', at], 'drop'),
      // Answers. What goes the way of the first packet is judged each time: a rule that goes ends what it had let in.
      flow(second, 30_000, ['ct_state=+est+rpl+trk', at], out),
      flow(second, 30_000, ['ct_state=+rel+trk', at], out),
    );
  }
  for (const type of ['ip', 'ipv6']) flows.push(flow(table, 1, [type, at], rules === null ? pass : 'drop'));
  let priority = 20_000;
  for (const rule of rules ?? []) {
    const actions = rule.action === 'allow' ? pass : 'drop';
    for (const matches of matchesOf(rule)) flows.push(flow(table, priority, [...matches, at], actions));
    priority--;
  }
  return flows;
}

function matchesOf(rule: AclRule): string[][] {
  const six = rule.family === 6;
  const type = {
    any: six ? 'ipv6' : 'ip',
    tcp: six ? 'tcp6' : 'tcp',
    udp: six ? 'udp6' : 'udp',
    icmp: six ? 'icmp6' : 'icmp',
  }[rule.protocol];
  const place = (ip: string | null, which: 'src' | 'dst') =>
    ip === null || ip.endsWith('/0') ? [] : [`${six ? 'ipv6' : 'nw'}_${which}=${plain(ip)}`];
  const base = [
    type,
    ...place(rule.source, 'src'),
    ...place(rule.destination, 'dst'),
    ...(rule.icmpType === undefined ? [] : [`icmp_type=${rule.icmpType}`]),
  ];
  return rule.ports === null ? [base] : portMasks(...rule.ports).map((port) => [...base, `tp_dst=${port}`]);
}

/** A network without the bits that are no part of it, and without the length where that says nothing. */
function plain(cidr: string): string {
  const prefix = parsePrefix(cidr.includes('/') ? cidr : `${cidr}/${cidr.includes(':') ? 128 : 32}`);
  if (prefix === undefined) throw new TypeError(`${cidr} is no network`);
  const { version, first, length } = prefix;
  return length === widthOf(version) ? addressText({ version, value: first }) : prefixText(prefix);
}

/** A range of ports as values with masks: OpenFlow knows no ranges. */
function portMasks(from: number, to: number): string[] {
  const masks: string[] = [];
  let start = from;
  while (start <= to) {
    let size = 1;
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= to && size < 65_536) size *= 2;
    const mask = 65_536 - size;
    if (size === 1) masks.push(String(start));
    else if (mask > 0) masks.push(`0x${start.toString(16)}/0x${mask.toString(16)}`);
    else return [];
    start += size;
  }
  return masks;
}
