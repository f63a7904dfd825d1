import type { LabAce, LabConfig, LabPort } from '../state.ts';
import { Refused } from './dialect.ts';

// `nv set acl`: lists have a type, rules a number. A list without a type yet is of family 0.

const familyOf = (config: LabConfig, name: string): 0 | 4 | 6 => {
  for (const family of [4, 6] as const) if (config.lists.has(`${family}:${name}`)) return family;
  return 0;
};
const KINDS: Readonly<Record<string, number>> = { 'echo-request': 8, 'router-advertisement': 134 };

/** `nv set acl …`, `nv unset acl …`. */
export function changeAcl(config: LabConfig, text: string, unset: boolean): void {
  const [, name = '', rest] = /^acl ([\w-]+)(?: (.+))?$/.exec(text) ?? [];
  const bad = () => new Refused('Error: Invalid parameter\n');
  if (name === '') throw bad();
  const key = `${familyOf(config, name)}:${name}`;
  if (unset) {
    if (rest !== undefined) throw bad();
    // What is not there is not there after.
    config.lists.delete(key);
    return;
  }
  const type = /^type ipv([46])$/.exec(rest ?? '')?.[1];
  if (type !== undefined) {
    const list = config.lists.get(key) ?? [];
    config.lists.delete(key);
    config.lists.set(`${type}:${name}`, list);
    return;
  }
  const [, number = '', what = '', value = ''] = /^rule (\d{1,5}) (.+) (\S+)$/.exec(rest ?? '') ?? [];
  if (number === '') throw bad();
  const list = config.lists.get(key) ?? [];
  config.lists.set(key, list);
  let ace = list.find((one) => one.name === number);
  if (ace === undefined) {
    const any = { source: 'any', destination: 'any', protocol: 'any', ports: null, kind: null } as const;
    // Without an action yet.
    list.push((ace = { action: 'deny', family: null, name: number, ...any }));
    list.sort((a, b) => Number(a.name) - Number(b.name));
  }
  if (!say(ace, what, value)) throw bad();
}

function say(ace: LabAce, what: string, value: string): boolean {
  const ports = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(value);
  const transport = /^match ip (tcp|udp) dest-port$/.exec(what)?.[1];
  if (what === 'action' && (value === 'permit' || value === 'deny')) {
    ace.action = value;
    // It has one now.
    delete ace.family;
  } else if (what === 'match ip source-ip' && /^[\da-f.:]+(?:\/\d+)?$/.test(value)) ace.source = value;
  else if (what === 'match ip dest-ip' && /^[\da-f.:]+(?:\/\d+)?$/.test(value)) ace.destination = value;
  else if (what === 'match ip protocol' && ['tcp', 'udp', 'icmp', 'icmpv6'].includes(value)) ace.protocol = value;
  else if (transport !== undefined && transport === ace.protocol && ports !== null) {
    ace.ports = [Number(ports[1]), Number(ports[2] ?? ports[1])];
  } else if (/^match ip icmp(?:v6)?-type$/.test(what) && ace.protocol.startsWith('icmp')) {
    ace.kind = /^\d+$/.test(value) ? Number(value) : (KINDS[value] ?? 0);
  } else return false;
  return true;
}

/** `acl NAME inbound` of an interface. False: it is not understood. */
export function bindAcl(
  config: LabConfig,
  port: LabPort,
  name: string,
  way: string | undefined,
  unset: boolean,
): boolean {
  if (unset) {
    for (const [key, bound] of Object.entries(port.filters)) if (bound === name) delete port.filters[key];
    return true;
  }
  if (way === undefined) return false;
  port.filters[`${way === 'inbound' ? 'in' : 'out'}${familyOf(config, name)}`] = name;
  return true;
}

/** What `nv config apply` says against the lists; null: nothing. */
export function aclProblem(config: LabConfig): string | null {
  for (const [key, list] of config.lists) {
    if (key.startsWith('0')) return `acl ${key.slice(2)}: type is required`;
    const idle = list.find(({ family }) => family === null);
    if (idle !== undefined) return `acl ${key.slice(2)} rule ${idle.name}: action is required`;
  }
  for (const port of [...config.ports.values(), ...config.channels.values()]) {
    for (const [key, name] of Object.entries(port.filters)) {
      if (!config.lists.has(`${key.slice(-1)}:${name}`)) return `interface ${port.name}: acl ${name} does not exist`;
    }
  }
  return null;
}

/** What `nv config show -o commands` has of all lists. */
export const showAcls = (config: LabConfig): string[] =>
  [...config.lists].flatMap(([key, list]) => {
    const name = key.slice(2);
    const rules = list.flatMap((ace) => ruleLines(ace).map((line) => `nv set acl ${name} rule ${ace.name} ${line}`));
    return [...rules, `nv set acl ${name} type ipv${key.slice(0, 1)}`];
  });

function ruleLines(ace: LabAce): string[] {
  const kind = Object.entries(KINDS).find(([, number]) => number === ace.kind)?.[0] ?? ace.kind;
  return [
    `action ${ace.action}`,
    ...(ace.destination === 'any' ? [] : [`match ip dest-ip ${ace.destination}`]),
    ...(ace.kind === null ? [] : [`match ip ${ace.protocol}-type ${kind}`]),
    ...(ace.protocol === 'any' ? [] : [`match ip protocol ${ace.protocol}`]),
    ...(ace.source === 'any' ? [] : [`match ip source-ip ${ace.source}`]),
    ...(ace.ports === null
      ? []
      : [`match ip ${ace.protocol} dest-port ${ace.ports[0] === ace.ports[1] ? ace.ports[0] : ace.ports.join(':')}`]),
  ];
}
