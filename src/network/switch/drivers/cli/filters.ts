import type { AclRule } from '#contracts/switches';
import type { AclConfig } from '../../model/config.ts';
import { FOREIGN_FILTER, NO_FILTER } from '../../model/config.ts';
import { sameFilters } from '../../model/difference.ts';
import type { AclFamily, AclLines, Platform } from './platform.ts';
import { fill, type Step } from './templates.ts';

// Filters as lists with names, bound to ports. A list is never edited: the next one is made under the other of two names,
// bound, and then the old one goes. No moment is without a filter.

type Direction = 'in' | 'out';
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
  if (acl === undefined || to === null || to === FOREIGN_FILTER || sameFilters(from ?? NO_FILTER, to)) return none;
  const lines: FilterLines = { make: [], bind: [], drop: [] };
  const bound = (from?.lists ?? []).map(readBound);
  for (const direction of acl.directions) {
    for (const family of FAMILIES) {
      const say = acl.families[family];
      const old = bound.find((one) => one.direction === direction && one.family === family);
      const rules = to[direction];
      const base = `${PREFIX}-${port.replaceAll(/[^\w]/g, '-')}-${direction.toUpperCase()}${family}`;
      if (rules === null) {
        if (old !== undefined) lines.bind.push(...fill(say.unbind, { port, name: old.name, direction }));
      } else {
        const name = old?.name === `${base}-A` ? `${base}-B` : `${base}-A`;
        lines.make.push({ port, enter: fill(say.remove, { name }), lines: [], leave: [] });
        lines.make.push({
          port,
          enter: fill(say.begin, { name }),
          lines: entries(acl, family, rules),
          leave: fill(say.end, { name }),
        });
        if (say.replaces !== true && old !== undefined) {
          lines.bind.push(...fill(say.unbind, { port, name: old.name, direction }));
        }
        lines.bind.push(...fill(say.bind, { port, name, direction }));
      }
      // Lists of others are left where they are.
      if (old?.name.startsWith(`${PREFIX}-`) === true) {
        lines.drop.push({ port: null, enter: fill(say.remove, { name: old.name }), lines: [], leave: [] });
      }
    }
  }
  return lines;
}

/** `in4:NAME`, as readers note what is bound. */
export const boundText = (direction: string, family: 4 | 6, name: string): string => `${direction}${family}:${name}`;
function readBound(text: string): { direction: string; family: number; name: string } {
  const found = /^(in|out)([46]):(.*)$/.exec(text);
  return { direction: found?.[1] ?? '', family: Number(found?.[2]), name: found?.[3] ?? '' };
}

/** The last entry is said: a list without any lets everything through on some switches. */
function entries(acl: AclLines, family: 4 | 6, rules: readonly AclRule[]): string[] {
  const say = acl.families[family];
  const own = rules.filter((rule) => rule.family === family);
  const last: AclRule = { action: 'deny', family, protocol: 'any', source: null, destination: null, ports: null };
  return [...own, last].map((rule) => {
    const parts = [
      acl.actions[rule.action],
      rule.protocol === 'any' ? say.any : rule.protocol === 'icmp' ? say.icmp : rule.protocol,
      place(acl, family, rule.source),
      place(acl, family, rule.destination),
      ...(rule.ports === null ? [] : [range(rule.ports)]),
      ...(rule.icmpType === undefined ? [] : [String(rule.icmpType)]),
    ];
    return parts.join(' ');
  });
}

const range = ([from, to]: readonly [number, number]): string => (from === to ? `eq ${from}` : `range ${from} ${to}`);

function place(acl: AclLines, family: 4 | 6, cidr: string | null): string {
  if (cidr === null || cidr.endsWith('/0')) return 'any';
  if (family === 6 || acl.networks === 'cidr') return cidr;
  const [address = '', bits = '32'] = cidr.split('/');
  return bits === '32' ? `host ${address}` : `${address} ${wildcard(Number(bits))}`;
}

const wildcard = (bits: number): string => {
  const free = 2 ** (32 - bits) - 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(free / 2 ** shift) % 256).join('.');
};

/** The filters a port has, from the lists that are bound to it. */
export function filtersBound(
  families: Readonly<Record<4 | 6, AclFamily>>,
  bound: readonly string[],
  lists: ReadonlyMap<string, readonly string[]>,
): AclConfig {
  if (bound.length === 0) return NO_FILTER;
  const found: { in: AclRule[] | null; out: AclRule[] | null } = { in: null, out: null };
  for (const direction of ['in', 'out'] as const satisfies Direction[]) {
    const here = bound.map(readBound).filter((one) => one.direction === direction);
    if (here.length === 0) continue;
    // Ours come in pairs: with one of them alone, the other family passes.
    const rules = FAMILIES.map((family) => {
      const name = here.find((one) => one.family === family)?.name;
      const lines = name === undefined ? undefined : lists.get(`${family}:${name}`);
      return lines === undefined ? undefined : readEntries(families[family], family, lines);
    });
    if (rules.includes(undefined)) return { ...FOREIGN_FILTER, lists: bound };
    found[direction] = (rules as AclRule[][]).flat();
  }
  return { ...found, lists: bound };
}

/** undefined: there is an entry no list of ours has. */
function readEntries(say: AclFamily, family: 4 | 6, lines: readonly string[]): AclRule[] | undefined {
  const rules: AclRule[] = [];
  for (const line of lines) {
    const rule = readEntry(say, family, line.split(/\s+/));
    if (rule === undefined) return undefined;
    rules.push(rule);
  }
  const last = rules.pop();
  const closes =
    last?.action === 'deny' && last.protocol === 'any' && last.source === null && last.destination === null;
  return closes ? rules : undefined;
}

function readEntry(say: AclFamily, family: 4 | 6, words: string[]): AclRule | undefined {
  const next = () => words.shift() ?? '';
  if (words[0] === 'seq' || words[0] === 'sequence') next();
  if (/^\d+$/.test(words[0] ?? '')) next();
  const action = { permit: 'allow', deny: 'deny' }[next()] as AclRule['action'] | undefined;
  const said = next();
  const protocol =
    said === say.any ? 'any' : said === say.icmp ? 'icmp' : said === 'tcp' || said === 'udp' ? said : undefined;
  if (action === undefined || protocol === undefined) return undefined;
  const places = [readPlace(family, words), readPlace(family, words)] as const;
  if (places.includes(undefined)) return undefined;
  const [source = null, destination = null] = places;
  const rule: AclRule = { action, family, protocol, source, destination, ports: null };
  if (words[0] === 'eq' || words[0] === 'range') {
    const ranged = next() === 'range';
    const from = portNumber(next());
    const to = ranged ? portNumber(next()) : from;
    if (from === undefined || to === undefined) return undefined;
    rule.ports = [from, to];
  }
  if (protocol === 'icmp' && words.length > 0) {
    const type = kindNumber(family, next());
    if (type === undefined) return undefined;
    rule.icmpType = type;
  }
  // Whatever else it says is no word of ours.
  return words.length === 0 ? rule : undefined;
}

/** null: anywhere. Takes its words. */
function readPlace(family: 4 | 6, words: string[]): string | null | undefined {
  const word = words.shift() ?? '';
  if (word === 'any') return null;
  if (word === 'host') {
    const address = (words.shift() ?? '').toLowerCase();
    return address === '' ? undefined : `${address}/${family === 4 ? 32 : 128}`;
  }
  if (word.includes('/')) return word.toLowerCase();
  const mask = words.shift() ?? '';
  const free = mask.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const bits = 32 - Math.log2(free + 1);
  return Number.isInteger(bits) && mask.split('.').length === 4 ? `${word}/${bits}` : undefined;
}

/** Names switches write for numbers. */
const PORT_NAMES: Readonly<Record<string, number>> = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  www: 80,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  snmp: 161,
  snmptrap: 162,
  bgp: 179,
  ldap: 389,
  https: 443,
  syslog: 514,
  'dhcpv6-client': 546,
  'dhcpv6-server': 547,
};
const KIND_NAMES: Readonly<Record<4 | 6, Readonly<Record<string, number>>>> = {
  4: { 'echo-reply': 0, unreachable: 3, redirect: 5, echo: 8, 'time-exceeded': 11 },
  6: {
    unreachable: 1,
    'packet-too-big': 2,
    'time-exceeded': 3,
    'echo-request': 128,
    'echo-reply': 129,
    'router-solicitation': 133,
    'router-advertisement': 134,
    'nd-ns': 135,
    'neighbor-solicitation': 135,
    'nd-na': 136,
    'neighbor-advertisement': 136,
  },
};
const numberOr = (names: Readonly<Record<string, number>>, word: string): number | undefined =>
  /^\d+$/.test(word) ? Number(word) : names[word];
const portNumber = (word: string): number | undefined => numberOr(PORT_NAMES, word);
const kindNumber = (family: 4 | 6, word: string): number | undefined => numberOr(KIND_NAMES[family], word);
