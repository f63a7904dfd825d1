-- Networks of tenants: the truth of the Network API. What OVN and switches hold is made equal to it.
-- Every object has the same standard attributes (project_id, name, description, tags, revision, times); every edit
-- of a row raises `revision`. `status` alone is written by who looks at the networks, without raising it.

create table net_address_scopes (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  ip_version smallint not null check (ip_version in (4, 6)),
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_address_scopes_seq on net_address_scopes (seq);

create table net_qos_policies (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  tags text[] not null default '{}',
  -- The policy of a project's networks that name none.
  is_default boolean not null default false,
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_qos_policies_seq on net_qos_policies (seq);
create index net_qos_policies_project on net_qos_policies (project_id, seq);
create unique index net_qos_policies_default on net_qos_policies (project_id) where is_default;

create table net_qos_rules (
  id uuid primary key,
  policy_id uuid not null references net_qos_policies (id) on delete cascade,
  type text not null check (type in ('bandwidth_limit', 'dscp_marking', 'minimum_bandwidth', 'packet_rate_limit', 'minimum_packet_rate')),
  -- As seen from the port's owner: egress leaves the machine.
  direction text check (direction in ('egress', 'ingress', 'any')),
  max_kbps bigint,
  max_burst_kbps bigint,
  min_kbps bigint,
  dscp_mark smallint,
  max_kpps bigint,
  max_burst_kpps bigint,
  min_kpps bigint,
  created_at timestamptz not null default now()
);
create unique index net_qos_rules_one on net_qos_rules (policy_id, type, coalesce(direction, ''));

create table net_networks (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  tags text[] not null default '{}',
  admin_state_up boolean not null default true,
  status text not null default 'ACTIVE',
  -- `router:external`. `shared` is not a column: it is an RBAC policy for '*'.
  external boolean not null default false,
  is_default boolean not null default false,
  mtu integer not null default 1442,
  port_security_enabled boolean not null default true,
  vlan_transparent boolean,
  dns_domain text not null default '',
  availability_zone_hints text[] not null default '{}',
  qos_policy_id uuid references net_qos_policies (id),
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_networks_seq on net_networks (seq);
create index net_networks_project on net_networks (project_id, seq);
create index net_networks_name on net_networks (name);
create index net_networks_external on net_networks (seq) where external;
create unique index net_networks_default on net_networks (is_default) where is_default;
create index net_networks_qos on net_networks (qos_policy_id) where qos_policy_id is not null;

-- What a network is made of. The first is what `provider:*` shows. Overlays to which machines are attached get, for
-- each physical network, a VLAN that is bridged into the overlay: those are `dynamic`.
create table net_segments (
  seq bigint generated always as identity,
  id uuid primary key,
  network_id uuid not null references net_networks (id) on delete cascade,
  name text,
  description text,
  network_type text not null check (network_type in ('flat', 'vlan', 'geneve', 'vxlan', 'gre', 'local')),
  physical_network text,
  segmentation_id integer,
  segment_index integer not null default 0,
  dynamic boolean not null default false,
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((network_type in ('flat', 'vlan')) = (physical_network is not null)),
  check (network_type <> 'vlan' or segmentation_id between 1 and 4094)
);
create unique index net_segments_seq on net_segments (seq);
create index net_segments_network on net_segments (network_id, segment_index);
create unique index net_segments_vlan on net_segments (physical_network, segmentation_id) where network_type = 'vlan';
create unique index net_segments_flat on net_segments (physical_network) where network_type = 'flat';
create unique index net_segments_tunnel on net_segments (network_type, segmentation_id)
  where network_type in ('geneve', 'vxlan', 'gre');
create unique index net_segments_dynamic on net_segments (network_id, physical_network) where dynamic;

create table net_subnet_pools (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  tags text[] not null default '{}',
  ip_version smallint not null check (ip_version in (4, 6)),
  prefixes cidr[] not null,
  default_prefixlen smallint not null,
  min_prefixlen smallint not null,
  max_prefixlen smallint not null,
  default_quota bigint,
  is_default boolean not null default false,
  address_scope_id uuid references net_address_scopes (id),
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_subnet_pools_seq on net_subnet_pools (seq);
create index net_subnet_pools_project on net_subnet_pools (project_id, seq);
create unique index net_subnet_pools_default on net_subnet_pools (ip_version) where is_default;

create table net_subnets (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  tags text[] not null default '{}',
  network_id uuid not null references net_networks (id) on delete cascade,
  ip_version smallint not null check (ip_version in (4, 6)),
  cidr cidr not null,
  gateway_ip inet,
  enable_dhcp boolean not null default true,
  -- Who answers DHCP: one responder per subnet. 'dnsmasq' where ramdisks boot.
  dhcp_responder text not null default 'ovn' check (dhcp_responder in ('ovn', 'dnsmasq')),
  dns_nameservers inet[] not null default '{}',
  -- [{"destination": "10.1.0.0/16", "nexthop": "10.0.0.9"}]
  host_routes json not null default '[]',
  ipv6_ra_mode text check (ipv6_ra_mode in ('slaac', 'dhcpv6-stateful', 'dhcpv6-stateless')),
  ipv6_address_mode text check (ipv6_address_mode in ('slaac', 'dhcpv6-stateful', 'dhcpv6-stateless')),
  subnetpool_id uuid references net_subnet_pools (id),
  segment_id uuid references net_segments (id),
  service_types text[] not null default '{}',
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_subnets_seq on net_subnets (seq);
create index net_subnets_project on net_subnets (project_id, seq);
create index net_subnets_network on net_subnets (network_id, seq);
create index net_subnets_pool on net_subnets (subnetpool_id) where subnetpool_id is not null;
create index net_subnets_segment on net_subnets (segment_id) where segment_id is not null;

create table net_allocation_pools (
  subnet_id uuid not null references net_subnets (id) on delete cascade,
  first_ip inet not null,
  last_ip inet not null,
  primary key (subnet_id, first_ip),
  check (first_ip <= last_ip)
);

create table net_ports (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  tags text[] not null default '{}',
  network_id uuid not null references net_networks (id),
  mac_address macaddr not null,
  admin_state_up boolean not null default true,
  status text not null default 'DOWN',
  device_id text not null default '',
  device_owner text not null default '',
  port_security_enabled boolean not null default true,
  -- [{"ip_address": "10.0.0.0/24", "mac_address": "…"}]
  allowed_address_pairs json not null default '[]',
  -- [{"opt_name": "bootfile-name", "opt_value": "…", "ip_version": 4}]
  extra_dhcp_opts json not null default '[]',
  -- binding:*
  vnic_type text not null default 'normal',
  host_id text not null default '',
  binding_profile json not null default '{}',
  vif_type text not null default 'unbound',
  vif_details json not null default '{}',
  -- The segment the port was bound to; null until then.
  bound_segment_id uuid references net_segments (id) on delete set null,
  dns_name text not null default '',
  dns_domain text not null default '',
  -- immediate, deferred, none
  ip_allocation text not null default 'immediate',
  propagate_uplink_status boolean not null default true,
  trusted boolean,
  qos_policy_id uuid references net_qos_policies (id),
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint net_ports_mac_key unique (network_id, mac_address)
);
create unique index net_ports_seq on net_ports (seq);
create index net_ports_project on net_ports (project_id, seq);
create index net_ports_network on net_ports (network_id, seq);
create index net_ports_device on net_ports (device_id, device_owner) where device_id <> '';
create index net_ports_host on net_ports (host_id) where host_id <> '';
create index net_ports_mac on net_ports (mac_address);
create index net_ports_qos on net_ports (qos_policy_id) where qos_policy_id is not null;

-- Addresses in use; one port an address in a subnet.
create table net_fixed_ips (
  subnet_id uuid not null references net_subnets (id),
  ip inet not null,
  port_id uuid not null references net_ports (id) on delete cascade,
  -- Order among the port's addresses.
  position smallint not null default 0,
  primary key (subnet_id, ip)
);
create index net_fixed_ips_port on net_fixed_ips (port_id, position);
create index net_fixed_ips_ip on net_fixed_ips (ip);

create table net_address_groups (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  addresses cidr[] not null default '{}',
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_address_groups_seq on net_address_groups (seq);
create index net_address_groups_project on net_address_groups (project_id, seq);

create table net_security_groups (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  tags text[] not null default '{}',
  stateful boolean not null default true,
  -- The group `default` of a project; made on its first touch.
  is_default boolean not null default false,
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_security_groups_seq on net_security_groups (seq);
create index net_security_groups_project on net_security_groups (project_id, seq);
create unique index net_security_groups_default on net_security_groups (project_id) where is_default;

create table net_security_group_rules (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  description text not null default '',
  group_id uuid not null references net_security_groups (id) on delete cascade,
  direction text not null check (direction in ('ingress', 'egress')),
  ethertype text not null check (ethertype in ('IPv4', 'IPv6')),
  -- As the caller wrote it: a name (tcp, icmpv6…) or a number; null is any.
  protocol text,
  port_range_min integer,
  port_range_max integer,
  remote_ip_prefix cidr,
  remote_group_id uuid references net_security_groups (id),
  remote_address_group_id uuid references net_address_groups (id),
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (num_nonnulls(remote_ip_prefix, remote_group_id, remote_address_group_id) <= 1)
);
create unique index net_security_group_rules_seq on net_security_group_rules (seq);
create index net_security_group_rules_project on net_security_group_rules (project_id, seq);
create index net_security_group_rules_remote on net_security_group_rules (remote_group_id) where remote_group_id is not null;
create index net_security_group_rules_addresses on net_security_group_rules (remote_address_group_id)
  where remote_address_group_id is not null;
create unique index net_security_group_rules_same on net_security_group_rules (
  group_id, direction, ethertype, coalesce(protocol, ''), coalesce(port_range_min, -1), coalesce(port_range_max, -1),
  coalesce(remote_ip_prefix::text, ''), coalesce(remote_group_id::text, ''), coalesce(remote_address_group_id::text, '')
);

create table net_port_security_groups (
  port_id uuid not null references net_ports (id) on delete cascade,
  group_id uuid not null references net_security_groups (id),
  primary key (port_id, group_id)
);
create index net_port_security_groups_group on net_port_security_groups (group_id);

create table net_routers (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  tags text[] not null default '{}',
  admin_state_up boolean not null default true,
  status text not null default 'ACTIVE',
  -- external_gateway_info: the network; its addresses are those of the gateway port (net_router_ports).
  gateway_network_id uuid references net_networks (id),
  enable_snat boolean not null default true,
  distributed boolean not null default false,
  ha boolean not null default true,
  -- [{"destination": "10.1.0.0/16", "nexthop": "10.0.0.9"}]
  routes json not null default '[]',
  availability_zone_hints text[] not null default '{}',
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_routers_seq on net_routers (seq);
create index net_routers_project on net_routers (project_id, seq);
create index net_routers_gateway on net_routers (gateway_network_id) where gateway_network_id is not null;

-- Ports that are legs of a router: `interface` into tenants' networks, `gateway` to the outside (at most one).
create table net_router_ports (
  port_id uuid primary key references net_ports (id) on delete cascade,
  router_id uuid not null references net_routers (id) on delete cascade,
  kind text not null check (kind in ('interface', 'gateway'))
);
create index net_router_ports_router on net_router_ports (router_id);
create unique index net_router_ports_gateway on net_router_ports (router_id) where kind = 'gateway';

create table net_floating_ips (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  description text not null default '',
  tags text[] not null default '{}',
  floating_network_id uuid not null references net_networks (id),
  floating_ip inet not null,
  -- The port of the outside network that holds the address (device_owner network:floatingip).
  floating_port_id uuid not null references net_ports (id),
  -- Where it leads, and by which router; null while it leads nowhere.
  fixed_port_id uuid references net_ports (id) on delete set null,
  fixed_ip inet,
  router_id uuid references net_routers (id),
  status text not null default 'DOWN',
  dns_name text not null default '',
  dns_domain text not null default '',
  qos_policy_id uuid references net_qos_policies (id),
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint net_floating_ips_ip_key unique (floating_network_id, floating_ip)
);
create unique index net_floating_ips_seq on net_floating_ips (seq);
create index net_floating_ips_project on net_floating_ips (project_id, seq);
create index net_floating_ips_router on net_floating_ips (router_id) where router_id is not null;
create index net_floating_ips_port on net_floating_ips (floating_port_id);
create unique index net_floating_ips_fixed on net_floating_ips (fixed_port_id, fixed_ip) where fixed_port_id is not null;

create table net_port_forwardings (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  description text not null default '',
  floatingip_id uuid not null references net_floating_ips (id) on delete cascade,
  internal_port_id uuid not null references net_ports (id) on delete cascade,
  internal_ip inet not null,
  internal_port integer not null check (internal_port between 1 and 65535),
  external_port integer not null check (external_port between 1 and 65535),
  protocol text not null check (protocol in ('tcp', 'udp', 'sctp')),
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint net_port_forwardings_external_key unique (floatingip_id, protocol, external_port)
);
create unique index net_port_forwardings_seq on net_port_forwardings (seq);
create index net_port_forwardings_internal on net_port_forwardings (internal_port_id);

create table net_trunks (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  tags text[] not null default '{}',
  port_id uuid not null unique references net_ports (id),
  admin_state_up boolean not null default true,
  status text not null default 'DOWN',
  revision bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_trunks_seq on net_trunks (seq);
create index net_trunks_project on net_trunks (project_id, seq);

create table net_subports (
  port_id uuid primary key references net_ports (id),
  trunk_id uuid not null references net_trunks (id) on delete cascade,
  segmentation_type text not null check (segmentation_type in ('vlan', 'inherit')),
  segmentation_id integer not null,
  constraint net_subports_tag_key unique (trunk_id, segmentation_type, segmentation_id)
);

create table net_rbac_policies (
  seq bigint generated always as identity,
  id uuid primary key,
  project_id text not null,
  object_type text not null check (object_type in
    ('network', 'qos_policy', 'security_group', 'address_group', 'subnetpool', 'address_scope')),
  object_id uuid not null,
  -- A project's id, or '*'.
  target_project text not null,
  action text not null check (action in ('access_as_shared', 'access_as_external')),
  created_at timestamptz not null default now(),
  constraint net_rbac_policies_same_key unique (object_type, object_id, target_project, action)
);
create unique index net_rbac_policies_seq on net_rbac_policies (seq);
create index net_rbac_policies_project on net_rbac_policies (project_id, seq);
create index net_rbac_policies_target on net_rbac_policies (target_project, object_type);

-- Limits of projects that differ from the default; -1 is without limit.
create table net_quotas (
  project_id text not null,
  resource text not null,
  quota integer not null check (quota >= -1),
  primary key (project_id, resource)
);

-- What carries networks: chassis of OVN, switch workers, DHCP servers. Written by who watches them.
create table net_agents (
  id uuid primary key,
  agent_type text not null,
  program text not null,
  host text not null,
  topic text not null default 'N/A',
  availability_zone text,
  admin_state_up boolean not null default true,
  alive boolean not null default true,
  description text,
  configurations json not null default '{}',
  started_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  heartbeat_at timestamptz not null default now(),
  unique (agent_type, host)
);
