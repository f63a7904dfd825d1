import { newUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';
import type { NetworkRoom } from '../room.ts';

// Ports the network makes for itself: legs of routers, holders of floating addresses. Nobody asks for them by the
// ports API, and no quota counts them.

/** An address in a subnet; null: any that is free. */
export interface AddressWish {
  subnetId: string;
  ip: string | null;
}

export interface ServicePort {
  networkId: string;
  /** '' is nobody's: tenants do not see it. */
  project: string;
  owner: string;
  device: string;
  status: string;
}

const MAC_TRIES = 8;

/** Makes a port without addresses; its id. */
export async function insertServicePort(
  tx: Reader,
  { random, config }: Pick<NetworkRoom, 'random' | 'config'>,
  port: ServicePort,
): Promise<string> {
  const id = newUuid();
  const text = `
    insert into net_ports (id, project_id, network_id, mac_address, status, device_id, device_owner, port_security_enabled)
    values ($1, $2, $3, $4, $5, $6, $7, false) on conflict on constraint net_ports_mac_key do nothing returning id`;
  for (let i = 0; i < MAC_TRIES; i++) {
    const mac = `${config.macBase}:${[...random.bytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
    const values = [id, port.project, port.networkId, mac, port.status, port.device, port.owner];
    const made = await tx.query({ name: 'service port', text, values });
    if (made.length > 0) return id;
  }
  throw new Error('no free MAC address was found');
}

/** Takes an address for a port; null when it is taken, or when none is left. */
export async function takeAddress(
  tx: Reader,
  { random }: Pick<NetworkRoom, 'random'>,
  port: string,
  wish: AddressWish,
  position: number,
): Promise<string | null> {
  const { subnetId, ip } = wish;
  const [row] =
    ip === null
      ? await tx.query<{ ip: string | null }>({
          name: 'address taken',
          text: 'select host(net_take_address($1, $2, $3, $4)) as ip',
          values: [port, subnetId, position, random.next()],
        })
      : await tx.query<{ ip: string | null }>({
          name: 'certain address taken',
          text: `insert into net_fixed_ips (subnet_id, ip, port_id, position) values ($1, $2::inet, $3, $4)
                 on conflict do nothing returning host(ip) as ip`,
          values: [subnetId, ip, port, position],
        });
  return row?.ip ?? null;
}

/** Does the network lead outside? Held so until the transaction ends. */
export async function leadsOut(tx: Reader, network: string): Promise<boolean> {
  const text = 'select external from net_networks where id = $1 for share';
  return (
    (await tx.query<{ external: boolean }>({ name: 'network leads out', text, values: [network] }))[0]?.external ===
    true
  );
}

/** A subnet as who puts ports into it has to know it. */
export interface SubnetFacts {
  id: string;
  project_id: string;
  network_id: string;
  network_project: string;
  ip_version: 4 | 6;
  cidr: string;
  gateway_ip: string | null;
  ipv6_ra_mode: string | null;
  ipv6_address_mode: string | null;
}

const SUBNET = `
  select s.id, s.project_id, s.network_id, n.project_id as network_project, s.ip_version, s.cidr::text as cidr,
         host(s.gateway_ip) as gateway_ip, s.ipv6_ra_mode, s.ipv6_address_mode
    from net_subnets s join net_networks n on n.id = s.network_id`;

export async function findSubnetFacts(reader: Reader, id: string): Promise<SubnetFacts | undefined> {
  const text = `${SUBNET} where s.id = $1 for share of s`;
  return (await reader.query<SubnetFacts>({ name: 'subnet facts', text, values: [id] }))[0];
}

/** Subnets of a network, oldest first. */
export async function subnetFactsOf(reader: Reader, network: string): Promise<SubnetFacts[]> {
  const text = `${SUBNET} where s.network_id = $1 order by s.seq for share of s`;
  return reader.query<SubnetFacts>({ name: 'subnets of network', text, values: [network] });
}

/** A port as who attaches it has to know it; held until the transaction ends. */
export interface PortFacts {
  id: string;
  project_id: string;
  network_id: string;
  device_id: string;
  device_owner: string;
  host_id: string;
  ips: { ip: string; subnetId: string; version: 4 | 6 }[];
}

export async function lockPort(tx: Reader, id: string): Promise<PortFacts | undefined> {
  const text = `
    select p.id, p.project_id, p.network_id, p.device_id, p.device_owner, p.host_id,
           (select coalesce(json_agg(json_build_object('ip', host(f.ip), 'subnetId', f.subnet_id, 'version', family(f.ip))
                    order by f.position, f.ip), '[]') from net_fixed_ips f where f.port_id = p.id)::text as ips
      from net_ports p where p.id = $1 for no key update of p`;
  const [row] = await tx.query<Omit<PortFacts, 'ips'> & { ips: string }>({ name: 'port locked', text, values: [id] });
  return row === undefined ? undefined : { ...row, ips: JSON.parse(row.ips) as PortFacts['ips'] };
}

/** Gives a port to a device, or back to nobody. */
export async function assignPort(tx: Reader, id: string, device: string, owner: string): Promise<void> {
  const text = `update net_ports set device_id = $2, device_owner = $3, revision = revision + 1, updated_at = clock_timestamp()
                 where id = $1`;
  await tx.query({ name: 'port assigned', text, values: [id, device, owner] });
}

export async function deleteServicePort(tx: Reader, id: string): Promise<void> {
  await tx.query({ name: 'service port deleted', text: 'delete from net_ports where id = $1', values: [id] });
}
