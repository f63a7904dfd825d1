import type { ColumnType, Generated } from 'kysely';
import type { Ipv6Mode, QosRuleType, SegmentType } from '../model/truth.ts';

// The tables of the network room, one type each, as Kysely takes them. Times come as ISO 8601 text, JSON as text,
// addresses as text without a mask (`10.0.0.5`), networks with one (`10.0.0.0/24`).

/** A time written by the database; may be set to `clock_timestamp()` with `sql`. */
type Time = ColumnType<string, string | undefined, string>;
/** JSON text; the database has a default. */
type Json = ColumnType<string, string | undefined, string>;
type Defaulted<T> = ColumnType<T, T | undefined, T>;

/** Standard attributes of every object. `revision` rises with each edit; `status` alone is changed without. */
interface Standard {
  seq: Generated<bigint>;
  id: string;
  project_id: string;
  revision: Defaulted<bigint>;
  created_at: Time;
  updated_at: Time;
}
interface Described extends Standard {
  name: Defaulted<string>;
  description: Defaulted<string>;
  tags: Defaulted<string[]>;
}

export interface AddressScopeTable extends Standard {
  name: Defaulted<string>;
  ip_version: 4 | 6;
}

export interface QosPolicyTable extends Described {
  is_default: Defaulted<boolean>;
}

export interface QosRuleTable {
  id: string;
  policy_id: string;
  type: QosRuleType;
  /** As seen from the port's owner: egress leaves the machine. */
  direction: 'egress' | 'ingress' | 'any' | null;
  max_kbps: bigint | null;
  max_burst_kbps: bigint | null;
  min_kbps: bigint | null;
  dscp_mark: number | null;
  max_kpps: bigint | null;
  max_burst_kpps: bigint | null;
  min_kpps: bigint | null;
  created_at: Time;
}

export interface NetworkTable extends Described {
  admin_state_up: Defaulted<boolean>;
  status: Defaulted<string>;
  /** `router:external`. `shared` is an RBAC policy for `*`. */
  external: Defaulted<boolean>;
  is_default: Defaulted<boolean>;
  mtu: Defaulted<number>;
  port_security_enabled: Defaulted<boolean>;
  vlan_transparent: boolean | null;
  dns_domain: Defaulted<string>;
  availability_zone_hints: Defaulted<string[]>;
  qos_policy_id: string | null;
}

export interface SegmentTable extends Omit<Standard, 'project_id'> {
  network_id: string;
  name: string | null;
  description: string | null;
  network_type: SegmentType;
  physical_network: string | null;
  segmentation_id: number | null;
  segment_index: Defaulted<number>;
  /** A VLAN of a physical network, bridged into an overlay for the machines on it. */
  dynamic: Defaulted<boolean>;
}

export interface SubnetPoolTable extends Described {
  ip_version: 4 | 6;
  prefixes: string[];
  default_prefixlen: number;
  min_prefixlen: number;
  max_prefixlen: number;
  default_quota: bigint | null;
  is_default: Defaulted<boolean>;
  address_scope_id: string | null;
}

export interface SubnetTable extends Described {
  network_id: string;
  ip_version: 4 | 6;
  cidr: string;
  gateway_ip: string | null;
  enable_dhcp: Defaulted<boolean>;
  /** Who answers DHCP: one responder per subnet. */
  dhcp_responder: Defaulted<'ovn' | 'dnsmasq'>;
  dns_nameservers: Defaulted<string[]>;
  /** `[{destination, nexthop}]` */
  host_routes: Json;
  ipv6_ra_mode: Ipv6Mode | null;
  ipv6_address_mode: Ipv6Mode | null;
  subnetpool_id: string | null;
  segment_id: string | null;
  service_types: Defaulted<string[]>;
}

export interface AllocationPoolTable {
  subnet_id: string;
  first_ip: string;
  last_ip: string;
}

export interface PortTable extends Described {
  network_id: string;
  mac_address: string;
  admin_state_up: Defaulted<boolean>;
  /** Written by the reconciler from what OVN says, for ports bound to chassis; by the binding of machines else. */
  status: Defaulted<string>;
  device_id: Defaulted<string>;
  device_owner: Defaulted<string>;
  port_security_enabled: Defaulted<boolean>;
  /** `[{ip_address, mac_address}]` */
  allowed_address_pairs: Json;
  /** `[{opt_name, opt_value, ip_version}]` */
  extra_dhcp_opts: Json;
  vnic_type: Defaulted<string>;
  host_id: Defaulted<string>;
  binding_profile: Json;
  vif_type: Defaulted<string>;
  vif_details: Json;
  bound_segment_id: string | null;
  dns_name: Defaulted<string>;
  dns_domain: Defaulted<string>;
  ip_allocation: Defaulted<string>;
  propagate_uplink_status: Defaulted<boolean>;
  trusted: boolean | null;
  qos_policy_id: string | null;
}

export interface FixedIpTable {
  subnet_id: string;
  ip: string;
  port_id: string;
  /** Order among the port's addresses. */
  position: Defaulted<number>;
}

export interface AddressGroupTable extends Omit<Described, 'tags'> {
  addresses: Defaulted<string[]>;
}

export interface SecurityGroupTable extends Described {
  stateful: Defaulted<boolean>;
  /** The group `default` of a project. */
  is_default: Defaulted<boolean>;
}

export interface SecurityGroupRuleTable extends Standard {
  description: Defaulted<string>;
  group_id: string;
  direction: 'ingress' | 'egress';
  ethertype: 'IPv4' | 'IPv6';
  /** As the caller wrote it: a name or a number; null is any. */
  protocol: string | null;
  port_range_min: number | null;
  port_range_max: number | null;
  remote_ip_prefix: string | null;
  remote_group_id: string | null;
  remote_address_group_id: string | null;
}

export interface PortSecurityGroupTable {
  port_id: string;
  group_id: string;
}

export interface RouterTable extends Described {
  admin_state_up: Defaulted<boolean>;
  status: Defaulted<string>;
  gateway_network_id: string | null;
  enable_snat: Defaulted<boolean>;
  distributed: Defaulted<boolean>;
  ha: Defaulted<boolean>;
  /** `[{destination, nexthop}]` */
  routes: Json;
  availability_zone_hints: Defaulted<string[]>;
}

export interface RouterPortTable {
  port_id: string;
  router_id: string;
  kind: 'interface' | 'gateway';
}

export interface FloatingIpTable extends Omit<Described, 'name'> {
  floating_network_id: string;
  floating_ip: string;
  /** The port of the outside network that holds the address. */
  floating_port_id: string;
  fixed_port_id: string | null;
  fixed_ip: string | null;
  router_id: string | null;
  status: Defaulted<string>;
  dns_name: Defaulted<string>;
  dns_domain: Defaulted<string>;
  qos_policy_id: string | null;
}

export interface PortForwardingTable extends Standard {
  description: Defaulted<string>;
  floatingip_id: string;
  internal_port_id: string;
  internal_ip: string;
  internal_port: number;
  external_port: number;
  protocol: 'tcp' | 'udp' | 'sctp';
}

export interface TrunkTable extends Described {
  port_id: string;
  admin_state_up: Defaulted<boolean>;
  status: Defaulted<string>;
}

export interface SubportTable {
  port_id: string;
  trunk_id: string;
  segmentation_type: 'vlan' | 'inherit';
  segmentation_id: number;
}

export interface RbacPolicyTable {
  seq: Generated<bigint>;
  id: string;
  project_id: string;
  object_type: 'network' | 'qos_policy' | 'security_group' | 'address_group' | 'subnetpool' | 'address_scope';
  object_id: string;
  /** A project's id, or `*`. */
  target_project: string;
  action: 'access_as_shared' | 'access_as_external';
  created_at: Time;
}

export interface NetworkQuotaTable {
  project_id: string;
  resource: string;
  quota: number;
}

export interface AgentTable {
  id: string;
  agent_type: string;
  program: string;
  host: string;
  topic: Defaulted<string>;
  availability_zone: string | null;
  admin_state_up: Defaulted<boolean>;
  alive: Defaulted<boolean>;
  description: string | null;
  configurations: Json;
  started_at: Time;
  created_at: Time;
  heartbeat_at: Time;
}

/** What changed and is not in OVN yet; written by triggers. */
export interface DirtyTable {
  seq: Generated<bigint>;
  unit: string;
  id: string;
}

declare module '#store/tables' {
  interface Tables {
    net_address_scopes: AddressScopeTable;
    net_qos_policies: QosPolicyTable;
    net_qos_rules: QosRuleTable;
    net_networks: NetworkTable;
    net_segments: SegmentTable;
    net_subnet_pools: SubnetPoolTable;
    net_subnets: SubnetTable;
    net_allocation_pools: AllocationPoolTable;
    net_ports: PortTable;
    net_fixed_ips: FixedIpTable;
    net_address_groups: AddressGroupTable;
    net_security_groups: SecurityGroupTable;
    net_security_group_rules: SecurityGroupRuleTable;
    net_port_security_groups: PortSecurityGroupTable;
    net_routers: RouterTable;
    net_router_ports: RouterPortTable;
    net_floating_ips: FloatingIpTable;
    net_port_forwardings: PortForwardingTable;
    net_trunks: TrunkTable;
    net_subports: SubportTable;
    net_rbac_policies: RbacPolicyTable;
    net_quotas: NetworkQuotaTable;
    net_agents: AgentTable;
    net_dirty: DirtyTable;
  }
}
