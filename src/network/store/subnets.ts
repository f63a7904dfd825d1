import type { Reader } from '#store/contract';
import type { Pool } from '../model/subnet-plan.ts';

/** A network as subnets and ports look at it. */
export interface NetworkFacts {
  id: string;
  project_id: string;
  shared: boolean;
  external: boolean;
  port_security_enabled: boolean;
}

const shared = (action: string) => `exists (select from net_rbac_policies r where r.object_type = 'network'
    and r.object_id = n.id and r.action = '${action}' and r.target_project in ('*', $2))`;

/** SQL of the facts of network `$1` for project `$2`. */
export const NETWORK_FACTS = `select n.id, n.project_id, n.port_security_enabled, ${shared('access_as_shared')} as shared,
    ${shared('access_as_external')} as external from net_networks n where n.id = $1`;

/** The network, by id; undefined when there is none. */
export async function readNetworkFacts(reader: Reader, id: string, project: string): Promise<NetworkFacts | undefined> {
  const statement = { name: 'network facts', text: NETWORK_FACTS, values: [id, project] };
  return (await reader.query<NetworkFacts>(statement))[0];
}

/** Holds a network while its subnets are changed; ports still come and go. */
export async function holdNetwork(reader: Reader, id: string): Promise<void> {
  const text = 'select from net_networks where id = $1 for no key update';
  await reader.query({ name: 'network hold', text, values: [id] });
}

/** A subnet of the network that overlaps, if any. */
export async function findOverlap(reader: Reader, network: string, cidr: string): Promise<string | undefined> {
  const text = 'select id from net_subnets where network_id = $1 and cidr && $2::cidr limit 1';
  const rows = await reader.query<{ id: string }>({ name: 'network overlap', text, values: [network, cidr] });
  return rows[0]?.id;
}

/** Puts pools in place of those there are. */
export async function writePools(reader: Reader, subnet: string, pools: readonly Pool[]): Promise<void> {
  await reader.query({
    name: 'network pools drop',
    text: 'delete from net_allocation_pools where subnet_id = $1',
    values: [subnet],
  });
  const text = `insert into net_allocation_pools (subnet_id, first_ip, last_ip)
    select $1, * from unnest($2::inet[], $3::inet[])`;
  const values = [subnet, pools.map(({ start }) => start), pools.map(({ end }) => end)];
  await reader.query({ name: 'network pools', text, values });
}

/** Gives the ports that are on a network already the addresses they make themselves on a new subnet. */
export async function addAutoAddresses(reader: Reader, subnet: string): Promise<void> {
  const text = `insert into net_fixed_ips (subnet_id, ip, port_id, position)
    select s.id, net_auto_address(s.cidr, p.mac_address), p.id,
           coalesce((select max(f.position) + 1 from net_fixed_ips f where f.port_id = p.id), 0)
      from net_subnets s join net_ports p on p.network_id = s.network_id
     where s.id = $1 and p.device_owner not like 'network:router%' and p.ip_allocation <> 'none'
    on conflict do nothing`;
  await reader.query({ name: 'network auto addresses', text, values: [subnet] });
}

/** A port that holds an address of the subnet and does not just go with it. */
export async function findUser(reader: Reader, subnet: string): Promise<string | undefined> {
  const text = `select p.id from net_subnets s join net_fixed_ips f on f.subnet_id = s.id join net_ports p on p.id = f.port_id
    where s.id = $1 and p.device_owner not in ('network:dhcp', 'network:distributed')
      and (s.ipv6_address_mode is null or s.ipv6_address_mode = 'dhcpv6-stateful' or p.device_owner like 'network:router%')
    limit 1`;
  return (await reader.query<{ id: string }>({ name: 'network subnet user', text, values: [subnet] }))[0]?.id;
}

/** The port of a router that has an address. */
export async function findRouterPort(reader: Reader, subnet: string, address: string): Promise<string | undefined> {
  const text = `select p.id from net_fixed_ips f join net_ports p on p.id = f.port_id
    where f.subnet_id = $1 and f.ip = $2::inet and p.device_owner like 'network:router%' limit 1`;
  return (await reader.query<{ id: string }>({ name: 'network gateway port', text, values: [subnet, address] }))[0]?.id;
}

export interface SubnetRow {
  id: string;
  network_id: string;
  ip_version: 4 | 6;
  cidr: string;
  gateway_ip: string | null;
  enable_dhcp: boolean;
  ipv6_ra_mode: string | null;
  ipv6_address_mode: string | null;
  segment_id: string | null;
}

export async function readSubnet(reader: Reader, id: string): Promise<SubnetRow | undefined> {
  const text = `select id, network_id, ip_version, cidr::text as cidr, host(gateway_ip) as gateway_ip, enable_dhcp,
    ipv6_ra_mode, ipv6_address_mode, segment_id from net_subnets where id = $1`;
  return (await reader.query<SubnetRow>({ name: 'network subnet', text, values: [id] }))[0];
}

export async function readPools(reader: Reader, subnet: string): Promise<Pool[]> {
  const text = `select host(first_ip) as start, host(last_ip) as "end" from net_allocation_pools where subnet_id = $1 order by first_ip`;
  return reader.query<Pool>({ name: 'network pools of', text, values: [subnet] });
}
