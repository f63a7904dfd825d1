import type { LabAce, LabConfig } from '../state.ts';
import { Refused } from './dialect.ts';

// Filters of `family ethernet-switching`: terms in the order they were made, each with conditions and what follows.

const SYNTAX = '             ^\nsyntax error.\n';
const PROTOCOLS: Readonly<Record<4 | 6, readonly string[]>> = {
  4: ['tcp', 'udp', 'icmp'],
  6: ['tcp', 'udp', 'icmp6'],
};

/** `set` or `delete` below `firewall`. */
export function changeFilter(config: LabConfig, path: string, remove: boolean): string {
  const said =
    /^firewall family ethernet-switching filter ([\w-]{1,64})(?: term ([\w-]{1,64}) (from|then) (.+))?$/.exec(path);
  if (said === null) throw new Refused(SYNTAX);
  const [, name = '', term, part, rest = ''] = said;
  const key = `0:${name}`;
  if (remove) {
    if (term !== undefined) throw new Refused(SYNTAX);
    return config.lists.delete(key) ? '' : 'warning: statement not found\n';
  }
  const list = config.lists.get(key) ?? [];
  config.lists.set(key, list);
  if (term === undefined) return '';
  let ace = list.find((one) => one.name === term);
  if (ace === undefined) {
    // A term that says nothing of it accepts.
    const any = { source: 'any', destination: 'any', protocol: 'any', ports: null, kind: null } as const;
    list.push((ace = { action: 'permit', family: null, name: term, ...any }));
  }
  if (part === 'then') {
    if (rest !== 'accept' && rest !== 'discard') throw new Refused(SYNTAX);
    ace.action = rest === 'accept' ? 'permit' : 'deny';
    return '';
  }
  condition(ace, rest);
  return '';
}

function condition(ace: LabAce, text: string): void {
  const type = /^ether-type ipv([46])$/.exec(text)?.[1];
  if (type !== undefined) {
    ace.family = Number(type) as 4 | 6;
    return;
  }
  const [, version = '', what = '', value = ''] = /^ip-version ipv([46]) ([\w-]+) (\S+)$/.exec(text) ?? [];
  const family = Number(version) as 4 | 6;
  const network = family === 4 ? /^[\d.]+\/\d{1,2}$/ : /^[\da-f:]+\/\d{1,3}$/;
  const word = family === 4 ? 'ip' : 'ip6';
  const ports = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value);
  if (what === `${word}-source-address` && network.test(value)) ace.source = value;
  else if (what === `${word}-destination-address` && network.test(value)) ace.destination = value;
  else if (what === (family === 4 ? 'ip-protocol' : 'next-header') && PROTOCOLS[family].includes(value)) {
    ace.protocol = value;
  } else if (what === 'destination-port' && ports !== null) {
    ace.ports = [Number(ports[1]), Number(ports[2] ?? ports[1])];
  } else if (what === 'icmp-type' && /^\d{1,3}$/.test(value) && Number(value) <= 255) ace.kind = Number(value);
  else throw new Refused(SYNTAX);
}

/** What a commit says against the filters; null: nothing. */
export function filterProblem(config: LabConfig): string | null {
  for (const port of [...config.ports.values(), ...config.channels.values()]) {
    for (const name of Object.values(port.filters)) {
      const list = config.lists.get(`0:${name}`);
      if (list === undefined) return `Referenced filter '${name}' is not defined (interface ${port.name})`;
      if (list.length === 0) return `Filter '${name}' has no terms`;
    }
  }
  return null;
}

/** `display set` of all filters. */
export const showFilters = (config: LabConfig): string[] =>
  [...config.lists].flatMap(([key, list]) => list.flatMap((ace) => termLines(key.slice(2), ace)));

function termLines(filter: string, ace: LabAce): string[] {
  const six = ace.family === 6;
  const from = `from ip-version ipv${ace.family}`;
  const word = six ? 'ip6' : 'ip';
  const lines = [
    ...(ace.family == null ? [] : [`from ether-type ipv${ace.family}`]),
    ...(ace.source === 'any' ? [] : [`${from} ${word}-source-address ${ace.source}`]),
    ...(ace.destination === 'any' ? [] : [`${from} ${word}-destination-address ${ace.destination}`]),
    ...(ace.protocol === 'any' ? [] : [`${from} ${six ? 'next-header' : 'ip-protocol'} ${ace.protocol}`]),
    ...(ace.ports === null
      ? []
      : [`${from} destination-port ${ace.ports[0] === ace.ports[1] ? ace.ports[0] : ace.ports.join('-')}`]),
    ...(ace.kind === null ? [] : [`${from} icmp-type ${ace.kind}`]),
    `then ${ace.action === 'permit' ? 'accept' : 'discard'}`,
  ];
  return lines.map((line) => `set firewall family ethernet-switching filter ${filter} term ${ace.name} ${line}`);
}
