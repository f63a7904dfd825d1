import { bucketSql } from '../model/ring.ts';
import type { Conditions } from './listing.ts';

/** What a node list may be narrowed by; absent = not narrowed. Names and meanings are those of the API. */
export interface NodeFilters {
  chassis_uuid?: string;
  instance_uuid?: string;
  associated?: boolean;
  maintenance?: boolean;
  provision_state?: string;
  driver?: string;
  resource_class?: string;
  fault?: string;
  conductor_group?: string;
  owner?: string;
  description_contains?: string;
  retired?: boolean;
  lessee?: string;
  /** Owner or lessee. */
  project?: string;
  shard?: readonly string[];
  sharded?: boolean;
  include_children?: boolean;
  parent_node?: string;
  instance_name?: string;
  /** Nodes that fall to one conductor: for each pair of group and driver it serves, its share of the buckets. */
  share?: readonly { group: string; driver: string; of: number; index: number }[];
}

type Filter<V> = (conditions: Conditions, value: V) => void;

const equals =
  (column: string): Filter<string | boolean> =>
  (c, value) =>
    c.add(`t.${column} = ${c.bind(value)}`);
const present =
  (column: string): Filter<boolean> =>
  (c, value) =>
    c.add(`t.${column} is ${value ? 'not ' : ''}null`);

const FILTERS: { [K in keyof NodeFilters]-?: Filter<never> } = {
  chassis_uuid: equals('chassis_uuid'),
  instance_uuid: equals('instance_uuid'),
  associated: present('instance_uuid'),
  maintenance: equals('maintenance'),
  provision_state: equals('provision_state'),
  driver: equals('driver'),
  resource_class: equals('resource_class'),
  fault: equals('fault'),
  conductor_group: equals('conductor_group'),
  owner: equals('owner'),
  description_contains: (c, value: string) =>
    c.add(`t.description ilike ${c.bind(`%${value.replaceAll(/[\\%_]/g, '\\$&')}%`)}`),
  retired: equals('retired'),
  lessee: equals('lessee'),
  project: (c, value: string) => {
    const project = c.bind(value);
    c.add(`(t.owner = ${project} or t.lessee = ${project})`);
  },
  shard: (c, value: readonly string[]) => c.add(`t.shard = any(${c.bind(value)}::text[])`),
  sharded: present('shard'),
  include_children: () => {},
  parent_node: (c, value: string) => c.add(`t.parent_node::text = ${c.bind(value.toLowerCase())}`),
  instance_name: equals('instance_name'),
  share: (c, value: NonNullable<NodeFilters['share']>) =>
    c.add(
      `exists (select 1 from unnest(${c.bind(value.map((s) => s.group))}::text[], ${c.bind(value.map((s) => s.driver))}::text[], ` +
        `${c.bind(value.map((s) => s.of))}::int[], ${c.bind(value.map((s) => s.index))}::int[]) as s(grp, drv, n, k) ` +
        `where s.grp = t.conductor_group and s.drv = t.driver and ${bucketSql('t.uuid')} % s.n = s.k)`,
    ),
};

/** Adds the conditions of the filters. Children are left out unless asked for. */
export function addNodeFilters(conditions: Conditions, filters: NodeFilters): void {
  for (const [name, filter] of Object.entries(FILTERS) as [keyof NodeFilters, Filter<unknown>][]) {
    const value = filters[name];
    if (value !== undefined) filter(conditions, value);
  }
  if (filters.parent_node === undefined && filters.include_children !== true) conditions.add('t.parent_node is null');
}
