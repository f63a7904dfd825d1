import type { RowCache } from '#protocols/ovsdb/cache';
import { byUuid, NamedUuid, type Operation, type Values } from '#protocols/ovsdb/index';
import { errors } from '../../errors.ts';
import type { AclConfig, LagConfig, PortConfig } from '../../model/config.ts';
import type { ChangeSet, LagChange, SwitchTarget } from '../contract.ts';
import { DESCRIPTION, FILTERS, findPorts, type Found, items, lagName, PAIR_KEY, SHUT } from './rows.ts';

/** The operations of one transaction that makes the changes. Throws `SwitchNoPort` for a port that went meanwhile. */
export function operationsFor(cache: RowCache, changes: ChangeSet, target: SwitchTarget): Operation[] {
  const found = findPorts(cache, target);
  const get = (port: string): Found => {
    const one = found.get(port);
    if (one === undefined) throw errors.SwitchNoPort(target.name, port);
    return one;
  };
  const operations: Operation[] = [];
  /** Bridge → rows of ports to take out and to put in. */
  const bridges = new Map<string, { out: Set<string>; in: NamedUuid[] }>();
  const bridge = (uuid: string) => {
    let one = bridges.get(uuid);
    if (one === undefined) bridges.set(uuid, (one = { out: new Set(), in: [] }));
    return one;
  };
  const insert = (at: string, name: string, interfaces: readonly string[], values: Values) => {
    const row = new NamedUuid(`port_${name.replaceAll(/\W/g, '_')}_${operations.length}`);
    operations.push({ op: 'insert', table: 'Port', name: row.name, row: { name, interfaces, ...values } });
    bridge(at).in.push(row);
  };

  const bundled = new Set(changes.ports.filter(({ from }) => from.lag !== null).map(({ port }) => port));
  for (const lag of changes.lags) makeLag(lag, get, bridge, insert, operations, bundled, target);
  for (const { port, from, to } of changes.ports) {
    const { portUuid, interface: one, interfaceUuid, bridge: at } = get(port);
    if (to.lag === null) {
      // Out of a bond: it gets a port of its own. Into one, or staying in it: done with the bond.
      if (from.lag !== null) insert(at, port, [interfaceUuid], vlanValues(to, target));
      else operations.push({ op: 'update', table: 'Port', where: byUuid(portUuid), row: vlanValues(to, target) });
    }
    const values: Record<string, Values[string]> = {};
    if (to.mtu !== null) values['mtu_request'] = to.mtu;
    const ids = new Map(one['external_ids'] as ReadonlyMap<string, string>);
    if (to.description !== null) ids.set(DESCRIPTION, to.description);
    const filters = to.acl === null ? undefined : filtersText(to.acl);
    if (filters === null) ids.delete(FILTERS);
    else if (filters !== undefined) ids.set(FILTERS, filters);
    if (to.enabled) ids.delete(SHUT);
    else ids.set(SHUT, 'true');
    if (to.description !== null || to.acl !== null || to.enabled !== from.enabled) values['external_ids'] = ids;
    if (Object.keys(values).length > 0) {
      operations.push({ op: 'update', table: 'Interface', where: byUuid(interfaceUuid), row: values });
    }
  }
  for (const [uuid, change] of bridges) {
    const ports = new Set(items(cache.row('Bridge', uuid)?.['ports']));
    // Who changed the bridge in between finds out that we did: its rows would be lost otherwise.
    operations.unshift({
      op: 'wait',
      table: 'Bridge',
      where: byUuid(uuid),
      columns: ['ports'],
      until: '==',
      rows: [{ ports }],
    });
    const mutations = [
      ...(change.out.size > 0 ? [['ports', 'delete', [...change.out]] as const] : []),
      ...(change.in.length > 0 ? [['ports', 'insert', change.in] as const] : []),
    ];
    operations.push({ op: 'mutate', table: 'Bridge', where: byUuid(uuid), mutations });
  }
  return operations;
}

function makeLag(
  change: LagChange,
  get: (port: string) => Found,
  bridge: (uuid: string) => { out: Set<string> },
  insert: (at: string, name: string, interfaces: readonly string[], values: Values) => void,
  operations: Operation[],
  bundled: ReadonlySet<string>,
  target: SwitchTarget,
): void {
  const { from, to, group } = change;
  const members = (to?.members ?? []).map((name) => ({ name, ...get(name) }));
  const first = members[0] ?? get(from?.members[0] ?? '');
  const interfaces = members.map(({ interfaceUuid }) => interfaceUuid);
  const own = from === null ? undefined : get(from.members[0] ?? '').portUuid;
  if (to === null) {
    if (own !== undefined) bridge(first.bridge).out.add(own);
    return;
  }
  // The port a member had for itself goes; a bond it leaves says so in its own change.
  for (const { name, portUuid, bridge: at } of members) {
    if (portUuid !== own && !bundled.has(name)) bridge(at).out.add(portUuid);
  }
  const values = { ...vlanValues(to.config, target), ...bondValues(to.lag, interfaces.length) };
  if (own === undefined) insert(first.bridge, lagName(group), interfaces, values);
  else {
    operations.push({ op: 'update', table: 'Port', where: byUuid(own), row: { interfaces, ...values } });
  }
}

/** Filters as they are noted at the port; null for none. */
function filtersText({ in: from, out: to, stateful = false, guard = null }: AclConfig): string | null {
  return from === null && to === null && guard === null ? null : JSON.stringify({ in: from, out: to, stateful, guard });
}

/** What a port says of VLANs. */
function vlanValues({ mode, untagged, tagged, enabled, isolated }: PortConfig, target: SwitchTarget): Values {
  const open = { protected: isolated === true };
  if (!enabled) return { tag: null, trunks: [target.parkingVlan], vlan_mode: 'trunk', protected: true };
  if (mode !== 'trunk') return { tag: untagged, trunks: [], vlan_mode: 'access', ...open };
  const vlans = tagged === 'all' ? [] : tagged;
  if (untagged === null) return { tag: null, trunks: vlans, vlan_mode: 'trunk', ...open };
  // A port nobody ever set up, when it has to be put back.
  if (untagged === 0) return { tag: null, trunks: vlans, vlan_mode: null, ...open };
  const trunks = tagged === 'all' ? [] : [...vlans, untagged];
  return { tag: untagged, trunks, vlan_mode: 'native-untagged', ...open };
}

/**
 * What a port says of bundling. One with a single member is no bond to Open vSwitch, but speaks LACP all the same: over a
 * pair of switches each has its half, and tells the machine the same system and key, so that it takes both for one.
 */
function bondValues(lag: LagConfig, members: number): Values {
  const bonded = members > 1 ? { bond_mode: 'balance-slb' } : {};
  const pair = lag.mlag ? pairOf(lag.group) : {};
  if (lag.mode === 'static') return { lacp: 'off', ...bonded, other_config: pair };
  // A machine that does not speak LACP yet (its firmware, a ramdisk) goes on with one link.
  return { lacp: 'active', ...bonded, other_config: { 'lacp-time': 'fast', 'lacp-fallback-ab': 'true', ...pair } };
}

/** The number of a bond is the same on both switches, and so is what is made of it. */
function pairOf(group: number): Record<string, string> {
  const bytes = [0x06, 0x1a, 0xb1, 0, group >> 8, group & 255].map((byte) => byte.toString(16).padStart(2, '0'));
  return { [PAIR_KEY]: bytes.join(':'), 'lacp-aggregation-key': String(group) };
}
