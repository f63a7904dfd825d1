import { Type } from 'typebox';
import { factsInNetwork } from '../../app/networks/seen.ts';
import { createSubnets } from '../../app/subnets/create.ts';
import { deleteSubnet } from '../../app/subnets/delete.ts';
import { updateSubnet } from '../../app/subnets/update.ts';
import { ADMIN, NETWORK_MEMBER, OWNER_OR_NETWORK_MEMBER, SHARED_READER } from '../../model/checks.ts';
import {
  description,
  flag,
  history,
  id,
  name,
  networkFacts,
  orNull,
  ownership,
  ownFact,
  reference,
  sharedSql,
  shown,
  tags,
  Uuid,
} from '../../model/fields.ts';
import type { Resource } from '../../model/resource.ts';

const Ip = Type.String({ maxLength: 64 });
const Pool = Type.Object({ start: Ip, end: Ip }, { additionalProperties: false });
const Route = Type.Object({ destination: Ip, nexthop: Ip }, { additionalProperties: false });
const Mode = Type.Enum(['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless']);

/** Subnets: the addresses of a network. */
export const subnets: Resource = {
  name: 'subnet',
  collection: 'subnets',
  title: 'subnet',
  notFound: 'SubnetNotFound',
  inUse: 'SubnetInUse',
  table: 'net_subnets',
  quota: { name: 'subnet', fallback: 100 },
  tags: true,
  fields: {
    id,
    name,
    ...ownership,
    network_id: reference('network_id', { create: 'must', update: false }),
    ip_version: {
      sql: 't.ip_version',
      input: Type.Enum([4, 6]),
      create: 'must',
      update: false,
      filter: 'integer',
      sort: true,
    },
    cidr: { sql: 't.cidr::text', input: orNull(Ip), update: false, filter: 'text' },
    subnetpool_id: reference('subnetpool_id', { input: orNull(Uuid), update: false }),
    prefixlen: { input: Type.Integer({ minimum: 1, maximum: 128 }), update: false },
    use_default_subnetpool: { input: Type.Boolean(), update: false },
    gateway_ip: { sql: 'host(t.gateway_ip)', input: orNull(Ip), filter: 'address', filterSql: 't.gateway_ip' },
    allocation_pools: {
      sql: `(select coalesce(json_agg(json_build_object('start', host(a.first_ip), 'end', host(a.last_ip)) order by a.first_ip), '[]')
        from net_allocation_pools a where a.subnet_id = t.id)`,
      input: orNull(Type.Array(Pool, { maxItems: 256 })),
    },
    dns_nameservers: {
      sql: `(select coalesce(json_agg(host(d) order by n), '[]') from unnest(t.dns_nameservers) with ordinality u(d, n))`,
      column: 'dns_nameservers',
      input: Type.Array(Ip, { maxItems: 5 }),
      preset: [],
    },
    host_routes: {
      sql: 't.host_routes',
      column: 'host_routes',
      input: Type.Array(Route, { maxItems: 20 }),
      preset: [],
    },
    enable_dhcp: flag('enable_dhcp', true),
    ipv6_ra_mode: {
      sql: 't.ipv6_ra_mode',
      column: 'ipv6_ra_mode',
      input: orNull(Mode),
      update: false,
      filter: 'text',
      sort: true,
    },
    ipv6_address_mode: {
      sql: 't.ipv6_address_mode',
      column: 'ipv6_address_mode',
      input: orNull(Mode),
      update: false,
      filter: 'text',
      sort: true,
    },
    segment_id: reference('segment_id', { input: orNull(Uuid), set: ADMIN }),
    service_types: {
      sql: 'to_json(t.service_types)',
      column: 'service_types',
      input: Type.Array(
        Type.String({
          maxLength: 255,
          pattern: '^(network|compute|baremetal|dns|neutron|manila|octavia|Octavia|router):',
        }),
        { maxItems: 64 },
      ),
      preset: [],
      set: ADMIN,
      guards: (value) => Array.isArray(value) && value.length > 0,
    },
    shared: shown(sharedSql('network', 'access_as_shared', 't.network_id'), { filter: 'boolean' }),
    'router:external': shown('(select n.external from net_networks n where n.id = t.network_id)', {
      filter: 'boolean',
    }),
    description,
    tags,
    ...history,
  },
  facts: { ...ownFact, ...networkFacts },
  factsOfWish: factsInNetwork,
  rules: {
    create: NETWORK_MEMBER,
    get: `${SHARED_READER} or (role:reader and (project_id:%(network_project)s or True:%(external)s))`,
    update: OWNER_OR_NETWORK_MEMBER,
    delete: OWNER_OR_NETWORK_MEMBER,
  },
  create: createSubnets,
  update: updateSubnet,
  delete: deleteSubnet,
};
