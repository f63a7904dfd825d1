import type { LabAce, LabConfig, LabPort } from '../state.ts';
import { BadEdit, interfaceAt, type Tree } from './tree.ts';

// Access lists of an emulated switch as openconfig-acl has them, from XML and from JSON.

const list = (value: unknown): Tree[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]) as Tree[];
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>(
    (node, name) => (typeof node === 'object' && node !== null ? (node as Tree)[name] : undefined),
    value,
  );
const said = (value: unknown): string =>
  String(typeof value === 'object' && value !== null ? ((value as Tree)['#text'] ?? '') : (value ?? ''));
const bare = (identity: string): string => identity.slice(identity.indexOf(':') + 1);

function familyOf(type: unknown): 4 | 6 {
  const name = bare(said(type));
  if (name === 'ACL_IPV4') return 4;
  if (name === 'ACL_IPV6') return 6;
  throw new BadEdit(`this switch has no access lists of type ${name || '(none)'}`);
}

/** What is below a node and not in its model. */
function nothingElse(node: unknown, names: readonly string[], where: string): void {
  if (typeof node !== 'object' || node === null) return;
  for (const name of Object.keys(node)) {
    if (!name.startsWith('@') && name !== '#text' && !names.includes(name))
      throw new BadEdit(`unknown element ${where}/${name}`);
  }
}

/** `acl-sets/acl-set`, in place of what was there under its name and type. */
export function putAclSet(config: LabConfig, tree: Tree): void {
  nothingElse(tree, ['name', 'type', 'config', 'acl-entries'], 'acl-set');
  const family = familyOf(tree['type']);
  const name = said(tree['name']);
  if (!/^[\w-]{1,63}$/.test(name)) throw new BadEdit(`bad name of an access list: ${name}`);
  if (said(at(tree, 'config', 'name')) !== name || familyOf(at(tree, 'config', 'type')) !== family) {
    throw new BadEdit(`the keys of ${name} are not what its config says`);
  }
  const found = new Map<number, LabAce>();
  for (const entry of list(at(tree, 'acl-entries', 'acl-entry'))) {
    const sequence = Number(said(entry['sequence-id']));
    if (!Number.isInteger(sequence) || sequence < 1) throw new BadEdit(`bad sequence-id in ${name}`);
    if (Number(said(at(entry, 'config', 'sequence-id'))) !== sequence)
      throw new BadEdit(`sequence-id ${sequence} is not its key`);
    if (found.has(sequence)) throw new BadEdit(`sequence-id ${sequence} is there twice in ${name}`);
    found.set(sequence, aceOf(entry, family));
  }
  const aces = [...found].sort(([a], [b]) => a - b).map(([, ace]) => ace);
  config.lists.set(`${family}:${name}`, aces);
}

const NUMBERS: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp', '58': 'icmpv6' };
const IDENTITIES: Readonly<Record<string, string>> = { IP_TCP: 'tcp', IP_UDP: 'udp', IP_ICMP: 'icmp' };

function aceOf(entry: Tree, family: 4 | 6): LabAce {
  nothingElse(entry, ['sequence-id', 'config', `ipv${family}`, 'transport', 'actions'], 'acl-entry');
  const ip = at(entry, `ipv${family}`, 'config');
  const transport = at(entry, 'transport', 'config');
  nothingElse(ip, ['source-address', 'destination-address', 'protocol'], `ipv${family}/config`);
  nothingElse(transport, ['destination-port'], 'transport/config');
  const action = bare(said(at(entry, 'actions', 'config', 'forwarding-action')));
  if (action !== 'ACCEPT' && action !== 'DROP') throw new BadEdit('forwarding-action is mandatory');
  const number = said(at(ip, 'protocol'));
  const protocol = number === '' ? 'any' : (NUMBERS[number] ?? IDENTITIES[bare(number)]);
  if (protocol === undefined) throw new BadEdit(`bad protocol ${number}`);
  const port = said(at(transport, 'destination-port'));
  if (port !== '' && protocol !== 'tcp' && protocol !== 'udp') throw new BadEdit('ports need tcp or udp');
  return {
    action: action === 'ACCEPT' ? 'permit' : 'deny',
    protocol,
    source: prefix(said(at(ip, 'source-address')), family),
    destination: prefix(said(at(ip, 'destination-address')), family),
    ports: port === '' ? null : portsOf(port),
    kind: null,
  };
}

function prefix(text: string, family: 4 | 6): string {
  if (text === '') return 'any';
  const good = family === 4 ? /^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/ : /^[\da-f:]*:[\da-f:.]*\/\d{1,3}$/i;
  if (!good.test(text)) throw new BadEdit(`${text} is no ipv${family}-prefix`);
  return text;
}

function portsOf(text: string): [number, number] {
  const range = /^(\d{1,5})(?:\.\.(\d{1,5}))?$/.exec(text);
  const [from, to] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])];
  if (!(from <= to && to <= 65_535)) throw new BadEdit(`${text} is no port-num-range`);
  return [from, to];
}

export function removeAclSet(config: LabConfig, name: string, type: string): void {
  config.lists.delete(`${familyOf(type)}:${name}`);
}

const WORDS = { in: 'ingress', out: 'egress' } as const;

/** `acl/interfaces/interface`, in place of what was there. */
export function putAclInterface(config: LabConfig, tree: Tree): void {
  nothingElse(tree, ['id', 'config', 'interface-ref', 'ingress-acl-sets', 'egress-acl-sets'], 'interface');
  const id = said(tree['id']);
  const of = said(at(tree, 'interface-ref', 'config', 'interface'));
  if (id === '' || said(at(tree, 'config', 'id')) !== id)
    throw new BadEdit('the key of the interface is not what its config says');
  const port = interfaceAt(config, of === '' ? id : of);
  const filters: Record<string, string> = {};
  for (const direction of ['in', 'out'] as const) {
    const word = WORDS[direction];
    for (const one of list(at(tree, `${word}-acl-sets`, `${word}-acl-set`))) {
      const key = `${direction}${familyOf(one['type'])}`;
      if (key in filters) throw new BadEdit(`one ${word} access list of a type per interface`);
      filters[key] = said(one['set-name']);
    }
  }
  port.filters = filters;
}

export function removeAclInterface(config: LabConfig, id: string): void {
  interfaceAt(config, id).filters = {};
}

/** What refers to an access list refers to one that is there. */
export function checkAcls(config: LabConfig): void {
  for (const port of [...config.ports.values(), ...config.channels.values()]) {
    for (const [key, name] of Object.entries(port.filters)) {
      if (!config.lists.has(`${key.slice(-1)}:${name}`)) {
        throw new BadEdit(`${port.name}: there is no access list ${name} of IPv${key.slice(-1)}`);
      }
    }
  }
}

/** All of `acl`. `prefixed`: how identities of a module are written. */
export function aclTree(config: LabConfig, prefixed: (module: string, identity: string) => string): Tree {
  const type = (family: string) => prefixed('openconfig-acl', `ACL_IPV${family}`);
  const sets = [...config.lists].map(([key, aces]) => ({
    name: key.slice(2),
    type: type(key.slice(0, 1)),
    config: { name: key.slice(2), type: type(key.slice(0, 1)) },
    'acl-entries': { 'acl-entry': aces.map((ace, i) => aceTree(ace, key.slice(0, 1), (i + 1) * 10, prefixed)) },
  }));
  const bound = [...config.ports.values(), ...config.channels.values()].filter(
    ({ filters }) => Object.keys(filters).length > 0,
  );
  return { 'acl-sets': { 'acl-set': sets }, interfaces: { interface: bound.map((port) => boundTree(port, type)) } };
}

function aceTree(
  ace: LabAce,
  family: string,
  sequence: number,
  prefixed: (module: string, identity: string) => string,
): Tree {
  const protocol = Object.entries(IDENTITIES).find(([, word]) => word === ace.protocol)?.[0];
  const ip = {
    ...(ace.source === 'any' ? {} : { 'source-address': ace.source }),
    ...(ace.destination === 'any' ? {} : { 'destination-address': ace.destination }),
    ...(protocol === undefined ? {} : { protocol: prefixed('openconfig-packet-match-types', protocol) }),
    ...(ace.protocol === 'icmpv6' ? { protocol: 58 } : {}),
  };
  const [from, to] = ace.ports ?? [0, 0];
  return {
    'sequence-id': sequence,
    config: { 'sequence-id': sequence },
    [`ipv${family}`]: { config: ip },
    transport: { config: ace.ports === null ? {} : { 'destination-port': from === to ? from : `${from}..${to}` } },
    actions: {
      config: { 'forwarding-action': prefixed('openconfig-acl', ace.action === 'permit' ? 'ACCEPT' : 'DROP') },
    },
  };
}

function boundTree({ name, filters }: LabPort, type: (family: string) => string): Tree {
  const sets = (direction: 'in' | 'out') => {
    const items = Object.entries(filters).flatMap(([key, set]) => {
      if (!key.startsWith(direction)) return [];
      const facts = { 'set-name': set, type: type(key.slice(-1)) };
      return [{ ...facts, config: facts }];
    });
    return items.length === 0 ? {} : { [`${WORDS[direction]}-acl-sets`]: { [`${WORDS[direction]}-acl-set`]: items } };
  };
  return {
    id: name,
    config: { id: name },
    'interface-ref': { config: { interface: name } },
    ...sets('in'),
    ...sets('out'),
  };
}
