import type { Reader } from '#store/contract';
import type { SubnetFacts } from '../model/port-addresses.ts';

// Addresses of ports. The primary key of the table is what keeps one from being given twice.

/** SQL of the subnets of network `$1`, in the order they were made. */
export const SUBNET_FACTS = `select id, ip_version as version, cidr::text as cidr, ipv6_address_mode as "addressMode",
    service_types as "serviceTypes", segment_id as "segmentId" from net_subnets where network_id = $1 order by seq`;

/** Subnets of a network, in the order they were made. */
export const readSubnetFacts = (reader: Reader, network: string): Promise<SubnetFacts[]> =>
  reader.query<SubnetFacts>({ name: 'network subnet facts', text: SUBNET_FACTS, values: [network] });

export interface NamedIp {
  port: string;
  subnet: string;
  ip: string;
  position: number;
}

/** Gives ports the addresses named; gives those that others have. */
export async function giveNamed(reader: Reader, wanted: readonly NamedIp[]): Promise<NamedIp[]> {
  if (wanted.length === 0) return [];
  const text = `insert into net_fixed_ips (port_id, subnet_id, ip, position)
    select * from unnest($1::uuid[], $2::uuid[], $3::inet[], $4::int[])
    on conflict do nothing returning port_id, host(ip) as ip`;
  const values = [
    wanted.map(({ port }) => port),
    wanted.map(({ subnet }) => subnet),
    wanted.map(({ ip }) => ip),
    wanted.map(({ position }) => position),
  ];
  const rows = await reader.query<{ port_id: string; ip: string }>({ name: 'network give named', text, values });
  const given = new Set(rows.map(({ port_id: port, ip }) => `${port} ${ip}`));
  return wanted.filter(({ port, ip }) => !given.has(`${port} ${ip}`));
}

/** Gives ports the addresses that follow from their MAC addresses. */
export async function giveAuto(
  reader: Reader,
  wanted: readonly { port: string; subnet: string; position: number }[],
): Promise<void> {
  if (wanted.length === 0) return;
  const text = `insert into net_fixed_ips (port_id, subnet_id, ip, position)
    select p.id, s.id, net_auto_address(s.cidr, p.mac_address), u.position
      from unnest($1::uuid[], $2::uuid[], $3::int[]) as u(port, subnet, position)
      join net_ports p on p.id = u.port join net_subnets s on s.id = u.subnet
    on conflict do nothing`;
  const values = [
    wanted.map(({ port }) => port),
    wanted.map(({ subnet }) => subnet),
    wanted.map(({ position }) => position),
  ];
  await reader.query({ name: 'network give auto', text, values });
}

export interface AnyIp {
  port: string;
  subnet: string;
  position: number;
  seed: number;
}

/** Gives ports free addresses of subnets; true for those that got one, in order. */
export async function giveAny(reader: Reader, wanted: readonly AnyIp[]): Promise<boolean[]> {
  if (wanted.length === 0) return [];
  const text = `select net_take_address(u.port, u.subnet, u.position, u.seed) is not null as given
    from unnest($1::uuid[], $2::uuid[], $3::int[], $4::float8[]) with ordinality as u(port, subnet, position, seed, n)
    order by u.n`;
  const values = [
    wanted.map(({ port }) => port),
    wanted.map(({ subnet }) => subnet),
    wanted.map(({ position }) => position),
    wanted.map(({ seed }) => seed),
  ];
  return (await reader.query<{ given: boolean }>({ name: 'network give any', text, values })).map(({ given }) => given);
}

export interface HeldIp {
  subnet: string;
  ip: string;
  auto: boolean;
}

/** Addresses of a port. */
export async function readAddresses(reader: Reader, port: string): Promise<HeldIp[]> {
  const text = `select f.subnet_id as subnet, host(f.ip) as ip,
      coalesce(s.ipv6_address_mode in ('slaac', 'dhcpv6-stateless'), false) as auto
    from net_fixed_ips f join net_subnets s on s.id = f.subnet_id where f.port_id = $1 order by f.position, f.ip`;
  return reader.query<HeldIp>({ name: 'network addresses', text, values: [port] });
}

/** Takes all addresses of a port but these. */
export async function dropAddresses(reader: Reader, port: string, keep: readonly string[]): Promise<void> {
  const text = 'delete from net_fixed_ips where port_id = $1 and ip <> all ($2::inet[])';
  await reader.query({ name: 'network addresses drop', text, values: [port, keep] });
}

/** Orders the addresses of a port. */
export async function orderAddresses(
  reader: Reader,
  port: string,
  positions: ReadonlyMap<string, number>,
): Promise<void> {
  const text = `update net_fixed_ips f set position = u.position from unnest($2::inet[], $3::int[]) as u(ip, position)
    where f.port_id = $1 and f.ip = u.ip and f.position <> u.position`;
  await reader.query({
    name: 'network addresses order',
    text,
    values: [port, [...positions.keys()], [...positions.values()]],
  });
}
