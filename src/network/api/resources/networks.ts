import { Type } from 'typebox';
import { createNetworks } from '../../app/networks/create.ts';
import { deleteNetwork } from '../../app/networks/delete.ts';
import { updateNetwork } from '../../app/networks/update.ts';
import { ADMIN, OWNER_MEMBER, SHARED_READER } from '../../model/checks.ts';
import {
  description,
  flag,
  history,
  id,
  Name,
  name,
  orNull,
  ownership,
  ownFact,
  reference,
  sharedFact,
  sharedSql,
  shown,
  tags,
  text,
  Uuid,
} from '../../model/fields.ts';
import type { Field, Resource } from '../../model/resource.ts';

const SEGMENT_TYPE = Type.Enum(['flat', 'vlan', 'geneve', 'vxlan', 'gre', 'local']);
const providerInputs = {
  'provider:network_type': SEGMENT_TYPE,
  'provider:physical_network': orNull(Name),
  'provider:segmentation_id': orNull(Type.Integer()),
};
const Segment = Type.Object(
  Object.fromEntries(Object.entries(providerInputs).map(([key, schema]) => [key, Type.Optional(schema)])),
  { additionalProperties: false },
);

/** The network's only segment; nothing where it has several. */
const only = (column: string) =>
  `(select min(g.${column}) from net_segments g where g.network_id = t.id and not g.dynamic having count(*) = 1)`;
const provider = (key: keyof typeof providerInputs, column: string, kind: 'text' | 'integer'): Field => ({
  sql: only(column),
  input: orNull(providerInputs[key]),
  update: false,
  filter: (values, bind) =>
    `exists (select from net_segments g where g.network_id = t.id and not g.dynamic
      and g.${column}::text = any(${bind(kind === 'integer' ? values.filter((one) => /^\d{1,9}$/.test(one)) : values)}::text[]))`,
  see: ADMIN,
  set: ADMIN,
});

/** Networks: what ports are on. */
export const networks: Resource = {
  name: 'network',
  collection: 'networks',
  title: 'network',
  notFound: 'NetworkNotFound',
  inUse: 'NetworkInUse',
  table: 'net_networks',
  quota: { name: 'network', fallback: 100 },
  tags: true,
  fields: {
    id,
    name,
    ...ownership,
    admin_state_up: flag('admin_state_up', true),
    status: shown('t.status', { filter: 'text', sort: true }),
    subnets: shown(
      "(select coalesce(json_agg(s.id order by s.seq), '[]') from net_subnets s where s.network_id = t.id)",
    ),
    shared: { sql: sharedSql('network'), input: Type.Boolean(), preset: false, filter: 'boolean', set: ADMIN },
    'router:external': flag('external', false, { set: ADMIN }),
    is_default: flag('is_default', false, { set: ADMIN }),
    mtu: {
      sql: 't.mtu',
      column: 'mtu',
      input: Type.Integer({ minimum: 0, maximum: 65_535 }),
      filter: 'integer',
      sort: true,
    },
    port_security_enabled: flag('port_security_enabled', true),
    vlan_transparent: {
      sql: 't.vlan_transparent',
      column: 'vlan_transparent',
      input: orNull(Type.Boolean()),
      update: false,
      filter: 'boolean',
    },
    dns_domain: text('dns_domain', { sort: false }),
    availability_zone_hints: {
      sql: 'to_json(t.availability_zone_hints)',
      column: 'availability_zone_hints',
      input: Type.Array(Name, { maxItems: 64 }),
      update: false,
      preset: [],
    },
    availability_zones: shown(
      "(select coalesce(json_agg(distinct a.availability_zone), '[]') from net_agents a where a.alive and a.availability_zone is not null)",
    ),
    ipv4_address_scope: shown(scopeSql(4)),
    ipv6_address_scope: shown(scopeSql(6)),
    qos_policy_id: reference('qos_policy_id', { input: orNull(Uuid) }),
    'provider:network_type': provider('provider:network_type', 'network_type', 'text'),
    'provider:physical_network': provider('provider:physical_network', 'physical_network', 'text'),
    'provider:segmentation_id': provider('provider:segmentation_id', 'segmentation_id', 'integer'),
    segments: {
      sql: `(select json_agg(json_build_object('provider:network_type', g.network_type,
          'provider:physical_network', g.physical_network, 'provider:segmentation_id', g.segmentation_id)
          order by g.segment_index, g.seq)
        from net_segments g where g.network_id = t.id and not g.dynamic having count(*) > 1)`,
      input: orNull(Type.Array(Segment, { minItems: 1, maxItems: 64 })),
      update: false,
      see: ADMIN,
      set: ADMIN,
    },
    description,
    tags,
    ...history,
  },
  facts: {
    ...ownFact,
    shared: sharedFact('network'),
    external: sharedFact('network', 'access_as_external'),
  },
  rules: {
    create: OWNER_MEMBER,
    get: `${SHARED_READER} or (role:reader and True:%(external)s)`,
    update: OWNER_MEMBER,
    delete: OWNER_MEMBER,
  },
  create: createNetworks,
  update: updateNetwork,
  delete: deleteNetwork,
};

function scopeSql(version: 4 | 6): string {
  return `(select p.address_scope_id from net_subnets s join net_subnet_pools p on p.id = s.subnetpool_id
    where s.network_id = t.id and s.ip_version = ${version} and p.address_scope_id is not null limit 1)`;
}
