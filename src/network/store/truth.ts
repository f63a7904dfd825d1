import type { Reader } from '#store/contract';
import type { AddressGroup, Network, Port, Router, SecurityGroup, Truth, UnitKind } from '../model/truth.ts';

// Reads the truth of a batch of units, each kind by one statement whose answer is one JSON document a row: a unit is
// read with all that hangs on it, without a second question.

/** Ids of units to read, by kind. */
export type Wish = Readonly<Partial<Record<UnitKind, ReadonlySet<string>>>>;

const SUBNET = `json_build_object(
  'id', s.id, 'version', s.ip_version, 'cidr', s.cidr, 'gateway', host(s.gateway_ip),
  'enableDhcp', s.enable_dhcp, 'ovnDhcp', s.enable_dhcp and s.dhcp_responder = 'ovn',
  'dns', (select coalesce(json_agg(host(d)), '[]') from unnest(s.dns_nameservers) d),
  'hostRoutes', s.host_routes, 'raMode', s.ipv6_ra_mode, 'addressMode', s.ipv6_address_mode)`;

const NETWORKS = `
select json_build_object(
  'id', n.id, 'name', n.name, 'external', n.external, 'mtu', n.mtu, 'dnsDomain', n.dns_domain,
  'segments', (select coalesce(json_agg(json_build_object(
      'id', g.id, 'type', g.network_type, 'physicalNetwork', g.physical_network,
      'segmentationId', g.segmentation_id, 'dynamic', g.dynamic) order by g.segment_index, g.id), '[]')
    from net_segments g where g.network_id = n.id),
  'subnets', (select coalesce(json_agg(${SUBNET} order by s.seq), '[]') from net_subnets s where s.network_id = n.id),
  'machines', (select coalesce(json_agg(json_build_object(
      'portId', p.id, 'mac', p.mac_address, 'segmentId', p.bound_segment_id,
      'portSecurity', p.port_security_enabled, 'pairs', p.allowed_address_pairs,
      'ips', (select coalesce(json_agg(host(f.ip) order by f.position, f.ip), '[]') from net_fixed_ips f where f.port_id = p.id))
      order by p.seq), '[]')
    from net_segments g join net_ports p on p.bound_segment_id = g.id and p.network_id = n.id
   where g.network_id = n.id and g.dynamic and p.vnic_type = 'baremetal' and p.host_id <> '' and p.admin_state_up)
)::text as doc from net_networks n where n.id = any($1::uuid[])`;

const PORTS = `
select json_build_object(
  'id', p.id, 'name', p.name, 'networkId', p.network_id, 'mac', p.mac_address, 'adminUp', p.admin_state_up,
  'deviceOwner', p.device_owner, 'deviceId', p.device_id, 'portSecurity', p.port_security_enabled,
  'pairs', p.allowed_address_pairs, 'dhcpOptions', p.extra_dhcp_opts, 'vnicType', p.vnic_type, 'hostId', p.host_id,
  'boundSegmentId', p.bound_segment_id, 'dnsName', p.dns_name, 'dnsDomain', p.dns_domain,
  'fixedIps', (select coalesce(json_agg(json_build_object('subnetId', f.subnet_id, 'ip', host(f.ip)) order by f.position, f.ip), '[]')
    from net_fixed_ips f where f.port_id = p.id),
  'groups', (select coalesce(json_agg(g.group_id), '[]') from net_port_security_groups g where g.port_id = p.id),
  'routerId', (select r.router_id from net_router_ports r where r.port_id = p.id),
  'trunk', (select json_build_object('parentId', t.port_id, 'tag', u.segmentation_id)
    from net_subports u join net_trunks t on t.id = u.trunk_id where u.port_id = p.id),
  'qos', (select coalesce(json_agg(json_build_object('type', q.type, 'direction', q.direction, 'maxKbps', q.max_kbps,
      'maxBurstKbps', q.max_burst_kbps, 'dscp', q.dscp_mark) order by q.type, q.direction), '[]')
    from net_qos_rules q
   where q.policy_id = coalesce(p.qos_policy_id, (select n.qos_policy_id from net_networks n where n.id = p.network_id)))
)::text as doc from net_ports p where p.id = any($1::uuid[])`;

const GROUPS = `
select json_build_object(
  'id', g.id, 'name', g.name, 'stateful', g.stateful,
  'rules', (select coalesce(json_agg(json_build_object(
      'id', r.id, 'direction', r.direction, 'ethertype', r.ethertype, 'protocol', r.protocol,
      'portMin', r.port_range_min, 'portMax', r.port_range_max, 'remotePrefix', r.remote_ip_prefix,
      'remoteGroupId', r.remote_group_id, 'remoteAddressGroupId', r.remote_address_group_id) order by r.seq), '[]')
    from net_security_group_rules r where r.group_id = g.id),
  'machineIps', (select coalesce(json_agg(host(f.ip) order by f.ip), '[]')
    from net_segments d join net_ports p on p.bound_segment_id = d.id and p.vnic_type = 'baremetal' and p.host_id <> ''
    join net_port_security_groups m on m.port_id = p.id and m.group_id = g.id
    join net_fixed_ips f on f.port_id = p.id
   where d.dynamic)
)::text as doc from net_security_groups g where g.id = any($1::uuid[])`;

const ADDRESS_GROUPS = `
select json_build_object('id', a.id, 'addresses', a.addresses)::text as doc
  from net_address_groups a where a.id = any($1::uuid[])`;

const ROUTERS = `
select json_build_object(
  'id', r.id, 'name', r.name, 'adminUp', r.admin_state_up, 'snat', r.enable_snat, 'distributed', r.distributed,
  'zones', to_json(r.availability_zone_hints),
  'routes', r.routes,
  'ports', (select coalesce(json_agg(json_build_object(
      'id', p.id, 'kind', rp.kind, 'mac', p.mac_address, 'networkId', p.network_id, 'networkMtu', n.mtu,
      'physical', exists (select from net_segments g where g.network_id = n.id and not g.dynamic and g.physical_network is not null),
      'addresses', (select coalesce(json_agg(json_build_object('ip', host(f.ip), 'subnet', ${SUBNET}) order by f.position, f.ip), '[]')
        from net_fixed_ips f join net_subnets s on s.id = f.subnet_id where f.port_id = p.id)) order by p.seq), '[]')
    from net_router_ports rp join net_ports p on p.id = rp.port_id join net_networks n on n.id = p.network_id
   where rp.router_id = r.id),
  'floatingIps', (select coalesce(json_agg(json_build_object(
      'id', i.id, 'ip', host(i.floating_ip), 'fixedIp', host(i.fixed_ip), 'fixedPortId', i.fixed_port_id,
      'mac', o.mac_address, 'onChassis', p.vnic_type = 'normal') order by i.seq), '[]')
    from net_floating_ips i join net_ports o on o.id = i.floating_port_id join net_ports p on p.id = i.fixed_port_id
   where i.router_id = r.id and i.fixed_ip is not null),
  'forwardings', (select coalesce(json_agg(json_build_object(
      'id', w.id, 'ip', host(i.floating_ip), 'externalPort', w.external_port, 'internalIp', host(w.internal_ip),
      'internalPort', w.internal_port, 'protocol', w.protocol) order by w.seq), '[]')
    from net_floating_ips i join net_port_forwardings w on w.floatingip_id = i.id where i.router_id = r.id)
)::text as doc from net_routers r where r.id = any($1::uuid[])`;

/** Reads units and what their rows refer to (the networks of ports). Units that are gone are absent. */
export async function readTruth(reader: Reader, wish: Wish): Promise<Omit<Truth, 'chassis'>> {
  const [ports, groups, addressGroups, routers] = await Promise.all([
    read<Port>(reader, 'ports', PORTS, wish.port),
    read<SecurityGroup>(reader, 'groups', GROUPS, wish.security_group),
    read<AddressGroup>(reader, 'address groups', ADDRESS_GROUPS, wish.address_group),
    read<Router>(reader, 'routers', ROUTERS, wish.router),
  ]);
  const ids = new Set(wish.network);
  for (const port of ports.values()) ids.add(port.networkId);
  return { networks: await read<Network>(reader, 'networks', NETWORKS, ids), ports, groups, addressGroups, routers };
}

async function read<T extends { id: string }>(
  reader: Reader,
  what: string,
  text: string,
  ids: ReadonlySet<string> | undefined,
): Promise<Map<string, T>> {
  if (ids === undefined || ids.size === 0) return new Map();
  const rows = await reader.query<{ doc: string }>({ name: `network truth: ${what}`, text, values: [[...ids]] });
  return new Map(
    rows.map(({ doc }) => {
      const found = JSON.parse(doc) as T;
      return [found.id, found];
    }),
  );
}
