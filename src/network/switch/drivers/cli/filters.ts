import type { AclRule } from '#contracts/switches';
import { type AclConfig, isForeign, NO_FILTER } from '../../model/config.ts';
import { sameFilters } from '../../model/difference.ts';
import type { AclLines, Platform } from './platform.ts';
import { fill, type Step } from './templates.ts';

// Filters as lists with names, bound to ports. A list is never edited: the next one is made under the other of two names,
// bound, and then the old one goes. No moment is without a filter.

/** 0: a list of both. */
export type ListFamily = 0 | 4 | 6;
const FAMILIES = [4, 6] as const;
const PREFIX = 'INGOT';

/** What has to be typed for the filters of one port or bond: before it is touched, at it, and after. */
export interface FilterLines {
  make: Step[];
  bind: string[];
  drop: Step[];
}

/** `from` null: nothing is known to be bound there. `to` null: nobody cares. */
export function filterLines(
  platform: Platform,
  port: string,
  from: AclConfig | null,
  to: AclConfig | null,
): FilterLines {
  const { acl } = platform;
  const none: FilterLines = { make: [], bind: [], drop: [] };
  if (acl === undefined || to === null || isForeign(to) || sameFilters(from ?? NO_FILTER, to)) return none;
  const lines: FilterLines = { make: [], bind: [], drop: [] };
  const bound = (from?.lists ?? []).map(readBound);
  for (const direction of acl.directions) {
    for (const family of acl.together === undefined ? FAMILIES : ([0] as const)) {
      const say = acl.families[family === 0 ? 4 : family];
      const way = { port, direction, stage: direction === 'in' ? 'ingress' : 'egress' };
      const olds = bound.filter((one) => one.direction === direction && one.family === family);
      const rules = to[direction];
      const unbind = olds.flatMap((old) => fill(say.unbind, { ...way, name: old.name }));
      const base = `${PREFIX}-${port.replaceAll(/[^\w]/g, '-')}-${direction.toUpperCase()}${family === 0 ? '' : family}`;
      if (rules === null) lines.bind.push(...unbind);
      else {
        const name = olds.some((old) => old.name === `${base}-A`) ? `${base}-B` : `${base}-A`;
        const bind = fill(say.bind, { ...way, name });
        lines.make.push({ port, enter: fill(say.remove, { name }), lines: [], leave: [] });
        lines.make.push({
          port,
          enter: fill(say.begin, { name }),
          lines: entries(acl, family, rules, name),
          leave: fill(say.end, { name }),
        });
        if (say.next === 'takes its place') lines.bind.push(...bind);
        else if (say.next === 'beside it') lines.bind.push(...bind, ...unbind);
        else lines.bind.push(...unbind, ...bind);
      }
      // Lists of others are left where they are.
      for (const old of olds.filter(({ name }) => name.startsWith(`${PREFIX}-`))) {
        lines.drop.push({ port: null, enter: fill(say.remove, { name: old.name }), lines: [], leave: [] });
      }
    }
  }
  return lines;
}

/** `in4:NAME`, as readers note what is bound. */
export const boundText = (direction: string, family: ListFamily, name: string): string =>
  `${direction}${family}:${name}`;
export function readBound(text: string): { direction: string; family: number; name: string } {
  const found = /^(in|out)([046]):(.*)$/.exec(text);
  return { direction: found?.[1] ?? '', family: Number(found?.[2]), name: found?.[3] ?? '' };
}

/** The last entry is said: a list without any lets everything through on some switches. */
function entries(acl: AclLines, list: ListFamily, rules: readonly AclRule[], name: string): string[] {
  const all = (list === 0 ? FAMILIES : [list]).flatMap((family) => {
    const last: AclRule = { action: 'deny', family, protocol: 'any', source: null, destination: null, ports: null };
    return [...rules.filter((rule) => rule.family === family), last];
  });
  const lines = all.flatMap((rule, i) => entry(acl, rule, name, (i + 1) * 10));
  return [...lines, ...fill(acl.together?.rest ?? [], { name, n: (all.length + 1) * 10 })];
}

/** More than any list has. */
const HIGHEST_PRIORITY = 9_000;

function entry(acl: AclLines, rule: AclRule, name: string, n: number): string[] {
  const say = acl.families[rule.family];
  const { protocol, ports, icmpType } = rule;
  if (say.entry === undefined) return [oneLine(acl, rule)];
  const words = say.entry.protocols ?? { tcp: 'tcp', udp: 'udp' };
  const facts = {
    name,
    n,
    priority: HIGHEST_PRIORITY - n / 10,
    protocol: protocol === 'any' ? '' : protocol === 'icmp' ? say.icmp : words[protocol],
    source: wide(rule.source) ?? '',
    destination: wide(rule.destination) ?? '',
    from: ports?.[0] ?? '',
    to: ports?.[1] ?? '',
    kind: icmpType ?? '',
  };
  const parts = [
    ...(say.entry.first ?? []),
    ...(facts.source === '' ? [] : say.entry.source),
    ...(facts.destination === '' ? [] : say.entry.destination),
    ...(protocol === 'any' ? [] : say.entry.protocol),
    ...(ports === null ? [] : ports[0] === ports[1] ? say.entry.port : say.entry.range),
    ...(icmpType === undefined ? [] : say.entry.kind),
    ...(rule.action === 'allow' ? say.entry.allow : say.entry.deny),
  ];
  const filled = fill(parts, facts);
  return say.entry.joined === true ? [filled.join(' ')] : filled;
}

/** `permit tcp any 10.0.0.0/8 eq 22`. */
function oneLine(acl: AclLines, rule: AclRule): string {
  const { family } = rule;
  const say = acl.families[family];
  const parts = [
    acl.actions[rule.action],
    rule.protocol === 'any' ? say.any : rule.protocol === 'icmp' ? say.icmp : rule.protocol,
    place(acl, family, rule.source),
    place(acl, family, rule.destination),
    ...(rule.ports === null ? [] : [range(rule.ports)]),
    ...(rule.icmpType === undefined ? [] : [...(acl.kindWord === undefined ? [] : [acl.kindWord]), rule.icmpType]),
  ];
  return parts.join(' ');
}

const range = ([from, to]: readonly [number, number]): string => (from === to ? `eq ${from}` : `range ${from} ${to}`);

/** null: anywhere. */
const wide = (cidr: string | null): string | null => (cidr === null || cidr.endsWith('/0') ? null : cidr);

function place(acl: AclLines, family: 4 | 6, said: string | null): string {
  const cidr = wide(said);
  if (cidr === null) return 'any';
  const [address = '', bits = '32'] = cidr.split('/');
  if (acl.networks === 'bare') return bits === (family === 4 ? '32' : '128') ? address : cidr;
  if (family === 6 || acl.networks === 'cidr') return cidr;
  return bits === '32' ? `host ${address}` : `${address} ${wildcard(Number(bits))}`;
}

const wildcard = (bits: number): string => {
  const free = 2 ** (32 - bits) - 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(free / 2 ** shift) % 256).join('.');
};
