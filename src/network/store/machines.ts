import type { CableEnd, MachinePlace, Neighbour, ServicePurpose } from '#contracts/network';
import type { Reader } from '#store/contract';
import type { BoundPort } from '../machines/bound.ts';

// Machines: who acts on them, what is bound to them, where their cables end.

const SEGMENT = (id: string) => `(select json_build_object(
  'id', g.id, 'type', g.network_type, 'physicalNetwork', g.physical_network, 'segmentationId', g.segmentation_id,
  'dynamic', g.dynamic) from net_segments g where g.id = ${id})`;

const BOUND = `
select json_build_object(
  'id', p.id, 'networkId', p.network_id, 'mac', p.mac_address, 'status', p.status, 'vifType', p.vif_type,
  'place', m.place_id, 'purpose', m.purpose, 'links', m.links, 'bond', m.bond,
  'segment', ${SEGMENT('p.bound_segment_id')}, 'adminUp', p.admin_state_up,
  'portSecurity', p.port_security_enabled, 'pairs', p.allowed_address_pairs, 'strict', p.strict_security_groups,
  'ips', (select coalesce(json_agg(host(f.ip) order by f.position, f.ip), '[]') from net_fixed_ips f where f.port_id = p.id),
  'subports', (select coalesce(json_agg(json_build_object(
      'portId', c.id, 'networkId', c.network_id, 'tag', u.segmentation_id, 'inherits', u.segmentation_type = 'inherit',
      'segment', ${SEGMENT('c.bound_segment_id')}) order by u.segmentation_id), '[]')
    from net_trunks t join net_subports u on u.trunk_id = t.id join net_ports c on c.id = u.port_id
   where t.port_id = p.id and t.admin_state_up),
  'groups', (select coalesce(json_agg(json_build_object('id', g.id, 'stateful', g.stateful) order by g.id), '[]')
    from net_port_security_groups s join net_security_groups g on g.id = s.group_id where s.port_id = p.id),
  'rules', (select coalesce(json_agg(json_build_object(
      'id', r.id, 'groupId', r.group_id, 'direction', r.direction, 'ethertype', r.ethertype, 'protocol', r.protocol,
      'portMin', r.port_range_min, 'portMax', r.port_range_max, 'remotes', case
        when r.remote_ip_prefix is not null then json_build_array(r.remote_ip_prefix)
        when r.remote_group_id is not null then (select coalesce(json_agg(distinct host(f.ip) || '/' || masklen(f.ip)), '[]')
          from net_port_security_groups q join net_fixed_ips f on f.port_id = q.port_id where q.group_id = r.remote_group_id)
        when r.remote_address_group_id is not null then
          (select to_json(a.addresses) from net_address_groups a where a.id = r.remote_address_group_id)
        end) order by r.seq), '[]')
    from net_port_security_groups s join net_security_group_rules r on r.group_id = s.group_id where s.port_id = p.id)
)::text as doc from net_ports p`;

const BOUND_OF_MACHINE = `${BOUND} join net_machine_ports m on m.port_id = p.id where m.machine_id = $1 order by p.seq`;
/** Ports bound to no machine as well. */
const ONE = `${BOUND} left join net_machine_ports m on m.port_id = p.id where p.id = $1`;

async function documents<T>(reader: Reader, name: string, text: string, values: readonly unknown[]): Promise<T[]> {
  const rows = await reader.query<{ doc: string }>({ name, text, values });
  return rows.map(({ doc }) => JSON.parse(doc) as T);
}

/** What is bound to a machine. */
export const boundTo = (reader: Reader, machine: string): Promise<BoundPort[]> =>
  documents(reader, 'network machine bound', BOUND_OF_MACHINE, [machine]);

/** A port, bound to a machine or not, and whose it is. */
export interface MachinePort {
  /** `links` is null where it is bound to none. */
  port: Omit<BoundPort, 'links'> & { links: readonly CableEnd[] | null };
  vnicType: string;
  projectId: string;
  networkProject: string;
}

/** One port with the rules of its groups; undefined when there is none. */
export async function machinePort(reader: Reader, id: string): Promise<MachinePort | undefined> {
  const [port] = await documents<MachinePort['port']>(reader, 'network one machine port', ONE, [id]);
  if (port === undefined) return undefined;
  const [row] = await reader.query<Omit<MachinePort, 'port'>>({
    name: 'network port owner',
    text: `select p.vnic_type as "vnicType", p.project_id as "projectId", n.project_id as "networkProject"
           from net_ports p join net_networks n on n.id = p.network_id where p.id = $1`,
    values: [id],
  });
  return row === undefined ? undefined : { port, ...row };
}

/**
 * Takes a machine for a transaction: others who change it wait. False when a later owner was here before: what comes
 * from before its time is refused.
 */
export async function takeMachine(reader: Reader, machine: string, fence: bigint): Promise<boolean> {
  const rows = await reader.query({
    name: 'network machine take',
    text: `insert into net_machines as m (id, fence) values ($1, $2)
           on conflict (id) do update set fence = excluded.fence, updated_at = clock_timestamp() where m.fence <= excluded.fence
           returning id`,
    values: [machine, fence],
  });
  return rows.length > 0;
}

/** Who holds a machine: a flip, or the reconciler. */
export type Holder = `flip ${bigint}` | `reconcile ${string}`;

/**
 * Holds a machine's switch ports for `ms`. False while somebody else does. A flip is not held up by one of an earlier
 * owner, who is gone. Makes the machine's row where `fence` says that it may be new.
 */
export async function holdMachine(
  reader: Reader,
  machine: string,
  holder: Holder,
  ms: number,
  fence?: bigint,
): Promise<boolean> {
  if (fence !== undefined) {
    await reader.query({
      name: 'network machine new',
      text: 'insert into net_machines (id, fence) values ($1, $2) on conflict (id) do nothing',
      values: [machine, fence],
    });
  }
  const rows = await reader.query({
    name: 'network machine hold',
    text: `update net_machines set holder = $2, held_until = clock_timestamp() + $3::float8 * interval '1 millisecond'
           where id = $1 and (held_until is null or held_until < clock_timestamp() or holder = $2
             or ($2 like 'flip %' and holder like 'flip %')) returning id`,
    values: [machine, holder, ms],
  });
  return rows.length > 0;
}

/** Lets go of it, if it is still held by this one. */
export async function letGoOf(reader: Reader, machine: string, holder: Holder): Promise<void> {
  await reader.query({
    name: 'network machine let go',
    text: 'update net_machines set holder = null, held_until = null where id = $1 and holder = $2',
    values: [machine, holder],
  });
}

export interface MachineLink extends CableEnd {
  machine: string;
}

/** Machines that hang on switches. */
export async function machinesWithLinks(reader: Reader): Promise<string[]> {
  const text = 'select distinct machine_id::text as id from net_machine_links order by id';
  return (await reader.query<{ id: string }>({ name: 'network machines', text })).map(({ id }) => id);
}

/** The switch ports of a machine; of all machines without one. */
export async function machineLinks(reader: Reader, machine: string | null): Promise<MachineLink[]> {
  return reader.query<MachineLink>({
    name: 'network machine links',
    text: `select switch_id as "switchId", port_id as "portId", switch_info as "switchInfo", machine_id::text as machine
           from net_machine_links where $1::uuid is null or machine_id = $1 order by machine_id, switch_id, port_id`,
    values: [machine],
  });
}

/** Records switch ports as this machine's. Gives the machine that has one of them already, if one does. */
export async function addLinks(
  reader: Reader,
  machine: string,
  links: readonly CableEnd[],
): Promise<MachineLink | undefined> {
  for (const link of links) {
    const [row] = await reader.query<{ machine: string }>({
      name: 'network machine link',
      text: `with made as (
               insert into net_machine_links as l (switch_id, port_id, switch_info, machine_id) values ($1, $2, $3, $4)
               on conflict (switch_id, port_id) do update set switch_info = excluded.switch_info where l.machine_id = excluded.machine_id
               returning machine_id)
             select machine_id::text as machine from made
             union all select machine_id::text from net_machine_links
              where switch_id = $1 and port_id = $2 and not exists (select from made)`,
      values: [link.switchId, link.portId, link.switchInfo, machine],
    });
    if (row !== undefined && row.machine !== machine) return { ...link, machine: row.machine };
  }
  return undefined;
}

/** Forgets switch ports of a machine. */
export async function dropLinks(reader: Reader, machine: string, links: readonly CableEnd[]): Promise<void> {
  await reader.query({
    name: 'network machine links gone',
    text: `delete from net_machine_links l using unnest($2::text[], $3::text[]) as u(switch_id, port_id)
           where l.machine_id = $1 and l.switch_id = u.switch_id and l.port_id = u.port_id`,
    values: [machine, links.map(({ switchId }) => switchId), links.map(({ portId }) => portId)],
  });
}

export async function forgetMachine(reader: Reader, machine: string): Promise<void> {
  for (const text of [
    'delete from net_machine_neighbours where machine_id = $1',
    'delete from net_machines where id = $1',
  ]) {
    await reader.query({ name: text.slice(0, 40), text, values: [machine] });
  }
}

/** Notes that a port is bound to a place of a machine. */
export async function noteBound(
  reader: Reader,
  machine: string,
  port: string,
  place: MachinePlace,
  purpose: ServicePurpose | null,
): Promise<void> {
  await reader.query({
    name: 'network note bound',
    text: `insert into net_machine_ports (port_id, machine_id, place_id, links, bond, purpose) values ($1, $2, $3, $4, $5, $6)
           on conflict (port_id) do update set machine_id = excluded.machine_id, place_id = excluded.place_id,
             links = excluded.links, bond = excluded.bond, purpose = excluded.purpose`,
    values: [
      port,
      machine,
      place.id,
      JSON.stringify(place.links),
      place.bond === null ? null : JSON.stringify(place.bond),
      purpose,
    ],
  });
}

/** What inspections heard, of one machine or of all. */
export async function neighboursOf(
  reader: Reader,
  machine: string | null,
): Promise<(Neighbour & { machine: string; heardAt: string })[]> {
  return reader.query({
    name: 'network neighbours',
    text: `select machine_id::text as machine, mac::text as mac, nic, switch_id as "switchId", port_id as "portId",
             switch_info as "switchInfo", vlan, mtu, heard_at as "heardAt"
           from net_machine_neighbours where $1::uuid is null or machine_id = $1 order by machine_id, nic`,
    values: [machine],
  });
}

export async function keepNeighbours(reader: Reader, machine: string, heard: readonly Neighbour[]): Promise<void> {
  await reader.query({
    name: 'network neighbours gone',
    text: 'delete from net_machine_neighbours where machine_id = $1',
    values: [machine],
  });
  for (const one of heard) {
    await reader.query({
      name: 'network neighbour',
      text: `insert into net_machine_neighbours (machine_id, mac, nic, switch_id, port_id, switch_info, vlan, mtu)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (machine_id, mac) do nothing`,
      values: [machine, one.mac, one.nic, one.switchId, one.portId, one.switchInfo, one.vlan, one.mtu],
    });
  }
}

/** Networks that machines are on, or have a VLAN to be on, as `ingot doctor network` looks at them. */
export async function networksOfMachines(reader: Reader): Promise<
  {
    id: string;
    name: string;
    mtu: number;
    physical_network: string | null;
    vlan: number | null;
    machines: number;
    dhcp: string[];
    hosts: number;
  }[]
> {
  return reader.query({
    name: 'network of machines',
    text: `select n.id::text as id, n.name, n.mtu, g.physical_network, g.segmentation_id as vlan,
             count(distinct m.machine_id)::int as machines,
             coalesce((select array_agg(distinct s.dhcp_responder) from net_subnets s where s.network_id = n.id and s.enable_dhcp), '{}') as dhcp,
             (select count(*)::int from net_agents a where a.program = 'ovn-controller' and a.alive
               and a.configurations::jsonb -> 'bridge-mappings' ? g.physical_network) as hosts
           from net_machine_ports m join net_ports p on p.id = m.port_id join net_networks n on n.id = p.network_id
           left join net_segments g on g.id = p.bound_segment_id
           group by n.id, n.name, n.mtu, g.physical_network, g.segmentation_id order by n.name, n.id`,
  });
}
