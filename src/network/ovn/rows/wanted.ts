import type { Atom } from '#protocols/ovsdb/values';
import type { UnitKind } from '../../model/truth.ts';

// What we want of the northbound database: rows, each with a key of ours. The key stands in the row's external_ids
// and is all we know a row by; rows without one belong to somebody else and are left alone.

/** The name in external_ids that holds a row's key. */
export const MARK = 'ingot';

/** Refers to a row of ours by its key. */
export class Ref {
  readonly table: string;
  readonly key: string;
  constructor(table: string, key: string) {
    this.table = table;
    this.key = key;
  }
}

export type WantedValue = Atom | null | Ref | readonly (Atom | Ref)[] | { readonly [key: string]: Atom };

export interface WantedRow {
  table: string;
  /** `port:<uuid>` or `port:<uuid>/dhcp4`: the unit, then which of its rows. Unique in its table. */
  key: string;
  columns: Readonly<Record<string, WantedValue>>;
  /** More of external_ids, for people and other programs. */
  ids?: Readonly<Record<string, string>>;
  /** Sets of other rows this one stands in. Other members of the sets are not touched. */
  in?: readonly { row: Ref; column: string }[];
}

export const unitKey = (unit: UnitKind, id: string): string => `${unit}:${id}`;

/** The unit of a row's key. */
export function unitOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
}

/** Sets of references that rows of ours stand in: `table.column` → the table referred to. */
export const MEMBER_COLUMNS: readonly { table: string; column: string; of: string }[] = [
  { table: 'Logical_Switch', column: 'ports', of: 'Logical_Switch_Port' },
  { table: 'Logical_Switch', column: 'qos_rules', of: 'QoS' },
  { table: 'Logical_Switch', column: 'dns_records', of: 'DNS' },
  { table: 'Logical_Switch', column: 'acls', of: 'ACL' },
  { table: 'Port_Group', column: 'ports', of: 'Logical_Switch_Port' },
  { table: 'Port_Group', column: 'acls', of: 'ACL' },
  { table: 'HA_Chassis_Group', column: 'ha_chassis', of: 'HA_Chassis' },
  { table: 'Logical_Router', column: 'ports', of: 'Logical_Router_Port' },
  { table: 'Logical_Router', column: 'static_routes', of: 'Logical_Router_Static_Route' },
  { table: 'Logical_Router', column: 'nat', of: 'NAT' },
  { table: 'Logical_Router', column: 'load_balancer', of: 'Load_Balancer' },
  { table: 'Logical_Router_Port', column: 'gateway_chassis', of: 'Gateway_Chassis' },
];

/** What the northbound cache holds: every table rows of ours may stand in, with the columns we write. */
export const NB_TABLES: Readonly<Record<string, readonly string[]>> = {
  NB_Global: ['nb_cfg', 'sb_cfg', 'hv_cfg', 'options'],
  Logical_Switch: ['name', 'ports', 'acls', 'qos_rules', 'dns_records', 'other_config', 'external_ids'],
  Logical_Switch_Port: [
    'name',
    'type',
    'options',
    'parent_name',
    'tag',
    'addresses',
    'port_security',
    'up',
    'enabled',
    'dhcpv4_options',
    'dhcpv6_options',
    'ha_chassis_group',
    'external_ids',
  ],
  DHCP_Options: ['cidr', 'options', 'external_ids'],
  DNS: ['records', 'external_ids'],
  Port_Group: ['name', 'ports', 'acls', 'external_ids'],
  Address_Set: ['name', 'addresses', 'external_ids'],
  ACL: ['priority', 'direction', 'match', 'action', 'external_ids'],
  QoS: ['priority', 'direction', 'match', 'action', 'bandwidth', 'external_ids'],
  Logical_Router: ['name', 'ports', 'static_routes', 'nat', 'load_balancer', 'enabled', 'options', 'external_ids'],
  Logical_Router_Port: ['name', 'mac', 'networks', 'gateway_chassis', 'options', 'ipv6_ra_configs', 'external_ids'],
  Logical_Router_Static_Route: ['ip_prefix', 'nexthop', 'output_port', 'external_ids'],
  NAT: ['type', 'external_ip', 'logical_ip', 'external_mac', 'logical_port', 'external_ids'],
  Load_Balancer: ['name', 'vips', 'protocol', 'options', 'external_ids'],
  Gateway_Chassis: ['name', 'chassis_name', 'priority', 'external_ids'],
  HA_Chassis: ['chassis_name', 'priority', 'external_ids'],
  HA_Chassis_Group: ['name', 'ha_chassis', 'external_ids'],
};

/** Names with letters, digits and _ only, as matches need them. */
export const identifier = (prefix: string, id: string): string => `${prefix}_${id.replaceAll('-', '_')}`;

/** The group every port with port security is in: nothing passes that no rule lets pass. */
export const DROP_GROUP = new Ref('Port_Group', 'base:drop');
export const DROP_GROUP_NAME = 'ingot_drop';
/** Unit of the rows that are there whatever the truth says. */
export const BASE_UNIT = 'base:drop';
