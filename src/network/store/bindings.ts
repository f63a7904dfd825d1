import { newUuid } from '#kernel/ids';
import type { CableEnd, MachinePlace, ServicePurpose } from '#contracts/network';
import type { Reader } from '#store/contract';
import { giveAny } from './fixed-ips.ts';

// Writing what a port is bound to.

const PORT_SET = 'revision = revision + 1, updated_at = clock_timestamp()';

/** A VIF that shall be bound, with what that needs of its network. */
export interface VifRow {
  id: string;
  networkId: string;
  projectId: string;
  mac: string;
  hostId: string;
  deviceOwner: string;
  /** Segments the subnets of its addresses are tied to. */
  tied: string[];
  /** Subports of the trunk whose parent it is. */
  subports: { portId: string; networkId: string; tag: number; tied: string[] }[];
}

const TIED = (port: string) => `(select coalesce(json_agg(distinct s.segment_id), '[]') from net_fixed_ips f
  join net_subnets s on s.id = f.subnet_id where f.port_id = ${port} and s.segment_id is not null)`;

const VIF = `
select json_build_object('id', p.id, 'networkId', p.network_id, 'projectId', p.project_id, 'mac', p.mac_address,
  'hostId', p.host_id, 'deviceOwner', p.device_owner, 'tied', ${TIED('p.id')},
  'subports', (select coalesce(json_agg(json_build_object('portId', c.id, 'networkId', c.network_id,
      'tag', u.segmentation_id, 'tied', ${TIED('c.id')}) order by u.segmentation_id), '[]')
    from net_trunks t join net_subports u on u.trunk_id = t.id join net_ports c on c.id = u.port_id where t.port_id = p.id)
)::text as doc from net_ports p where p.id = $1`;

/** A port by id; undefined when there is none. */
export async function vifRow(reader: Reader, id: string): Promise<VifRow | undefined> {
  const [row] = await reader.query<{ doc: string }>({ name: 'network vif', text: VIF, values: [id] });
  return row === undefined ? undefined : (JSON.parse(row.doc) as VifRow);
}

/** Networks by id or name, for one word. */
export async function networksNamed(reader: Reader, ident: string): Promise<{ id: string; name: string }[]> {
  return reader.query({
    name: 'network named',
    text: `select id::text as id, name from net_networks where id::text = lower($1) or name = $1 order by (id::text = lower($1)) desc limit 3`,
    values: [ident],
  });
}

export interface BindingRow {
  port: string;
  machine: string;
  segment: string;
  /** Null: the port's own stays. */
  mac: string | null;
  profile: Readonly<Record<string, unknown>>;
}

/** Binds a port: what Neutron's `binding:*` say of it. It becomes ACTIVE once its switch ports were read back. */
export async function writeBinding(reader: Reader, row: BindingRow): Promise<void> {
  await reader.query({
    name: 'network bind',
    text: `update net_ports set vnic_type = 'baremetal', host_id = $2, bound_segment_id = $3, vif_type = 'other',
             vif_details = '{"port_filter": false, "connectivity": "l2"}', status = 'BUILD', binding_profile = $4,
             mac_address = coalesce($5::macaddr, mac_address), ${PORT_SET} where id = $1`,
    values: [row.port, row.machine, row.segment, JSON.stringify(row.profile), row.mac],
  });
}

/** Takes the binding of ports away, and of the subports that came with them; each gets a MAC address of its own again. */
export async function clearBindings(reader: Reader, ports: readonly string[], newMac: () => string): Promise<void> {
  if (ports.length === 0) return;
  const all = await reader.query<{ id: string; bound: boolean }>({
    name: 'network unbind which',
    text: `select p.id::text as id, p.vif_type = 'other' as bound from net_ports p where p.id = any($1::uuid[])
           union all select u.port_id::text, false from net_trunks t join net_subports u on u.trunk_id = t.id
            where t.port_id = any($1::uuid[])`,
    values: [ports],
  });
  for (const { id, bound } of all) {
    await reader.query({
      name: 'network unbind',
      text: `update net_ports set host_id = '', bound_segment_id = null, vif_type = 'unbound', vif_details = '{}',
               binding_profile = '{}', status = 'DOWN', mac_address = coalesce($2::macaddr, mac_address), ${PORT_SET}
             where id = $1`,
      values: [id, bound ? newMac() : null],
    });
  }
  await reader.query({
    name: 'network unbound trunks',
    text: `update net_trunks set status = 'DOWN' where port_id = any($1::uuid[]) and status <> 'DOWN'`,
    values: [ports],
  });
  await reader.query({
    name: 'network unbound',
    text: 'delete from net_machine_ports where port_id = any($1::uuid[])',
    values: [ports],
  });
}

/** Ports that say they are bound to a machine, and are neither plugged into it nor subports of what is. */
export async function strayBindings(reader: Reader, machine: string): Promise<{ id: string; network: string }[]> {
  return reader.query({
    name: 'network strays',
    text: `select p.id::text as id, p.network_id::text as network from net_ports p
           where p.host_id = $1::text and p.vif_type = 'other'
             and not exists (select from net_machine_ports m where m.port_id = p.id)
             and not exists (select from net_subports u join net_trunks t on t.id = u.trunk_id
                             join net_machine_ports m on m.port_id = t.port_id where u.port_id = p.id)`,
    values: [machine],
  });
}

/** Deletes ports of our own. */
export async function deletePorts(reader: Reader, ports: readonly string[]): Promise<void> {
  if (ports.length === 0) return;
  await reader.query({
    name: 'network service ports gone',
    text: 'delete from net_ports where id = any($1::uuid[])',
    values: [ports],
  });
}

/** VLANs that became of no use: those bridged into overlays on which no machine is any more. */
export async function dropUnusedDynamic(reader: Reader, networks: readonly string[]): Promise<void> {
  if (networks.length === 0) return;
  await reader.query({
    name: 'network dynamic gone',
    text: `delete from net_segments g where g.network_id = any($1::uuid[]) and g.dynamic
           and not exists (select from net_ports p where p.bound_segment_id = g.id)`,
    values: [networks],
  });
}

/** Holds a network for the transaction: its segments are chosen by one at a time. */
export async function lockNetworks(reader: Reader, networks: readonly string[]): Promise<void> {
  await reader.query({
    name: 'network lock',
    text: 'select 1 from net_networks where id = any($1::uuid[]) order by id for no key update',
    values: [networks],
  });
}

/** VLANs in use on a physical network. */
export async function usedVlans(reader: Reader, physicalNetwork: string): Promise<Set<number>> {
  // One at a time, so that two overlays do not choose the same.
  await reader.query({ text: 'select pg_advisory_xact_lock(hashtext($1))', values: [`net_vlans ${physicalNetwork}`] });
  const rows = await reader.query<{ vlan: number }>({
    name: 'network vlans',
    text: `select segmentation_id as vlan from net_segments where physical_network = $1 and network_type = 'vlan'`,
    values: [physicalNetwork],
  });
  return new Set(rows.map(({ vlan }) => vlan));
}

/** Adds the VLAN by which machines of a physical network are on an overlay; gives the segment's id. */
export async function addDynamic(
  reader: Reader,
  network: string,
  physicalNetwork: string,
  vlan: number,
): Promise<string> {
  const id = newUuid();
  await reader.query({
    name: 'network dynamic',
    text: `insert into net_segments (id, network_id, network_type, physical_network, segmentation_id, dynamic, segment_index)
           select $1, $2, 'vlan', $3, $4, true, coalesce(max(segment_index), 0) + 1 from net_segments where network_id = $2`,
    values: [id, network, physicalNetwork, vlan],
  });
  return id;
}

export interface ServicePortWish {
  network: string;
  machine: string;
  device: string;
  mac: string;
  purpose: ServicePurpose;
  securityGroups: readonly string[];
}

/** Makes a port of ours; where OVN answers DHCP on the network, with addresses. Gives its id. */
export async function makeServicePort(reader: Reader, wish: ServicePortWish): Promise<string> {
  const id = newUuid();
  await reader.query({
    name: 'network service port',
    text: `insert into net_ports (id, project_id, network_id, name, mac_address, device_id, device_owner, vnic_type, port_security_enabled)
           select $1, n.project_id, n.id, $3, $4, $5, 'baremetal:none', 'baremetal', cardinality($6::uuid[]) > 0
             from net_networks n where n.id = $2`,
    values: [id, wish.network, `${wish.purpose} ${wish.machine}`, wish.mac, wish.device, wish.securityGroups],
  });
  for (const group of wish.securityGroups) {
    await reader.query({
      name: 'network service port group',
      text: 'insert into net_port_security_groups (port_id, group_id) values ($1, $2)',
      values: [id, group],
    });
  }
  const subnets = await reader.query<{ id: string }>({
    name: 'network service subnets',
    text: `select distinct on (ip_version) id::text as id from net_subnets
           where network_id = $1 and enable_dhcp and dhcp_responder = 'ovn' and ipv6_address_mode is distinct from 'slaac'
           order by ip_version, seq`,
    values: [wish.network],
  });
  // From the beginning of each pool. A subnet that is full gives none.
  const wanted = subnets.map((subnet, position) => ({ port: id, subnet: subnet.id, position, seed: 0 }));
  await giveAny(reader, wanted);
  return id;
}

/** Ports whose switch ports were read back, or are no longer as wanted. */
export async function writeMachineStates(
  reader: Reader,
  ports: readonly string[],
  status: 'ACTIVE' | 'DOWN' | 'ERROR',
): Promise<string[]> {
  if (ports.length === 0) return [];
  const rows = await reader.query<{ id: string }>({
    name: 'network machine states',
    text: `update net_ports p set status = $2 where p.id = any($1::uuid[]) and p.status <> $2 and p.host_id <> '' returning p.id`,
    values: [ports, status],
  });
  await reader.query({
    name: 'network trunk states',
    text: `update net_trunks set status = $2 where port_id = any($1::uuid[]) and status <> $2`,
    values: [ports, status],
  });
  return rows.map(({ id }) => id);
}

/** `binding:profile` of a port at a place, as Ironic writes it. */
export function profileOf(place: MachinePlace): Record<string, unknown> {
  const link = ({ switchId, portId, switchInfo }: CableEnd) => ({
    switch_id: switchId,
    port_id: portId,
    ...(switchInfo === null ? {} : { switch_info: switchInfo }),
  });
  return {
    ...(place.links.length === 0 ? {} : { local_link_information: place.links.map(link) }),
    ...(place.bond === null
      ? {}
      : {
          local_group_information: {
            id: place.bond.id,
            name: place.bond.name,
            bond_mode: place.bond.mode,
            bond_properties: place.bond.properties,
          },
        }),
    ...(place.physicalNetwork === null ? {} : { physical_network: place.physicalNetwork }),
  };
}
