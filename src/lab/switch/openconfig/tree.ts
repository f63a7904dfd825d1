import { freshPort, type LabConfig, type LabPort } from '../state.ts';

// An emulated switch's configuration as OpenConfig's tree, and changes of that tree.

export type Tree = { readonly [name: string]: unknown };

const ENTITY = /^Port-Channel(\d+)$/;
const groupOf = (name: string): number | null => (ENTITY.test(name) ? Number(ENTITY.exec(name)?.[1]) : null);
export class BadEdit extends Error {}

function switchedVlan(port: LabPort): Tree {
  if (port.mode === 'routed') return {};
  const config =
    port.mode === 'access'
      ? { 'interface-mode': 'ACCESS', 'access-vlan': port.access }
      : {
          'interface-mode': 'TRUNK',
          'native-vlan': port.native,
          'trunk-vlans': port.allowed === 'all' ? ['1..4094'] : [...port.allowed],
        };
  return { 'switched-vlan': { config } };
}

/** `interfaces/interface`. */
export function interfaceTrees(config: LabConfig): Tree[] {
  const facts = (port: LabPort) => ({
    name: port.name,
    enabled: !port.shut,
    mtu: port.mtu,
    ...(port.description === '' ? {} : { description: port.description }),
  });
  return [
    ...[...config.ports.values()].map((port) => ({
      name: port.name,
      config: { ...facts(port), type: 'ethernetCsmacd' },
      ethernet: {
        config: port.channel === null ? {} : { 'aggregate-id': `Port-Channel${port.channel}` },
        ...(port.channel === null ? switchedVlan(port) : {}),
      },
    })),
    ...[...config.channels.values()].map((bond) => ({
      name: bond.name,
      config: { ...facts(bond), type: 'ieee8023adLag' },
      aggregation: { config: { 'lag-type': bond.channelMode === 'active' ? 'LACP' : 'STATIC' }, ...switchedVlan(bond) },
    })),
  ];
}

/** `vlans/vlan`. */
export const vlanTrees = (config: LabConfig): Tree[] =>
  [...config.vlans].map(([id, name]) => ({ 'vlan-id': id, config: { 'vlan-id': id, name } }));

export function addVlan(config: LabConfig, id: number, name: string): void {
  if (!(id >= 1 && id <= 4094)) throw new BadEdit(`bad vlan-id ${id}`);
  config.vlans.set(id, name);
}

/** The interface of that name; a bond is made when it is not there. */
export function interfaceAt(config: LabConfig, name: string): LabPort {
  const group = groupOf(name);
  const known = group === null ? config.ports.get(name) : config.channels.get(group);
  if (known !== undefined) return known;
  if (group === null) throw new BadEdit(`there is no interface ${name}`);
  const bond = { ...freshPort(name), channelMode: 'active' };
  config.channels.set(group, bond);
  return bond;
}

export function removeInterface(config: LabConfig, name: string): void {
  const group = groupOf(name);
  if (group === null) throw new BadEdit(`${name} cannot be removed`);
  if ([...config.ports.values()].some(({ channel }) => channel === group)) throw new BadEdit(`${name} has members`);
  config.channels.delete(group);
}

/** `config` of an interface. */
export function setFacts(port: LabPort, facts: Tree): void {
  if (facts['enabled'] !== undefined) port.shut = String(facts['enabled']) === 'false';
  if (facts['mtu'] !== undefined) port.mtu = Number(facts['mtu']);
  if (facts['description'] !== undefined) port.description = String(facts['description']);
}

/** `aggregate-id`; null takes it away. */
export function setAggregate(config: LabConfig, port: LabPort, bond: string | null): void {
  if (bond === null) {
    port.channel = null;
    return;
  }
  const group = groupOf(bond);
  if (group === null || !config.channels.has(group)) throw new BadEdit(`there is no ${bond}`);
  port.channel = group;
}

/** `switched-vlan/config`, in place of what was there. */
export function setVlans(config: LabConfig, port: LabPort, facts: Tree, refused: number | null): void {
  const list = facts['trunk-vlans'];
  const items = (Array.isArray(list) ? list : list === undefined ? [] : [list]).map(String);
  const vlans = new Set<number>();
  for (const item of items) {
    const [first = 0, last = first] = item.split('..').map(Number);
    for (let id = first; id <= last; id++) vlans.add(id);
  }
  const access = Number(facts['access-vlan'] ?? 1);
  const native = Number(facts['native-vlan'] ?? 1);
  const trunk = facts['interface-mode'] === 'TRUNK';
  for (const id of trunk ? [...vlans, native] : [access]) {
    if (id === refused) throw new BadEdit(`VLAN ${id} is reserved`);
    if (!config.vlans.has(id) && vlans.size < 4094) throw new BadEdit(`VLAN ${id} does not exist`);
  }
  Object.assign(port, { mode: trunk ? 'trunk' : 'access', access, native });
  port.allowed = items.length === 0 || vlans.size >= 4094 ? 'all' : vlans;
}
