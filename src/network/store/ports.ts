import type { Reader } from '#store/contract';
import type { AddressPair, DhcpOption } from '../model/port-rules.ts';
import type { AnyIp } from './fixed-ips.ts';
import { insertSql, namedInsert } from './rows.ts';

type Columns = Record<string, unknown> & { id: string };

/** What goes with ports that are made: free addresses of subnets, and groups. */
export interface WithPorts {
  addresses: readonly AnyIp[];
  members: readonly { port: string; group: string }[];
}

/**
 * Inserts ports, gives them addresses and puts them into groups, by one statement. Not made, with nothing of theirs, are
 * ports whose MAC address another port of their network has. `given` says which of the addresses there were, in order.
 */
export async function insertPorts(
  reader: Reader,
  rows: readonly Columns[],
  { addresses, members }: WithPorts,
): Promise<{ made: Set<string>; given: boolean[] }> {
  const insert = insertSql('net_ports', rows);
  const bind = <T extends object>(list: readonly T[], types: { [name in keyof T]?: string }) =>
    Object.entries(types).map(
      ([name, type]) => `$${insert.values.push(list.map((one) => one[name as keyof T]))}::${type}[]`,
    );
  const wanted = bind(addresses, { port: 'uuid', subnet: 'uuid', position: 'int', seed: 'float8' });
  const joining = bind(members, { port: 'uuid', group: 'uuid' });
  // The function that gives an address sees the port: it looks anew at each call, and its row comes from `made`.
  const text = `with made as (${insert.text} on conflict (network_id, mac_address) do nothing returning id),
    given as (select u.n, net_take_address(made.id, u.subnet, u.position, u.seed) is not null as given
      from made join unnest(${wanted.join(', ')}) with ordinality as u(port, subnet, position, seed, n) on u.port = made.id),
    joined as (insert into net_port_security_groups (port_id, group_id)
      select made.id, u.member from made join unnest(${joining.join(', ')}) as u(port, member) on u.port = made.id
      on conflict do nothing)
    select array(select n from given where given.given)::int[] as given, array(select id::text from made) as made`;
  const { values } = insert;
  const [row] = await reader.query<{ given: number[]; made: string[] }>({
    ...namedInsert('net_ports', rows.length, text),
    text,
    values,
  });
  const given = new Set(row?.given);
  return { made: new Set(row?.made), given: addresses.map((_, at) => given.has(at + 1)) };
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
