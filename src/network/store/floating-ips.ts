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

export async function insertFloatingIp(tx: Reader, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row);
  const text = `insert into net_floating_ips (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})`;
  await tx.query({ text, values: names.map((name) => row[name]) });
}

/** Changes columns; the revision rises in any case. */
export async function updateFloatingIp(tx: Reader, id: string, change: Record<string, unknown>): Promise<void> {
  const names = Object.keys(change);
  const sets = [
    ...names.map((name, i) => `${name} = $${i + 2}`),
    'revision = revision + 1',
    'updated_at = clock_timestamp()',
  ];
  const text = `update net_floating_ips set ${sets.join(', ')} where id = $1`;
  await tx.query({ text, values: [id, ...names.map((name) => change[name])] });
}

export async function deleteFloatingIpRow(tx: Reader, id: string): Promise<void> {
  await tx.query({ name: 'floating ip deleted', text: 'delete from net_floating_ips where id = $1', values: [id] });
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

export async function insertForwarding(
  tx: Reader,
  row: PortForwardingRow & { project_id: string; description: string },
): Promise<void> {
  const text = `
    insert into net_port_forwardings (id, project_id, description, floatingip_id, internal_port_id, internal_ip,
                                      internal_port, external_port, protocol)
    values ($1, $2, $3, $4, $5, $6::inet, $7, $8, $9)`;
  const { id, project_id: project, description, floatingip_id: fip, internal_port_id: port } = row;
  const values = [id, project, description, fip, port, row.internal_ip, row.internal_port, row.external_port, row.protocol];
  await tx.query({ name: 'port forwarding', text, values });
}

export async function updateForwarding(tx: Reader, row: PortForwardingRow & { description?: string }): Promise<void> {
  const text = `
    update net_port_forwardings set internal_port_id = $2, internal_ip = $3::inet, internal_port = $4, external_port = $5,
           protocol = $6, description = coalesce($7, description), revision = revision + 1, updated_at = clock_timestamp()
     where id = $1`;
  const { id, internal_port_id: port, internal_ip: ip, internal_port: inner, external_port: outer, protocol } = row;
  const values = [id, port, ip, inner, outer, protocol, row.description ?? null];
  await tx.query({ name: 'port forwarding changed', text, values });
}

export async function deleteForwardingRow(tx: Reader, id: string): Promise<void> {
  const text = 'delete from net_port_forwardings where id = $1';
  await tx.query({ name: 'port forwarding deleted', text, values: [id] });
}
