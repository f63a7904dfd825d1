import type { Reader } from '#store/contract';

export interface FloatingIpRow {
  id: string;
  project_id: string;
  floating_network_id: string;
  floating_ip: string;
  floating_port_id: string;
  fixed_port_id: string | null;
  fixed_ip: string | null;
  router_id: string | null;
  /** How many ports of it are forwarded. */
  forwardings: number;
}

/** The floating address, held until the transaction ends. */
export async function lockFloatingIp(tx: Reader, id: string): Promise<FloatingIpRow | undefined> {
  const text = `
    select i.id, i.project_id, i.floating_network_id, host(i.floating_ip) as floating_ip, i.floating_port_id,
           i.fixed_port_id, host(i.fixed_ip) as fixed_ip, i.router_id,
           (select count(*)::int from net_port_forwardings w where w.floatingip_id = i.id) as forwardings
      from net_floating_ips i where i.id = $1 for update of i`;
  return (await tx.query<FloatingIpRow>({ name: 'floating ip locked', text, values: [id] }))[0];
}

/** Says which router carries the forwarded ports of a floating address; null when there are none any more. */
export async function carryForwardings(tx: Reader, id: string, router: string | null): Promise<void> {
  const text = `update net_floating_ips set router_id = $2, status = $3, revision = revision + 1, updated_at = clock_timestamp()
                 where id = $1`;
  const values = [id, router, router === null ? 'DOWN' : 'ACTIVE'];
  await tx.query({ name: 'floating ip carried', text, values });
}

/**
 * The router that carries an address of `network` to `subnet`: one with a leg in the subnet and its way out by the
 * network. Held against change until the transaction ends.
 */
export async function routerBetween(tx: Reader, subnet: string, network: string): Promise<string | undefined> {
  const text = `
    select r.id from net_routers r
     where r.gateway_network_id = $2 and exists (
       select from net_router_ports rp join net_fixed_ips f on f.port_id = rp.port_id
        where rp.router_id = r.id and rp.kind = 'interface' and f.subnet_id = $1)
     order by r.seq limit 1 for share of r`;
  return (await tx.query<{ id: string }>({ name: 'router between', text, values: [subnet, network] }))[0]?.id;
}

/** The floating address, if any, that leads to a fixed one, or forwards ports to it. */
export async function leadingTo(reader: Reader, port: string, ip: string): Promise<string | undefined> {
  const text = 'select id from net_floating_ips where fixed_port_id = $1 and fixed_ip = $2::inet limit 1';
  return (await reader.query<{ id: string }>({ name: 'floating ip of port', text, values: [port, ip] }))[0]?.id;
}

export interface PortForwardingRow {
  id: string;
  floatingip_id: string;
  internal_port_id: string;
  internal_ip: string;
  internal_port: number;
  external_port: number;
  protocol: 'tcp' | 'udp' | 'sctp';
}

export async function forwardingsOf(reader: Reader, floatingIp: string): Promise<PortForwardingRow[]> {
  const text = `
    select id, floatingip_id, internal_port_id, host(internal_ip) as internal_ip, internal_port, external_port, protocol
      from net_port_forwardings where floatingip_id = $1 order by seq`;
  return reader.query<PortForwardingRow>({ name: 'port forwardings', text, values: [floatingIp] });
}

export async function deleteForwardingRow(tx: Reader, id: string): Promise<void> {
  const text = 'delete from net_port_forwardings where id = $1';
  await tx.query({ name: 'port forwarding deleted', text, values: [id] });
}
