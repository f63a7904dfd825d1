import type { Reader } from '#store/contract';
import type { Subport } from '../model/trunk.ts';

/** A port as trunks have to know it; held until the transaction ends. */
export interface TrunkablePort {
  id: string;
  project_id: string;
  device_id: string;
  device_owner: string;
  host_id: string;
  mtu: number;
  /** The VLAN of its network; null where it lies on none. */
  vlan: number | null;
  parent_of: string | null;
  subport_of: string | null;
}

/** Ports by id, locked in one order. Those that are not there are absent. */
export async function lockTrunkable(tx: Reader, ids: readonly string[]): Promise<Map<string, TrunkablePort>> {
  const text = `
    select p.id, p.project_id, p.device_id, p.device_owner, p.host_id, n.mtu,
           (select g.segmentation_id from net_segments g
             where g.network_id = n.id and g.network_type = 'vlan' and not g.dynamic
             order by g.segment_index, g.id limit 1) as vlan,
           (select t.id from net_trunks t where t.port_id = p.id) as parent_of,
           (select u.trunk_id from net_subports u where u.port_id = p.id) as subport_of
      from net_ports p join net_networks n on n.id = p.network_id
     where p.id = any($1::uuid[]) order by p.id for no key update of p`;
  const rows = await tx.query<TrunkablePort>({ name: 'trunkable ports', text, values: [ids] });
  return new Map(rows.map((row) => [row.id, row]));
}

export interface TrunkRow {
  id: string;
  project_id: string;
  port_id: string;
  admin_state_up: boolean;
  mtu: number;
}

export async function lockTrunk(tx: Reader, id: string): Promise<TrunkRow | undefined> {
  const text = `select t.id, t.project_id, t.port_id, t.admin_state_up, n.mtu
                  from net_trunks t join net_ports p on p.id = t.port_id join net_networks n on n.id = p.network_id
                 where t.id = $1 for update of t`;
  return (await tx.query<TrunkRow>({ name: 'trunk locked', text, values: [id] }))[0];
}

export async function subportsOf(reader: Reader, trunk: string): Promise<Subport[]> {
  const text = `select port_id, segmentation_type, segmentation_id from net_subports
                 where trunk_id = $1 order by segmentation_id`;
  return reader.query<Subport>({ name: 'subports', text, values: [trunk] });
}

export async function insertSubports(tx: Reader, trunk: string, subports: readonly Subport[]): Promise<void> {
  const text = `
    insert into net_subports (port_id, trunk_id, segmentation_type, segmentation_id)
    select u.port, $1, u.type, u.id from unnest($2::uuid[], $3::text[], $4::int[]) as u(port, type, id)`;
  const values = [
    trunk,
    subports.map(({ port_id }) => port_id),
    subports.map(({ segmentation_type }) => segmentation_type),
    subports.map(({ segmentation_id }) => segmentation_id),
  ];
  await tx.query({ name: 'subports added', text, values });
}

export async function deleteSubports(tx: Reader, trunk: string, ports: readonly string[]): Promise<void> {
  const text = 'delete from net_subports where trunk_id = $1 and port_id = any($2::uuid[])';
  await tx.query({ name: 'subports removed', text, values: [trunk, ports] });
}

/** Gives ports to a trunk, or back to nobody. */
export async function markSubports(tx: Reader, ports: readonly string[], trunk: string | null): Promise<void> {
  const text = `update net_ports set device_id = $2, device_owner = $3, revision = revision + 1, updated_at = clock_timestamp()
                 where id = any($1::uuid[])`;
  await tx.query({
    name: 'subports marked',
    text,
    values: [ports, trunk ?? '', trunk === null ? '' : 'trunk:subport'],
  });
}
