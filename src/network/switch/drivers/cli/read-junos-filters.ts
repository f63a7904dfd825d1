import type { AclRule } from '#contracts/switches';
import type { AclConfig } from '../../model/config.ts';
import { boundText } from './filters.ts';
import { closed, filtersBound } from './read-filters.ts';

/** Filters of Junos, out of `display set`: by the name of their port. */
export function readJunosFilters(text: string): (port: string) => AclConfig {
  const terms = new Map<string, Map<string, string[]>>();
  const bound = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const term = /^set firewall family ethernet-switching filter (\S+) term (\S+) (.+?)\s*$/.exec(line);
    if (term !== null) {
      const [, filter = '', name = '', said = ''] = term;
      const list = terms.get(filter) ?? new Map<string, string[]>();
      terms.set(filter, list.set(name, [...(list.get(name) ?? []), said]));
    }
    const port =
      /^set interfaces (\S+) unit 0 family ethernet-switching filter (input|output)(?:-list)? (\S+)\s*$/.exec(line);
    if (port !== null) {
      const [, name = '', way = '', filter = ''] = port;
      bound.set(name, [...(bound.get(name) ?? []), boundText(way === 'input' ? 'in' : 'out', 0, filter)]);
    }
  }
  return (port) => filtersBound(bound.get(port) ?? [], (_, name) => rulesOf(terms.get(name)), [0]);
}

/** undefined: no filter of ours reads so. */
function rulesOf(terms: ReadonlyMap<string, readonly string[]> | undefined): AclRule[] | undefined {
  const list = [...(terms?.values() ?? [])];
  if (list.pop()?.join() !== 'then accept') return undefined;
  const rules = list.map(ruleOf);
  if (rules.includes(undefined)) return undefined;
  const of = (family: 4 | 6) =>
    closed(
      family,
      (rules as AclRule[]).filter((rule) => rule.family === family),
    );
  const [four, six] = [of(4), of(6)];
  return four === undefined || six === undefined ? undefined : [...four, ...six];
}

const PROTOCOLS: Readonly<Record<string, AclRule['protocol']>> = {
  tcp: 'tcp',
  '6': 'tcp',
  udp: 'udp',
  '17': 'udp',
  icmp: 'icmp',
  '1': 'icmp',
  icmp6: 'icmp',
  icmpv6: 'icmp',
  '58': 'icmp',
};

function ruleOf(lines: readonly string[]): AclRule | undefined {
  const said = new Map<string, string>();
  let family: 4 | 6 | undefined;
  for (const line of lines) {
    const type = /^from ether-type ipv([46])$/.exec(line)?.[1];
    const from = /^from ip-version ipv([46]) (\S+) (\S+)$/.exec(line);
    const action = /^then (accept|discard)$/.exec(line)?.[1];
    if (type !== undefined) family = Number(type) as 4 | 6;
    // Two values of one condition are either of them: nothing ours says.
    else if (from !== null && !said.has(from[2] as string)) said.set(from[2] as string, from[3] as string);
    else if (action !== undefined && !said.has('then')) said.set('then', action);
    else return undefined;
  }
  const take = (name: string): string | undefined => {
    const value = said.get(name);
    said.delete(name);
    return value;
  };
  if (family === undefined) return undefined;
  const six = family === 6 ? '6' : '';
  const [word, ports, kind] = [
    take(six === '' ? 'ip-protocol' : 'next-header'),
    take('destination-port'),
    take('icmp-type'),
  ];
  const rule: AclRule = {
    action: take('then') === 'accept' ? 'allow' : 'deny',
    family,
    protocol: word === undefined ? 'any' : (PROTOCOLS[word] ?? 'any'),
    source: take(`ip${six}-source-address`)?.toLowerCase() ?? null,
    destination: take(`ip${six}-destination-address`)?.toLowerCase() ?? null,
    ports: null,
  };
  const range = /^(\d+)(?:-(\d+))?$/.exec(ports ?? '');
  if (range !== null) rule.ports = [Number(range[1]), Number(range[2] ?? range[1])];
  if (kind !== undefined) rule.icmpType = Number(kind);
  const strange =
    said.size > 0 ||
    (word !== undefined && PROTOCOLS[word] === undefined) ||
    (ports !== undefined && range === null) ||
    (kind !== undefined && !/^\d+$/.test(kind));
  return strange ? undefined : rule;
}
