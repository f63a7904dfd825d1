import type { Row, Value } from '#protocols/ovsdb/index';
import type { RowCache } from '#protocols/ovsdb/cache';
import type { AclConfig, PortConfig } from '../../model/config.ts';
import { FOREIGN_FILTER, NO_FILTER, PLAIN_PORT } from '../../model/config.ts';
import type { SwitchTarget } from '../contract.ts';
import { type FlowPort, flowsOf } from './flows.ts';
import { normal } from './openflow.ts';

/** What of Open vSwitch's database is looked at. */
export const OVS_TABLES = {
  Open_vSwitch: ['next_cfg', 'cur_cfg', 'datapath_types'],
  Bridge: ['name', 'ports'],
  Port: ['name', 'interfaces', 'tag', 'trunks', 'vlan_mode', 'lacp', 'protected', 'other_config', 'external_ids'],
  Interface: ['name', 'type', 'mtu_request', 'external_ids', 'ofport'],
} as const;

/** Where descriptions are kept. */
export const DESCRIPTION = 'ingot-description';
/** What filters a port shall have: the flows in the switch say only whether it has them. */
export const FILTERS = 'ingot-filters';
/** Noted at an interface that carries nothing: a switch that can would cut its link. */
export const SHUT = 'ingot-shut';
/** The integration bridge of OVN is no switch of machines. */
const INTEGRATION = 'br-int';
/** No cables: ends of patches, tunnels and the bridge itself. */
const NO_CABLE = new Set(['patch', 'geneve', 'vxlan', 'gre', 'stt']);

/** A port of the switch, with the row that holds its VLANs. */
export interface Found {
  bridge: string;
  portUuid: string;
  port: Row;
  interfaceUuid: string;
  interface: Row;
  members: number;
  /** OpenFlow's numbers: its own, and the first of its bond's. null while the switch has none for it. */
  flows: FlowPort | null;
}

/** Ports by interface name, over the bridges that are switches of machines. */
export function findPorts(cache: RowCache, target: SwitchTarget): Map<string, Found> {
  const found = new Map<string, Found>();
  const wanted = target.options['bridge'];
  for (const [bridge, row] of cache.table('Bridge')) {
    if (wanted === undefined ? row['name'] === INTEGRATION : row['name'] !== wanted) continue;
    for (const portUuid of items(row['ports'])) {
      const port = cache.row('Port', portUuid);
      if (port === undefined || port['name'] === row['name']) continue;
      const interfaces = items(port['interfaces']);
      const numbers = interfaces.map((uuid) => Number(cache.row('Interface', uuid)?.['ofport'] ?? -1));
      const first = Math.min(...numbers.filter((number) => number > 0));
      for (const [i, uuid] of interfaces.entries()) {
        const number = numbers[i] as number;
        const one = cache.row('Interface', uuid);
        if (one === undefined || NO_CABLE.has(String(one['type']))) continue;
        const name = String(one['name']);
        found.set(name, {
          bridge,
          portUuid,
          port,
          interfaceUuid: uuid,
          interface: one,
          members: interfaces.length,
          flows: number > 0 ? { number, first } : null,
        });
      }
    }
  }
  return found;
}

/** How the ports stand. `flows`: ours, by OpenFlow number; null where nobody asks for them. */
export function readRows(
  cache: RowCache,
  target: SwitchTarget,
  flows: ReadonlyMap<number, ReadonlySet<string>> | null,
): Map<string, PortConfig> {
  const ports = new Map<string, PortConfig>();
  for (const [name, found] of findPorts(cache, target)) {
    const config = readPort(found, target);
    ports.set(name, flows === null ? config : { ...config, acl: filtersIn(found, config, flows) });
  }
  return ports;
}

/** The filters a port is said to have, if it has their flows, all of them and no others of ours. */
function filtersIn(
  { interface: one, flows: port }: Found,
  config: PortConfig,
  flows: ReadonlyMap<number, ReadonlySet<string>>,
): AclConfig {
  const text = (one['external_ids'] as ReadonlyMap<string, string> | undefined)?.get(FILTERS);
  const acl = text === undefined ? NO_FILTER : readFilters(text);
  if (port === null) return NO_FILTER;
  const there = flows.get(port.number) ?? new Set<string>();
  const wanted = flowsOf(port, { ...config, acl }).map(normal);
  if (wanted.length === there.size && wanted.every((flow) => there.has(flow))) return acl;
  // Nobody asked for such a filter: it reads as none that could be wanted.
  return there.size === 0 ? NO_FILTER : FOREIGN_FILTER;
}

function readFilters(text: string): AclConfig {
  try {
    return JSON.parse(text) as AclConfig;
  } catch {
    return NO_FILTER;
  }
}

function readPort({ port, interface: one, members }: Found, target: SwitchTarget): PortConfig {
  const tag = typeof port['tag'] === 'number' ? port['tag'] : null;
  const trunks = [...((port['trunks'] as ReadonlySet<number> | undefined) ?? [])].sort((a, b) => a - b);
  const said = port['vlan_mode'];
  // As ovs-vswitchd.conf.db(5) has it: what is not said follows from the tag.
  const mode = typeof said === 'string' ? said : tag === null ? 'trunk' : 'access';
  const name = String(port['name']);
  const bundled = members > 1 || LAG_NAME.test(name);
  const mtu = one['mtu_request'];
  const description = (one['external_ids'] as ReadonlyMap<string, string> | undefined)?.get(DESCRIPTION);
  const rest = {
    ...PLAIN_PORT,
    enabled: true,
    lag: bundled
      ? {
          group: groupOf(name),
          mode: port['lacp'] === 'active' ? ('lacp' as const) : ('static' as const),
          mlag: (port['other_config'] as ReadonlyMap<string, string> | undefined)?.has(PAIR_KEY) === true,
        }
      : null,
    mtu: typeof mtu === 'number' ? mtu : null,
    description: description ?? null,
  };
  if (port['protected'] === true && mode === 'trunk' && trunks.join() === String(target.parkingVlan)) {
    return { ...rest, mode: 'access', untagged: target.parkingVlan, tagged: [], enabled: false };
  }
  if (port['protected'] === true) Object.assign(rest, { isolated: true });
  switch (mode) {
    case 'access':
      return { ...rest, mode: 'access', untagged: tag ?? 0, tagged: [] };
    case 'trunk':
      // Without a list it passes everything, what has no tag as well.
      if (trunks.length === 0) return { ...rest, mode: 'trunk', untagged: 0, tagged: 'all' };
      return { ...rest, mode: 'trunk', untagged: null, tagged: trunks };
    case 'native-untagged': {
      const tagged = trunks.length === 0 ? ('all' as const) : trunks.filter((vlan) => vlan !== tag);
      return { ...rest, mode: 'trunk', untagged: tag ?? 0, tagged };
    }
    default:
      // native-tagged and dot1q-tunnel: set up by hand, for something else.
      return { ...rest, mode: 'other', untagged: tag, tagged: [] };
  }
}

/** In `other_config` of a bond over two switches: both tell machines one system and one key. */
export const PAIR_KEY = 'lacp-system-id';

const LAG_NAME = /^lag(\d{1,4})$/;
export const lagName = (group: number): string => `lag${group}`;
/** Bonds of others have numbers no bond of ours gets. */
const groupOf = (name: string): number => Number(LAG_NAME.exec(name)?.[1] ?? 0);

/** The UUIDs of a reference column, which may hold one or several. */
export function items(value: Value | undefined): string[] {
  if (value === undefined || value === null) return [];
  return value instanceof Set ? [...value].map(String) : [String(value)];
}
