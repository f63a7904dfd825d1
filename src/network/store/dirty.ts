import type { Reader } from '#store/contract';
import type { UnitKind } from '../model/truth.ts';

// The queue of what OVN has not seen. Triggers fill it; see the migrations.

/** A mark as it stands in the queue. */
export interface Mark {
  seq: bigint;
  unit: string;
  id: string;
}

/** The oldest marks, and whether there are more. */
export async function readMarks(reader: Reader, limit: number): Promise<Mark[]> {
  const text = 'select seq, unit, id from net_dirty order by seq limit $1';
  return reader.query<Mark>({ name: 'network marks', text, values: [limit] });
}

/** Takes marks out, once OVN has what they stand for. */
export async function dropMarks(reader: Reader, seqs: readonly bigint[]): Promise<void> {
  if (seqs.length === 0) return;
  const text = 'delete from net_dirty where seq = any($1::bigint[])';
  await reader.query({ name: 'network marks done', text, values: [seqs] });
}

const EXPAND = `
with marks as (select u.unit, u.id from unnest($1::text[], $2::uuid[]) as u(unit, id))
select unit, id from marks where unit in ('address_group', 'security_group', 'network', 'port', 'router')
union
-- The legs of a network's routers carry its MTU and its kind.
select 'router', rp.router_id from marks m join net_ports p on p.network_id = m.id
  join net_router_ports rp on rp.port_id = p.id
 where m.unit = 'network' and p.device_owner like 'network:%'
union
-- DHCP options of a port's own hold the network's MTU and domain.
select 'port', p.id from marks m join net_ports p on p.network_id = m.id
 where m.unit = 'network' and p.extra_dhcp_opts::text <> '[]'
union
-- DNS names and limits a port takes from its network.
select 'port', p.id from marks m join net_ports p on p.network_id = m.id where m.unit = 'network_ports'
union
-- The DHCP options a port refers to come and go with its subnet.
select 'port', f.port_id from marks m join net_fixed_ips f on f.subnet_id = m.id where m.unit = 'subnet'
union
select 'router', rp.router_id from marks m join net_fixed_ips f on f.subnet_id = m.id
  join net_router_ports rp on rp.port_id = f.port_id where m.unit = 'subnet'
union
select 'router', rp.router_id from marks m join net_router_ports rp on rp.port_id = m.id where m.unit = 'port'
union
select 'router', i.router_id from marks m join net_floating_ips i on i.fixed_port_id = m.id or i.floating_port_id = m.id
 where m.unit = 'port' and i.router_id is not null
union
-- A machine on an overlay stands in rows of its network and its groups.
select 'network', p.network_id from marks m join net_ports p on p.id = m.id
 where m.unit = 'port' and p.vnic_type <> 'normal'
union
select 'security_group', g.group_id from marks m join net_ports p on p.id = m.id
  join net_port_security_groups g on g.port_id = p.id
 where m.unit = 'port' and p.vnic_type <> 'normal'
union
select 'router', i.router_id from marks m join net_floating_ips i on i.id = m.id
 where m.unit = 'floating_ip' and i.router_id is not null
union
select 'port', p.id from marks m join net_ports p on p.qos_policy_id = m.id where m.unit = 'qos_policy'
union
select 'port', p.id from marks m join net_networks n on n.qos_policy_id = m.id
  join net_ports p on p.network_id = n.id and p.qos_policy_id is null where m.unit = 'qos_policy'`;

/** What has to be looked at when these changed: the units themselves, and those whose rows are made of them. */
export async function expandMarks(
  reader: Reader,
  marks: readonly { unit: string; id: string }[],
): Promise<{ unit: UnitKind; id: string }[]> {
  const values = [marks.map(({ unit }) => unit), marks.map(({ id }) => id)];
  return reader.query<{ unit: UnitKind; id: string }>({ name: 'network marks expanded', text: EXPAND, values });
}

/** All units there are, of every kind. */
export async function allUnits(reader: Reader): Promise<{ unit: UnitKind; id: string }[]> {
  const text = `
    select 'address_group' as unit, id from net_address_groups union all
    select 'security_group', id from net_security_groups union all
    select 'network', id from net_networks union all
    select 'port', id from net_ports union all
    select 'router', id from net_routers`;
  return reader.query<{ unit: UnitKind; id: string }>({ name: 'network units', text });
}

/** Writes what OVN says of ports; gives the ids of those it changed. */
export async function writePortStates(reader: Reader, up: ReadonlyMap<string, boolean>): Promise<string[]> {
  if (up.size === 0) return [];
  const text = `
    update net_ports p set status = u.status
      from unnest($1::uuid[], $2::text[]) as u(id, status)
     where p.id = u.id and p.status <> u.status and p.vnic_type = 'normal'
    returning p.id`;
  const values = [[...up.keys()], [...up.values()].map((is) => (is ? 'ACTIVE' : 'DOWN'))];
  return (await reader.query<{ id: string }>({ name: 'network port states', text, values })).map(({ id }) => id);
}
