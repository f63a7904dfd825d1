import { Type } from 'typebox';
import type { Reader } from '#store/contract';
import {
  changeFloatingIp,
  createFloatingIp,
  deleteFloatingIp,
  type FloatingIpBody,
} from '../../app/floating-ips/edit.ts';
import {
  changeForwarding,
  createForwarding,
  deleteForwarding,
  type ForwardingBody,
} from '../../app/floating-ips/forwardings.ts';
import { ADMIN, OWNER_MEMBER, OWNER_READER } from '../../model/checks.ts';
import {
  description,
  history,
  id,
  orNull,
  ownership,
  ownFact,
  reference,
  shown,
  tags,
  text,
  Uuid,
} from '../../model/fields.ts';
import type { NewColumns, Resource } from '../../model/resource.ts';

const Address = Type.String({ minLength: 2, maxLength: 45 });

const PORT = `(select json_build_object('name', p.name, 'network_id', p.network_id, 'mac_address', p.mac_address,
    'admin_state_up', p.admin_state_up, 'status', p.status, 'device_id', p.device_id, 'device_owner', p.device_owner)
  from net_ports p where p.id = t.fixed_port_id)`;

const FORWARDINGS = `(select coalesce(json_agg(json_build_object('id', w.id, 'internal_ip_address', host(w.internal_ip),
    'internal_port_id', w.internal_port_id, 'internal_port', w.internal_port, 'external_port', w.external_port,
    'protocol', w.protocol, 'description', w.description) order by w.seq), '[]')
  from net_port_forwardings w where w.floatingip_id = t.id)`;

/** Floating IPs: addresses outside that lead to ports inside. */
export const floatingIps: Resource = {
  name: 'floatingip',
  collection: 'floatingips',
  title: 'floating IP',
  notFound: 'FloatingIPNotFound',
  table: 'net_floating_ips',
  quota: { name: 'floatingip', fallback: 50 },
  tags: true,
  fields: {
    id,
    ...ownership,
    floating_network_id: reference('floating_network_id', { create: 'must', update: false }),
    floating_ip_address: {
      sql: 'host(t.floating_ip)',
      filterSql: 't.floating_ip',
      input: orNull(Address),
      update: false,
      filter: 'address',
      sort: true,
      set: ADMIN,
    },
    subnet_id: { input: orNull(Uuid), update: false },
    port_id: { sql: 't.fixed_port_id', input: orNull(Uuid), filter: 'uuid', sort: true },
    fixed_ip_address: {
      sql: 'host(t.fixed_ip)',
      filterSql: 't.fixed_ip',
      input: orNull(Address),
      filter: 'address',
      sort: true,
    },
    router_id: shown('t.router_id', { filter: 'uuid', sort: true }),
    status: shown('t.status', { filter: 'text', sort: true }),
    port_details: shown(PORT),
    port_forwardings: shown(FORWARDINGS),
    dns_name: text('dns_name', { update: false, sort: false }),
    dns_domain: text('dns_domain', { update: false, sort: false }),
    description,
    tags,
    ...history,
  },
  facts: ownFact,
  rules: { create: OWNER_MEMBER, get: OWNER_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  async create(call, wishes, columns) {
    for (const [at, wish] of wishes.entries()) {
      await createFloatingIp(call, wish as unknown as FloatingIpBody, columns[at] as NewColumns);
    }
  },
  update: async (call, row, changes, columns) => ({ ...columns, ...(await changeFloatingIp(call, row.id, changes)) }),
  delete: (call, row) => deleteFloatingIp(call.tx, row.id),
};

const Port = Type.Integer({ minimum: 1, maximum: 65_535 });

/** Ports of a floating IP that lead to ports of several machines. */
export const portForwardings: Resource = {
  name: 'port_forwarding',
  collection: 'port_forwardings',
  title: 'port forwarding',
  notFound: 'PortForwardingNotFound',
  table: 'net_port_forwardings',
  parent: { resource: floatingIps, param: 'floatingip_id', sql: 't.floatingip_id' },
  fields: {
    id,
    internal_port_id: reference('internal_port_id', { create: 'must' }),
    internal_ip_address: { sql: 'host(t.internal_ip)', filterSql: 't.internal_ip', input: Address, filter: 'address' },
    internal_port: { sql: 't.internal_port', input: Port, create: 'must', filter: 'integer', sort: true },
    external_port: { sql: 't.external_port', input: Port, create: 'must', filter: 'integer', sort: true },
    protocol: {
      sql: 't.protocol',
      input: Type.Enum(['tcp', 'udp', 'sctp']),
      create: 'must',
      filter: 'text',
      sort: true,
    },
    description,
  },
  facts: ownFact,
  rules: { create: OWNER_MEMBER, get: OWNER_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  async create(call, wishes, columns) {
    for (const [at, wish] of wishes.entries()) {
      const fip = String(wish['floatingip_id']);
      await createForwarding(call, fip, wish as unknown as ForwardingBody, columns[at] as NewColumns);
    }
  },
  update: async (call, row, changes) => changeForwarding(call, await floatingIpOf(call.tx, row.id), row.id, changes),
  delete: async (call, row) => deleteForwarding(call.tx, await floatingIpOf(call.tx, row.id), row.id),
};

async function floatingIpOf(reader: Reader, forwarding: string): Promise<string> {
  const [row] = await reader.query<{ id: string }>({
    name: 'floating ip of forwarding',
    text: 'select floatingip_id as id from net_port_forwardings where id = $1',
    values: [forwarding],
  });
  return row?.id ?? '';
}
