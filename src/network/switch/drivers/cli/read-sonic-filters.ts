import type { AclRule } from '#contracts/switches';
import type { AclConfig } from '../../model/config.ts';
import { boundText } from './filters.ts';
import { closed, filtersBound } from './read-filters.ts';

type Facts = Readonly<Record<string, unknown>>;
type Rows = Readonly<Record<string, Facts>> | undefined;

/** Filters out of SONiC's `ACL_TABLE` and `ACL_RULE`: by the name of their port. */
export function readSonicFilters(tables: Rows, rules: Rows): (port: string) => AclConfig {
  const bound = new Map<string, string[]>();
  for (const [name, facts] of Object.entries(tables ?? {})) {
    const family = { L3: 4 as const, L3V6: 6 as const }[String(facts['type']).toUpperCase()] ?? 0;
    // Of what others are for (mirrors, the switch's own services), no frame of a machine is judged.
    if (family === 0 && /^(?:MIRROR|CTRLPLANE)/i.test(String(facts['type']))) continue;
    const text = boundText(String(facts['stage']).toLowerCase() === 'egress' ? 'out' : 'in', family, name);
    for (const port of portsOf(facts['ports'])) bound.set(port, [...(bound.get(port) ?? []), text]);
  }
  return (port) =>
    filtersBound(bound.get(port) ?? [], (family, name) => {
      const here = Object.entries(rules ?? {}).filter(([key]) => key.startsWith(`${name}|`));
      const sorted = here.map(([, facts]) => facts).sort((a, b) => Number(b['PRIORITY']) - Number(a['PRIORITY']));
      const list = sorted.map((facts) => ruleOf(family as 4 | 6, facts));
      return list.includes(undefined) ? undefined : closed(family as 4 | 6, list as AclRule[]);
    });
}

const portsOf = (said: unknown): string[] =>
  Array.isArray(said) ? said.map(String) : typeof said === 'string' ? said.split(',').filter((one) => one !== '') : [];

const PROTOCOLS: Readonly<Record<4 | 6, Readonly<Record<string, AclRule['protocol']>>>> = {
  4: { '6': 'tcp', '17': 'udp', '1': 'icmp' },
  6: { '6': 'tcp', '17': 'udp', '58': 'icmp' },
};

/** undefined: no rule of ours reads so. */
function ruleOf(family: 4 | 6, facts: Facts): AclRule | undefined {
  const said = new Map(Object.entries(facts).map(([name, value]) => [name.toUpperCase(), String(value)]));
  const take = (name: string): string | undefined => {
    const value = said.get(name);
    said.delete(name);
    return value;
  };
  take('PRIORITY');
  const six = family === 6 ? 'V6' : '';
  const action = take('PACKET_ACTION');
  const match = family === 4 ? take('ETHER_TYPE') : take('IP_TYPE');
  const number = take('IP_PROTOCOL') ?? take('NEXT_HEADER');
  const protocol = number === undefined ? 'any' : PROTOCOLS[family][number];
  const range = /^(\d+)(?:-(\d+))?$/.exec(take('L4_DST_PORT') ?? take('L4_DST_PORT_RANGE') ?? '');
  const kind = take(`ICMP${six}_TYPE`);
  const rule: AclRule = {
    action: action === 'FORWARD' || action === 'ACCEPT' ? 'allow' : 'deny',
    family,
    protocol: protocol ?? 'any',
    source: anywhere(take(`SRC_IP${six}`)),
    destination: anywhere(take(`DST_IP${six}`)),
    ports: range === null ? null : [Number(range[1]), Number(range[2] ?? range[1])],
    ...(kind === undefined ? {} : { icmpType: Number(kind) }),
  };
  const right =
    (action === 'FORWARD' || action === 'ACCEPT' || action === 'DROP') &&
    protocol !== undefined &&
    ['2048', '0x0800', '0x800', 'IPV6ANY', undefined].includes(match?.replace(/^IPV6ANY$/i, 'IPV6ANY'));
  return right && said.size === 0 ? rule : undefined;
}

const anywhere = (cidr: string | undefined): string | null =>
  cidr === undefined || cidr.endsWith('/0') ? null : cidr.toLowerCase();
