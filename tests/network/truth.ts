import { newUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';

// Puts truth into the database as the Network API will.

type Values = Record<string, unknown>;

/** Inserts one row; gives its id. */
export async function put(reader: Reader, table: string, values: Values): Promise<string> {
  const row: Values = 'id' in values || NO_ID.has(table) ? values : { id: newUuid(), ...values };
  const names = Object.keys(row);
  await reader.query({
    text: `insert into ${table} (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    values: names.map((name) => row[name]),
  });
  return String(row['id'] ?? '');
}
const NO_ID = new Set([
  'nodes',
  'net_machine_ports',
  'net_fixed_ips',
  'net_port_security_groups',
  'net_router_ports',
  'net_subports',
  'net_allocation_pools',
]);

export interface NetworkWish {
  project?: string;
  name?: string;
  external?: boolean;
  segment?: { type: string; physical?: string; id?: number };
}

export async function putNetwork(reader: Reader, wish: NetworkWish = {}): Promise<string> {
  const { project = 'p1', name = 'net', external = false, segment = { type: 'geneve' } } = wish;
  const id = await put(reader, 'net_networks', { project_id: project, name, external });
  await put(reader, 'net_segments', {
    network_id: id,
    network_type: segment.type,
    physical_network: segment.physical ?? null,
    segmentation_id: segment.id ?? null,
  });
  return id;
}

export async function putSubnet(reader: Reader, network: string, cidr: string, more: Values = {}): Promise<string> {
  const [base = ''] = cidr.split('/');
  const gateway = cidr.includes(':') ? `${base}1` : base.replace(/\d+$/, '1');
  return put(reader, 'net_subnets', {
    project_id: 'p1',
    network_id: network,
    ip_version: cidr.includes(':') ? 6 : 4,
    cidr,
    gateway_ip: gateway,
    ...more,
  });
}

export interface PortWish {
  mac: string;
  ips?: readonly { subnet: string; ip: string }[];
  groups?: readonly string[];
  more?: Values;
}

/** In one transaction with its addresses and groups, when `reader` is one. */
export async function putPort(reader: Reader, network: string, wish: PortWish): Promise<string> {
  const id = await put(reader, 'net_ports', {
    project_id: 'p1',
    network_id: network,
    mac_address: wish.mac,
    ...wish.more,
  });
  for (const [position, { subnet, ip }] of (wish.ips ?? []).entries()) {
    await put(reader, 'net_fixed_ips', { port_id: id, subnet_id: subnet, ip, position });
  }
  for (const group of wish.groups ?? [])
    await put(reader, 'net_port_security_groups', { port_id: id, group_id: group });
  return id;
}

/** A group as a project's first: everything out, in from members. */
export async function putDefaultGroup(reader: Reader): Promise<string> {
  const id = await put(reader, 'net_security_groups', { project_id: 'p1', name: 'default' });
  for (const ethertype of ['IPv4', 'IPv6']) {
    await putRule(reader, id, { direction: 'egress', ethertype });
    await putRule(reader, id, { direction: 'ingress', ethertype, remote_group_id: id });
  }
  return id;
}

export const putRule = (reader: Reader, group: string, more: Values) =>
  put(reader, 'net_security_group_rules', {
    project_id: 'p1',
    group_id: group,
    direction: 'ingress',
    ethertype: 'IPv4',
    ...more,
  });

/** A leg of a router, with its port. */
export async function putLeg(
  reader: Reader,
  router: string,
  network: string,
  subnet: string,
  ip: string,
  mac: string,
  kind = 'interface',
) {
  const owner = kind === 'gateway' ? 'network:router_gateway' : 'network:router_interface';
  const more = { device_id: router, device_owner: owner };
  const port = await putPort(reader, network, { mac, ips: [{ subnet, ip }], more });
  await put(reader, 'net_router_ports', { port_id: port, router_id: router, kind });
  return port;
}
