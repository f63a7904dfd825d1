import type { Reader } from '#store/contract';
import type { AddressPair, DhcpOption } from '../model/port-rules.ts';
import { insertRows } from './rows.ts';

type Columns = Record<string, unknown> & { id: string };

/** Inserts ports; gives ids of those whose MAC address another port of their network has. */
export async function insertPorts(reader: Reader, rows: readonly Columns[]): Promise<Set<string>> {
  const conflict = 'on conflict (network_id, mac_address) do nothing returning id';
  const made = new Set((await insertRows(reader, 'net_ports', rows, conflict)).map(({ id }) => id));
  return new Set(rows.flatMap(({ id }) => (made.has(id) ? [] : [id])));
}

export interface PortRow {
  id: string;
  project_id: string;
  network_id: string;
  mac_address: string;
  device_id: string;
  device_owner: string;
  port_security_enabled: boolean;
  allowed_address_pairs: AddressPair[];
  extra_dhcp_opts: DhcpOption[];
  vnic_type: string;
  host_id: string;
  binding_profile: Record<string, unknown>;
  vif_type: string;
  ip_allocation: string;
  groups: string[];
}

export async function readPort(reader: Reader, id: string): Promise<PortRow | undefined> {
  const text = `select p.id, p.project_id, p.network_id, p.mac_address::text as mac_address, p.device_id, p.device_owner,
      p.port_security_enabled, p.allowed_address_pairs, p.extra_dhcp_opts, p.vnic_type, p.host_id, p.binding_profile,
      p.vif_type, p.ip_allocation,
      array(select g.group_id::text from net_port_security_groups g where g.port_id = p.id) as groups
    from net_ports p where p.id = $1`;
  const [row] = await reader.query<PortRow>({ name: 'network port', text, values: [id] });
  if (row === undefined) return undefined;
  const json = <T>(value: unknown): T => JSON.parse(value as string) as T;
  return {
    ...row,
    allowed_address_pairs: json(row.allowed_address_pairs),
    extra_dhcp_opts: json(row.extra_dhcp_opts),
    binding_profile: json(row.binding_profile),
  };
}

/** What keeps a port from being deleted: its trunk, or the trunk it is in. */
export async function findTrunk(reader: Reader, port: string): Promise<string | undefined> {
  const text = `select id from net_trunks where port_id = $1
    union all select trunk_id from net_subports where port_id = $1 limit 1`;
  return (await reader.query<{ id: string }>({ name: 'network port trunk', text, values: [port] }))[0]?.id;
}

/** Does another port of the network have the MAC address? */
export async function hasMac(reader: Reader, network: string, mac: string, except: string): Promise<boolean> {
  const text = 'select from net_ports where network_id = $1 and mac_address = $2::macaddr and id <> $3';
  return (await reader.query({ name: 'network port mac', text, values: [network, mac, except] })).length > 0;
}

/** A host's chassis, if OVN has one there. */
export async function hasChassis(reader: Reader, host: string): Promise<boolean> {
  const text = `select from net_agents where host = $1 and program = 'ovn-controller' limit 1`;
  return (await reader.query({ name: 'network host chassis', text, values: [host] })).length > 0;
}
