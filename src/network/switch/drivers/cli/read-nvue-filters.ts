import type { AclRule } from '#contracts/switches';
import type { AclConfig } from '../../model/config.ts';
import { boundText, type ListFamily } from './filters.ts';
import { closed, filtersBound } from './read-filters.ts';

interface List {
  family: ListFamily;
  /** What is said of a rule, by its number. */
  rules: Map<number, string[]>;
}

/** Filters out of NVUE's `nv set` commands: by the name of their port. */
export function readNvueFilters(text: string, names: (said: string) => readonly string[]): (port: string) => AclConfig {
  const lists = new Map<string, List>();
  const bound = new Map<string, [name: string, direction: string][]>();
  for (const line of text.split('\n')) {
    const at = /^nv set acl (\S+) (.+?)\s*$/.exec(line);
    if (at !== null) {
      const [, name = '', said = ''] = at;
      const list: List = lists.get(name) ?? { family: 0, rules: new Map() };
      lists.set(name, list);
      const type = /^type ipv([46])$/.exec(said)?.[1];
      if (type !== undefined) list.family = Number(type) as 4 | 6;
      const rule = /^rule (\d+) (.+)$/.exec(said);
      if (rule === null) continue;
      const n = Number(rule[1]);
      list.rules.set(n, [...(list.rules.get(n) ?? []), rule[2] as string]);
    }
    const port = /^nv set interface (\S+) acl (\S+) (in|out)bound\s*$/.exec(line);
    for (const one of port === null ? [] : names(port[1] as string)) {
      bound.set(one, [...(bound.get(one) ?? []), [port?.[2] as string, port?.[3] as string]]);
    }
  }
  return (port) => {
    const here = bound.get(port) ?? [];
    const texts = here.map(([name, direction]) => boundText(direction, lists.get(name)?.family ?? 0, name));
    return filtersBound(texts, (family, name) => rulesOf(family as 4 | 6, lists.get(name)));
  };
}

/** undefined: no list of ours reads so. */
function rulesOf(family: 4 | 6, list: List | undefined): AclRule[] | undefined {
  const sorted = [...(list?.rules ?? [])].sort(([a], [b]) => a - b);
  const rules = sorted.map(([, said]) => ruleOf(family, said));
  return rules.includes(undefined) ? undefined : closed(family, rules as AclRule[]);
}

const KINDS: Readonly<Record<string, number>> = {
  'echo-reply': 0,
  'dest-unreachable': 3,
  'echo-request': 8,
  'time-exceeded': 11,
  'router-solicitation': 133,
  'router-advertisement': 134,
  'neighbor-solicitation': 135,
  'neighbor-advertisement': 136,
};

function ruleOf(family: 4 | 6, lines: readonly string[]): AclRule | undefined {
  const rule: AclRule = { action: 'deny', family, protocol: 'any', source: null, destination: null, ports: null };
  let acts = false;
  for (const line of lines) {
    const [, what = '', value = ''] = /^(.+) (\S+)$/.exec(line) ?? [];
    const protocol = { tcp: 'tcp', udp: 'udp', icmp: 'icmp', icmpv6: 'icmp' }[value] as AclRule['protocol'] | undefined;
    const ports = /^(\d+)(?::(\d+))?$/.exec(value);
    const kind = /^\d+$/.test(value) ? Number(value) : KINDS[value];
    if (what === 'action' && (value === 'permit' || value === 'deny')) {
      rule.action = value === 'permit' ? 'allow' : 'deny';
      acts = true;
    } else if (what === 'match ip source-ip') rule.source = anywhere(family, value);
    else if (what === 'match ip dest-ip') rule.destination = anywhere(family, value);
    else if (what === 'match ip protocol' && protocol !== undefined) rule.protocol = protocol;
    else if (/^match ip (?:tcp |udp )?dest-port$/.test(what) && ports !== null) {
      rule.ports = [Number(ports[1]), Number(ports[2] ?? ports[1])];
    } else if (/^match ip icmp(?:v6)?-type$/.test(what) && kind !== undefined) rule.icmpType = kind;
    else return undefined;
  }
  return acts ? rule : undefined;
}

const anywhere = (family: 4 | 6, said: string): string | null => {
  if (said.toLowerCase() === 'any' || said.endsWith('/0')) return null;
  return said.includes('/') ? said.toLowerCase() : `${said.toLowerCase()}/${family === 4 ? 32 : 128}`;
};
