import { Type } from 'typebox';
import { ipFamily } from '#kernel/ip-family';
import { isUuid } from '#kernel/ids';
import { factsInNetwork } from '../../app/networks/seen.ts';
import { createPorts } from '../../app/ports/create.ts';
import { deletePort } from '../../app/ports/delete.ts';
import { foreseePorts, PORT_QUOTA, togetherInNetwork } from '../../app/ports/foresee.ts';
import { updatePort } from '../../app/ports/update.ts';
import { ADMIN, NETWORK_MEMBER, OWNER_MEMBER, OWNER_OR_NETWORK_MEMBER, OWNER_READER } from '../../model/checks.ts';
import {
  description,
  flag,
  history,
  id,
  Name,
  name,
  networkFacts,
  orNull,
  ownership,
  ownFact,
  reference,
  shown,
  tags,
  text,
  Uuid,
} from '../../model/fields.ts';
import type { Resource } from '../../model/resource.ts';

const Ip = Type.String({ maxLength: 64 });
const Mac = Type.String({ maxLength: 32 });
const FixedIp = Type.Object(
  { subnet_id: Type.Optional(Uuid), ip_address: Type.Optional(Ip) },
  { additionalProperties: false },
);
const Pair = Type.Object({ ip_address: Ip, mac_address: Type.Optional(Mac) }, { additionalProperties: false });
const Option = Type.Object(
  {
    opt_name: Type.String({ minLength: 1, maxLength: 64 }),
    opt_value: orNull(Type.String({ maxLength: 255 })),
    ip_version: Type.Optional(Type.Enum([4, 6])),
  },
  { additionalProperties: false },
);
const VNIC = [
  'normal',
  'direct',
  'macvtap',
  'baremetal',
  'direct-physical',
  'virtio-forwarder',
  'smart-nic',
  'vdpa',
  'accelerator-direct',
  'accelerator-direct-physical',
  'remote-managed',
];
const isSome = (value: unknown) => !(Array.isArray(value) && value.length === 0);
/** Names of a port's addresses in DNS: its own name, or one made of the address. */
const DOMAIN = `coalesce(nullif(t.dns_domain, ''), nullif((select n.dns_domain from net_networks n where n.id = t.network_id), ''), 'openstacklocal.')`;
const HOST = `coalesce(nullif(t.dns_name, ''), 'host-' || translate(host(f.ip), '.:', '--'))`;
const of = (owner: string) => `${owner} or (role:member and True:%(shared)s)`;

/** Ports: where something is plugged into a network. */
export const ports: Resource = {
  name: 'port',
  collection: 'ports',
  title: 'port',
  notFound: 'PortNotFound',
  inUse: 'PortInUse',
  table: 'net_ports',
  quota: PORT_QUOTA,
  foresee: foreseePorts,
  together: togetherInNetwork,
  tags: true,
  fields: {
    id,
    name,
    ...ownership,
    network_id: reference('network_id', { create: 'must', update: false }),
    mac_address: {
      sql: 't.mac_address::text',
      input: orNull(Mac),
      filter: 'mac',
      filterSql: 't.mac_address',
      set: { create: NETWORK_MEMBER, update: ADMIN },
    },
    admin_state_up: flag('admin_state_up', true),
    status: shown('t.status', { filter: 'text', sort: true }),
    device_id: text('device_id'),
    device_owner: text('device_owner', {
      set: NETWORK_MEMBER,
      guards: (value) => String(value).startsWith('network:') || String(value).startsWith('baremetal:'),
    }),
    fixed_ips: {
      sql: `(select coalesce(json_agg(json_build_object('subnet_id', f.subnet_id, 'ip_address', host(f.ip)) order by f.position, f.ip), '[]')
        from net_fixed_ips f where f.port_id = t.id)`,
      input: orNull(Type.Array(FixedIp, { maxItems: 128 })),
      filter: fixedIpFilter,
    },
    security_groups: {
      sql: `(select coalesce(json_agg(g.group_id order by g.group_id), '[]') from net_port_security_groups g where g.port_id = t.id)`,
      input: orNull(Type.Array(Uuid, { maxItems: 64 })),
      filter: (values, bind) =>
        `t.id in (select g.port_id from net_port_security_groups g where g.group_id = any(${bind(values.filter(isUuid))}::uuid[]))`,
    },
    allowed_address_pairs: {
      sql: 't.allowed_address_pairs',
      input: orNull(Type.Array(Pair, { maxItems: 64 })),
      set: NETWORK_MEMBER,
      guards: isSome,
    },
    extra_dhcp_opts: { sql: 't.extra_dhcp_opts', input: orNull(Type.Array(Option, { maxItems: 64 })) },
    port_security_enabled: {
      sql: 't.port_security_enabled',
      column: 'port_security_enabled',
      input: Type.Boolean(),
      filter: 'boolean',
      set: NETWORK_MEMBER,
    },
    'binding:vnic_type': {
      sql: 't.vnic_type',
      column: 'vnic_type',
      input: Type.Enum(VNIC),
      preset: 'normal',
      filter: 'text',
    },
    'binding:host_id': { sql: 't.host_id', input: orNull(Name), filter: 'text', preset: '', see: ADMIN, set: ADMIN },
    'binding:profile': {
      sql: 't.binding_profile',
      input: orNull(Type.Record(Type.String(), Type.Unknown(), { maxProperties: 64 })),
      see: ADMIN,
      set: ADMIN,
    },
    strict_security_groups: {
      sql: 't.strict_security_groups',
      column: 'strict_security_groups',
      input: orNull(Type.Boolean()),
    },
    'binding:vif_type': shown('t.vif_type', { filter: 'text', see: ADMIN }),
    'binding:vif_details': shown('t.vif_details', { see: ADMIN }),
    dns_name: text('dns_name', { sort: false }),
    dns_domain: text('dns_domain', { sort: false }),
    dns_assignment: shown(
      `(select coalesce(json_agg(json_build_object('hostname', ${HOST}, 'ip_address', host(f.ip), 'fqdn', ${HOST} || '.' || ${DOMAIN})
        order by f.position, f.ip), '[]') from net_fixed_ips f where f.port_id = t.id)`,
    ),
    qos_policy_id: reference('qos_policy_id', { input: orNull(Uuid) }),
    qos_network_policy_id: shown('(select n.qos_policy_id from net_networks n where n.id = t.network_id)'),
    ip_allocation: shown('t.ip_allocation'),
    propagate_uplink_status: flag('propagate_uplink_status', true, { sort: false }),
    trusted: { sql: 't.trusted', column: 'trusted', input: orNull(Type.Boolean()), see: ADMIN, set: ADMIN },
    description,
    tags: {
      ...tags,
      input: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 128 }),
      update: false,
    },
    ...history,
  },
  facts: { ...ownFact, network_project: networkFacts['network_project'] as never },
  factsOfWish: factsInNetwork,
  rules: {
    create: OWNER_MEMBER,
    get: `${OWNER_READER} or (role:reader and project_id:%(network_project)s)`,
    update: OWNER_MEMBER,
    delete: OWNER_OR_NETWORK_MEMBER,
  },
  moreRules: {
    'create_port:fixed_ips:ip_address': [NETWORK_MEMBER, 'Make a port with an address of choice'],
    'create_port:fixed_ips:subnet_id': [of(NETWORK_MEMBER), 'Make a port with an address of a subnet of choice'],
    'update_port:fixed_ips:ip_address': [NETWORK_MEMBER, 'Give a port an address of choice'],
    'update_port:fixed_ips:subnet_id': [of(NETWORK_MEMBER), 'Give a port an address of a subnet of choice'],
  },
  create: createPorts,
  update: updatePort,
  delete: deletePort,
};

/** `fixed_ips=ip_address=10.0.0.5`, `subnet_id=…`, `ip_address_substr=0.0`. Several must all hold. */
function fixedIpFilter(values: readonly string[], bind: (value: unknown) => string): string {
  const wanted = new Map<string, string[]>();
  for (const value of values) {
    const [, key = '', of_ = ''] = /^(ip_address|subnet_id|ip_address_substr)=(.*)$/.exec(value) ?? [];
    wanted.set(key, [...(wanted.get(key) ?? []), of_]);
  }
  const among = (key: string) => bind((wanted.get(key) ?? []).map((one) => one.toLowerCase()));
  const conditions = [...wanted.keys()].map((key) => {
    if (key === 'ip_address')
      return `f.ip = any(${bind((wanted.get(key) ?? []).filter((one) => ipFamily(one) !== 0))}::inet[])`;
    if (key === 'subnet_id') return `f.subnet_id = any(${bind((wanted.get(key) ?? []).filter(isUuid))}::uuid[])`;
    if (key === 'ip_address_substr')
      return `exists (select from unnest(${among(key)}::text[]) w where strpos(host(f.ip), w) > 0)`;
    return 'false';
  });
  return `t.id in (select f.port_id from net_fixed_ips f where ${conditions.join(' and ')})`;
}
