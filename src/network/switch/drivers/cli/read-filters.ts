import { ipFamily } from '#kernel/ip-family';
import type { AclRule } from '#contracts/switches';
import { type AclConfig, FOREIGN_FILTER, NO_FILTER } from '../../model/config.ts';
import { type ListFamily, readBound } from './filters.ts';
import type { AclLines } from './platform.ts';

/**
 * The filters a port has, from the lists that are bound to it (`boundText`). `rulesOf`: of a list, without its end;
 * undefined where it says what no list of ours does. Ours come in one of each family: with some of them alone, others
 * pass.
 */
export function filtersBound(
  bound: readonly string[],
  rulesOf: (family: ListFamily, name: string) => readonly AclRule[] | undefined,
  families: readonly ListFamily[] = [4, 6],
): AclConfig {
  if (bound.length === 0) return NO_FILTER;
  const found: { in: AclRule[] | null; out: AclRule[] | null } = { in: null, out: null };
  for (const direction of ['in', 'out'] as const) {
    const here = bound.map(readBound).filter((one) => one.direction === direction);
    if (here.length === 0) continue;
    const rules = families.map((family) => {
      const name = here.find((one) => one.family === family)?.name;
      return name === undefined ? undefined : rulesOf(family, name);
    });
    if (here.length !== families.length || rules.includes(undefined)) return { ...FOREIGN_FILTER, lists: bound };
    found[direction] = (rules as AclRule[][]).flat();
  }
  return { ...found, lists: bound };
}

/** Rules without the last one, which has to deny all of its family; undefined: it does not. */
export function closed(family: 4 | 6, rules: readonly AclRule[]): AclRule[] | undefined {
  const last = rules.at(-1);
  const closes =
    last?.family === family &&
    last.action === 'deny' &&
    last.protocol === 'any' &&
    last.source === null &&
    last.destination === null;
  return closes ? rules.slice(0, -1) : undefined;
}

/** Entries as Cisco and those after it write them. undefined: there is one no list of ours has. */
export function readEntries(acl: AclLines, family: 4 | 6, lines: readonly string[]): AclRule[] | undefined {
  const rules: AclRule[] = [];
  for (const line of lines) {
    const rule = readEntry(acl, family, line.split(/\s+/));
    if (rule === undefined) return undefined;
    rules.push(rule);
  }
  return closed(family, rules);
}

function readEntry(acl: AclLines, family: 4 | 6, words: string[]): AclRule | undefined {
  const say = acl.families[family];
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
    if (acl.kindWord !== undefined && next() !== acl.kindWord) return undefined;
    const type = kindNumber(family, next());
    if (type === undefined) return undefined;
    rule.icmpType = type;
  }
  // Whatever else it says is no word of ours.
  return words.length === 0 ? rule : undefined;
}

/** null: anywhere. Takes its words. */
function readPlace(family: 4 | 6, words: string[]): string | null | undefined {
  const word = (words.shift() ?? '').toLowerCase();
  if (word === 'any') return null;
  if (word === 'host') {
    const address = (words.shift() ?? '').toLowerCase();
    return address === '' ? undefined : `${address}/${family === 4 ? 32 : 128}`;
  }
  const [address = '', length = ''] = word.split('/');
  if (ipFamily(address) !== family) return undefined;
  if (family === 6) return length === '0' ? null : `${address}/${length === '' ? '128' : length}`;
  if (/^\d+$/.test(length)) return length === '0' ? null : word;
  // A mask behind a stroke covers the network; one that stands for itself, what is free. Neither: one host.
  if (length !== '') return lengthOf(address, 32 - freeBits(invert(length)));
  return MASK.test(words[0] ?? '') ? lengthOf(address, 32 - freeBits(words.shift() ?? '')) : `${address}/32`;
}

const MASK = /^\d+(?:\.\d+){3}$/;
const invert = (mask: string): string =>
  mask
    .split('.')
    .map((part) => 255 - Number(part))
    .join('.');
/** How many bits are free; a fraction where they are not the last ones. */
const freeBits = (mask: string): number =>
  MASK.test(mask) ? Math.log2(mask.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + 1) : Number.NaN;
const lengthOf = (address: string, bits: number): string | null | undefined =>
  Number.isInteger(bits) ? (bits === 0 ? null : `${address}/${bits}`) : undefined;

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
