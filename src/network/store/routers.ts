import type { Reader } from '#store/contract';
import type { Connected, Route } from '../model/routing.ts';

export interface RouterRow {
  id: string;
  project_id: string;
  name: string;
  gateway_network_id: string | null;
  enable_snat: boolean;
  distributed: boolean;
  routes: Route[];
}

/** A port of a router, with its addresses. */
export interface Leg {
  portId: string;
  kind: 'interface' | 'gateway';
  networkId: string;
  addresses: Connected[];
}

/** The router, held until the transaction ends: what hangs on it is looked at and changed by one at a time. */
export async function lockRouter(tx: Reader, id: string): Promise<RouterRow | undefined> {
  const text = `select id, project_id, name, gateway_network_id, enable_snat, distributed, routes
                  from net_routers where id = $1 for update`;
  const [row] = await tx.query<Omit<RouterRow, 'routes'> & { routes: string }>({
    name: 'router locked',
    text,
    values: [id],
  });
  return row === undefined ? undefined : { ...row, routes: JSON.parse(row.routes) as Route[] };
}

/** All ports of a router. */
export async function legsOf(reader: Reader, router: string): Promise<Leg[]> {
  const text = `
    select rp.port_id as "portId", rp.kind, p.network_id as "networkId",
           (select coalesce(json_agg(json_build_object('subnetId', s.id, 'cidr', s.cidr, 'ip', host(f.ip))
                    order by f.position, f.ip), '[]')
              from net_fixed_ips f join net_subnets s on s.id = f.subnet_id where f.port_id = p.id)::text as addresses
      from net_router_ports rp join net_ports p on p.id = rp.port_id
     where rp.router_id = $1 order by p.seq`;
  const rows = await reader.query<Omit<Leg, 'addresses'> & { addresses: string }>({
    name: 'router legs',
    text,
    values: [router],
  });
  return rows.map((row) => ({ ...row, addresses: JSON.parse(row.addresses) as Connected[] }));
}

/** Makes a port a leg of a router. */
export async function addLeg(tx: Reader, router: string, port: string, kind: Leg['kind']): Promise<void> {
  const text = 'insert into net_router_ports (port_id, router_id, kind) values ($1, $2, $3)';
  await tx.query({ name: 'router leg', text, values: [port, router, kind] });
}

/** Floating addresses and forwarded ports that pass by the router: those to addresses in `subnets` only, if given. */
export async function floatingBy(reader: Reader, router: string, subnets?: readonly string[]): Promise<string[]> {
  const text = `
    select i.id from net_floating_ips i
     where i.router_id = $1 and ($2::uuid[] is null
        or exists (select from net_fixed_ips f where f.port_id = i.fixed_port_id and f.ip = i.fixed_ip and f.subnet_id = any($2))
        or exists (select from net_port_forwardings w join net_fixed_ips f on f.port_id = w.internal_port_id and f.ip = w.internal_ip
                    where w.floatingip_id = i.id and f.subnet_id = any($2)))`;
  const rows = await reader.query<{ id: string }>({
    name: 'router floating',
    text,
    values: [router, subnets ?? null],
  });
  return rows.map(({ id }) => id);
}
