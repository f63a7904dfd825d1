// Generated from the route table of network by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface QuotaUpdateBody {
  quota: Record<string, number | string | boolean>;
}

export interface PortEnforcementResponse {
  security_group_enforcement: { port_id: string; strict: boolean; rules: ({ security_group_rule_id: string; security_group_id: string; direction: string; enforcement: string; reason: string; })[]; };
}

export interface MachineLinkListResponse {
  machine_links: ({ machine_id: string; switch_id: string; port_id: string; switch_info: string | null; switch: string | null; state: string; found: string | null; error: string | null; differences: ({ what: string; wanted: string; found: string; })[]; ports: ({ id: string; network_id: string; purpose: string | null; status: string; })[]; })[];
  neighbours: ({ machine_id: string; mac_address: string; nic: string; switch_id: string; port_id: string; switch_info: string | null; vlan: number | null; frame_size: number | null; heard_at: string; })[];
  networks: ({ id: string; name: string; mtu: number; physical_network: string | null; vlan: number | null; machines: number; dhcp: string[]; hosts: number; })[];
}

export interface NetworkListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  admin_state_up?: string[] | undefined;
  status?: string[] | undefined;
  shared?: string[] | undefined;
  "router:external"?: string[] | undefined;
  is_default?: string[] | undefined;
  mtu?: string[] | undefined;
  port_security_enabled?: string[] | undefined;
  vlan_transparent?: string[] | undefined;
  dns_domain?: string[] | undefined;
  qos_policy_id?: string[] | undefined;
  "provider:network_type"?: string[] | undefined;
  "provider:physical_network"?: string[] | undefined;
  "provider:segmentation_id"?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface NetworkGetQuery {
  fields?: string[] | undefined;
}

export interface NetworkCreateBody {
  network?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; admin_state_up?: boolean | undefined; shared?: boolean | undefined; "router:external"?: boolean | undefined; is_default?: boolean | undefined; mtu?: number | undefined; port_security_enabled?: boolean | undefined; vlan_transparent?: boolean | null | undefined; dns_domain?: string | undefined; availability_zone_hints?: string[] | undefined; qos_policy_id?: string | null | undefined; "provider:network_type"?: "flat" | "vlan" | "geneve" | "vxlan" | "gre" | "local" | null | undefined; "provider:physical_network"?: string | null | null | undefined; "provider:segmentation_id"?: number | null | null | undefined; segments?: ({ "provider:network_type"?: "flat" | "vlan" | "geneve" | "vxlan" | "gre" | "local" | undefined; "provider:physical_network"?: string | null | undefined; "provider:segmentation_id"?: number | null | undefined; })[] | null | undefined; description?: string | undefined; } | undefined;
  networks?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; admin_state_up?: boolean | undefined; shared?: boolean | undefined; "router:external"?: boolean | undefined; is_default?: boolean | undefined; mtu?: number | undefined; port_security_enabled?: boolean | undefined; vlan_transparent?: boolean | null | undefined; dns_domain?: string | undefined; availability_zone_hints?: string[] | undefined; qos_policy_id?: string | null | undefined; "provider:network_type"?: "flat" | "vlan" | "geneve" | "vxlan" | "gre" | "local" | null | undefined; "provider:physical_network"?: string | null | null | undefined; "provider:segmentation_id"?: number | null | null | undefined; segments?: ({ "provider:network_type"?: "flat" | "vlan" | "geneve" | "vxlan" | "gre" | "local" | undefined; "provider:physical_network"?: string | null | undefined; "provider:segmentation_id"?: number | null | undefined; })[] | null | undefined; description?: string | undefined; })[] | undefined;
}

export interface NetworkUpdateBody {
  network: { name?: string | undefined; admin_state_up?: boolean | undefined; shared?: boolean | undefined; "router:external"?: boolean | undefined; is_default?: boolean | undefined; mtu?: number | undefined; port_security_enabled?: boolean | undefined; dns_domain?: string | undefined; qos_policy_id?: string | null | undefined; description?: string | undefined; };
}

export interface NetworkTagsReplaceBody {
  tags: string[];
}

export interface SubnetListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  network_id?: string[] | undefined;
  ip_version?: string[] | undefined;
  cidr?: string[] | undefined;
  subnetpool_id?: string[] | undefined;
  gateway_ip?: string[] | undefined;
  enable_dhcp?: string[] | undefined;
  ipv6_ra_mode?: string[] | undefined;
  ipv6_address_mode?: string[] | undefined;
  segment_id?: string[] | undefined;
  shared?: string[] | undefined;
  "router:external"?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface SubnetCreateBody {
  subnet?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; network_id: string; ip_version: 4 | 6; cidr?: string | null | undefined; subnetpool_id?: string | null | undefined; prefixlen?: number | undefined; use_default_subnetpool?: boolean | undefined; gateway_ip?: string | null | undefined; allocation_pools?: ({ start: string; end: string; })[] | null | undefined; dns_nameservers?: string[] | undefined; host_routes?: ({ destination: string; nexthop: string; })[] | undefined; enable_dhcp?: boolean | undefined; ipv6_ra_mode?: "slaac" | "dhcpv6-stateful" | "dhcpv6-stateless" | null | undefined; ipv6_address_mode?: "slaac" | "dhcpv6-stateful" | "dhcpv6-stateless" | null | undefined; segment_id?: string | null | undefined; service_types?: string[] | undefined; description?: string | undefined; } | undefined;
  subnets?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; network_id: string; ip_version: 4 | 6; cidr?: string | null | undefined; subnetpool_id?: string | null | undefined; prefixlen?: number | undefined; use_default_subnetpool?: boolean | undefined; gateway_ip?: string | null | undefined; allocation_pools?: ({ start: string; end: string; })[] | null | undefined; dns_nameservers?: string[] | undefined; host_routes?: ({ destination: string; nexthop: string; })[] | undefined; enable_dhcp?: boolean | undefined; ipv6_ra_mode?: "slaac" | "dhcpv6-stateful" | "dhcpv6-stateless" | null | undefined; ipv6_address_mode?: "slaac" | "dhcpv6-stateful" | "dhcpv6-stateless" | null | undefined; segment_id?: string | null | undefined; service_types?: string[] | undefined; description?: string | undefined; })[] | undefined;
}

export interface SubnetUpdateBody {
  subnet: { name?: string | undefined; gateway_ip?: string | null | undefined; allocation_pools?: ({ start: string; end: string; })[] | null | undefined; dns_nameservers?: string[] | undefined; host_routes?: ({ destination: string; nexthop: string; })[] | undefined; enable_dhcp?: boolean | undefined; segment_id?: string | null | undefined; service_types?: string[] | undefined; description?: string | undefined; };
}

export interface PortListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  network_id?: string[] | undefined;
  mac_address?: string[] | undefined;
  admin_state_up?: string[] | undefined;
  status?: string[] | undefined;
  device_id?: string[] | undefined;
  device_owner?: string[] | undefined;
  fixed_ips?: string[] | undefined;
  security_groups?: string[] | undefined;
  port_security_enabled?: string[] | undefined;
  "binding:vnic_type"?: string[] | undefined;
  "binding:host_id"?: string[] | undefined;
  "binding:vif_type"?: string[] | undefined;
  dns_name?: string[] | undefined;
  dns_domain?: string[] | undefined;
  qos_policy_id?: string[] | undefined;
  propagate_uplink_status?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface PortCreateBody {
  port?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; network_id: string; mac_address?: string | null | undefined; admin_state_up?: boolean | undefined; device_id?: string | undefined; device_owner?: string | undefined; fixed_ips?: ({ subnet_id?: string | undefined; ip_address?: string | undefined; })[] | null | undefined; security_groups?: string[] | null | undefined; allowed_address_pairs?: ({ ip_address: string; mac_address?: string | undefined; })[] | null | undefined; extra_dhcp_opts?: ({ opt_name: string; opt_value: string | null; ip_version?: 4 | 6 | undefined; })[] | null | undefined; port_security_enabled?: boolean | undefined; "binding:vnic_type"?: "normal" | "direct" | "macvtap" | "baremetal" | "direct-physical" | "virtio-forwarder" | "smart-nic" | "vdpa" | "accelerator-direct" | "accelerator-direct-physical" | "remote-managed" | undefined; "binding:host_id"?: string | null | undefined; "binding:profile"?: Record<string, unknown> | null | undefined; strict_security_groups?: boolean | null | undefined; dns_name?: string | undefined; dns_domain?: string | undefined; qos_policy_id?: string | null | undefined; propagate_uplink_status?: boolean | undefined; trusted?: boolean | null | undefined; description?: string | undefined; tags?: string[] | undefined; } | undefined;
  ports?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; network_id: string; mac_address?: string | null | undefined; admin_state_up?: boolean | undefined; device_id?: string | undefined; device_owner?: string | undefined; fixed_ips?: ({ subnet_id?: string | undefined; ip_address?: string | undefined; })[] | null | undefined; security_groups?: string[] | null | undefined; allowed_address_pairs?: ({ ip_address: string; mac_address?: string | undefined; })[] | null | undefined; extra_dhcp_opts?: ({ opt_name: string; opt_value: string | null; ip_version?: 4 | 6 | undefined; })[] | null | undefined; port_security_enabled?: boolean | undefined; "binding:vnic_type"?: "normal" | "direct" | "macvtap" | "baremetal" | "direct-physical" | "virtio-forwarder" | "smart-nic" | "vdpa" | "accelerator-direct" | "accelerator-direct-physical" | "remote-managed" | undefined; "binding:host_id"?: string | null | undefined; "binding:profile"?: Record<string, unknown> | null | undefined; strict_security_groups?: boolean | null | undefined; dns_name?: string | undefined; dns_domain?: string | undefined; qos_policy_id?: string | null | undefined; propagate_uplink_status?: boolean | undefined; trusted?: boolean | null | undefined; description?: string | undefined; tags?: string[] | undefined; })[] | undefined;
}

export interface PortUpdateBody {
  port: { name?: string | undefined; mac_address?: string | null | undefined; admin_state_up?: boolean | undefined; device_id?: string | undefined; device_owner?: string | undefined; fixed_ips?: ({ subnet_id?: string | undefined; ip_address?: string | undefined; })[] | null | undefined; security_groups?: string[] | null | undefined; allowed_address_pairs?: ({ ip_address: string; mac_address?: string | undefined; })[] | null | undefined; extra_dhcp_opts?: ({ opt_name: string; opt_value: string | null; ip_version?: 4 | 6 | undefined; })[] | null | undefined; port_security_enabled?: boolean | undefined; "binding:vnic_type"?: "normal" | "direct" | "macvtap" | "baremetal" | "direct-physical" | "virtio-forwarder" | "smart-nic" | "vdpa" | "accelerator-direct" | "accelerator-direct-physical" | "remote-managed" | undefined; "binding:host_id"?: string | null | undefined; "binding:profile"?: Record<string, unknown> | null | undefined; strict_security_groups?: boolean | null | undefined; dns_name?: string | undefined; dns_domain?: string | undefined; qos_policy_id?: string | null | undefined; propagate_uplink_status?: boolean | undefined; trusted?: boolean | null | undefined; description?: string | undefined; };
}

export interface SecurityGroupListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  stateful?: string[] | undefined;
  shared?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface SecurityGroupCreateBody {
  security_group?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; stateful?: boolean | undefined; description?: string | undefined; } | undefined;
  security_groups?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; stateful?: boolean | undefined; description?: string | undefined; })[] | undefined;
}

export interface SecurityGroupUpdateBody {
  security_group: { name?: string | undefined; stateful?: boolean | undefined; description?: string | undefined; };
}

export interface SecurityGroupRuleListQuery {
  id?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  security_group_id?: string[] | undefined;
  direction?: string[] | undefined;
  ethertype?: string[] | undefined;
  protocol?: string[] | undefined;
  port_range_min?: string[] | undefined;
  port_range_max?: string[] | undefined;
  remote_ip_prefix?: string[] | undefined;
  remote_group_id?: string[] | undefined;
  remote_address_group_id?: string[] | undefined;
  belongs_to_default_sg?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface SecurityGroupRuleCreateBody {
  security_group_rule?: { project_id?: string | undefined; tenant_id?: string | undefined; security_group_id: string; direction: "ingress" | "egress"; ethertype?: "IPv4" | "IPv6" | undefined; protocol?: string | number | null | undefined; port_range_min?: number | null | undefined; port_range_max?: number | null | undefined; remote_ip_prefix?: string | null | undefined; remote_group_id?: string | null | undefined; remote_address_group_id?: string | null | undefined; description?: string | undefined; } | undefined;
  security_group_rules?: ({ project_id?: string | undefined; tenant_id?: string | undefined; security_group_id: string; direction: "ingress" | "egress"; ethertype?: "IPv4" | "IPv6" | undefined; protocol?: string | number | null | undefined; port_range_min?: number | null | undefined; port_range_max?: number | null | undefined; remote_ip_prefix?: string | null | undefined; remote_group_id?: string | null | undefined; remote_address_group_id?: string | null | undefined; description?: string | undefined; })[] | undefined;
}

export interface AddressGroupListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  shared?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface AddressGroupCreateBody {
  address_group?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; addresses?: string[] | undefined; description?: string | undefined; } | undefined;
  address_groups?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; addresses?: string[] | undefined; description?: string | undefined; })[] | undefined;
}

export interface AddressGroupUpdateBody {
  address_group: { name?: string | undefined; description?: string | undefined; };
}

export interface AddressGroupAddAddressesBody {
  address_group: { addresses: string[]; };
}

export interface SubnetpoolListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  ip_version?: string[] | undefined;
  default_prefixlen?: string[] | undefined;
  min_prefixlen?: string[] | undefined;
  max_prefixlen?: string[] | undefined;
  default_quota?: string[] | undefined;
  is_default?: string[] | undefined;
  shared?: string[] | undefined;
  address_scope_id?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface SubnetpoolCreateBody {
  subnetpool?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; prefixes: string[]; default_prefixlen?: number | undefined; min_prefixlen?: number | undefined; max_prefixlen?: number | undefined; default_quota?: number | null | undefined; is_default?: boolean | undefined; shared?: boolean | undefined; address_scope_id?: string | null | undefined; description?: string | undefined; } | undefined;
  subnetpools?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; prefixes: string[]; default_prefixlen?: number | undefined; min_prefixlen?: number | undefined; max_prefixlen?: number | undefined; default_quota?: number | null | undefined; is_default?: boolean | undefined; shared?: boolean | undefined; address_scope_id?: string | null | undefined; description?: string | undefined; })[] | undefined;
}

export interface SubnetpoolUpdateBody {
  subnetpool: { name?: string | undefined; prefixes?: string[] | undefined; default_prefixlen?: number | undefined; min_prefixlen?: number | undefined; max_prefixlen?: number | undefined; default_quota?: number | null | undefined; is_default?: boolean | undefined; address_scope_id?: string | null | undefined; description?: string | undefined; };
}

export interface AddressScopeListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  ip_version?: string[] | undefined;
  shared?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface AddressScopeCreateBody {
  address_scope?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; ip_version: 4 | 6; shared?: boolean | undefined; } | undefined;
  address_scopes?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; ip_version: 4 | 6; shared?: boolean | undefined; })[] | undefined;
}

export interface AddressScopeUpdateBody {
  address_scope: { name?: string | undefined; shared?: boolean | undefined; };
}

export interface RbacPolicyListQuery {
  id?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  object_type?: string[] | undefined;
  object_id?: string[] | undefined;
  target_tenant?: string[] | undefined;
  action?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface RbacPolicyCreateBody {
  rbac_policy?: { project_id?: string | undefined; tenant_id?: string | undefined; object_type: "network" | "qos_policy" | "security_group" | "address_group" | "subnetpool" | "address_scope"; object_id: string; target_tenant: string; action: "access_as_shared" | "access_as_external"; } | undefined;
  rbac_policies?: ({ project_id?: string | undefined; tenant_id?: string | undefined; object_type: "network" | "qos_policy" | "security_group" | "address_group" | "subnetpool" | "address_scope"; object_id: string; target_tenant: string; action: "access_as_shared" | "access_as_external"; })[] | undefined;
}

export interface RbacPolicyUpdateBody {
  rbac_policy: { target_tenant?: string | undefined; };
}

export interface RouterListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  admin_state_up?: string[] | undefined;
  status?: string[] | undefined;
  distributed?: string[] | undefined;
  ha?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface RouterCreateBody {
  router?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; admin_state_up?: boolean | undefined; external_gateway_info?: { network_id?: string | undefined; enable_snat?: boolean | undefined; external_fixed_ips?: ({ subnet_id?: string | undefined; ip_address?: string | undefined; })[] | undefined; } | null | undefined; distributed?: boolean | undefined; ha?: boolean | undefined; availability_zone_hints?: string[] | undefined; description?: string | undefined; } | undefined;
  routers?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; admin_state_up?: boolean | undefined; external_gateway_info?: { network_id?: string | undefined; enable_snat?: boolean | undefined; external_fixed_ips?: ({ subnet_id?: string | undefined; ip_address?: string | undefined; })[] | undefined; } | null | undefined; distributed?: boolean | undefined; ha?: boolean | undefined; availability_zone_hints?: string[] | undefined; description?: string | undefined; })[] | undefined;
}

export interface RouterUpdateBody {
  router: { name?: string | undefined; admin_state_up?: boolean | undefined; external_gateway_info?: { network_id?: string | undefined; enable_snat?: boolean | undefined; external_fixed_ips?: ({ subnet_id?: string | undefined; ip_address?: string | undefined; })[] | undefined; } | null | undefined; routes?: ({ destination: string; nexthop: string; })[] | null | undefined; distributed?: boolean | undefined; ha?: boolean | undefined; description?: string | undefined; };
}

export interface RouterAddRouterInterfaceBody {
  subnet_id?: string | undefined;
  port_id?: string | undefined;
}

export interface RouterAddExtraroutesBody {
  router: { routes: ({ destination: string; nexthop: string; })[]; };
}

export interface FloatingipListQuery {
  id?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  floating_network_id?: string[] | undefined;
  floating_ip_address?: string[] | undefined;
  port_id?: string[] | undefined;
  fixed_ip_address?: string[] | undefined;
  router_id?: string[] | undefined;
  status?: string[] | undefined;
  dns_name?: string[] | undefined;
  dns_domain?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface FloatingipCreateBody {
  floatingip?: { project_id?: string | undefined; tenant_id?: string | undefined; floating_network_id: string; floating_ip_address?: string | null | undefined; subnet_id?: string | null | undefined; port_id?: string | null | undefined; fixed_ip_address?: string | null | undefined; dns_name?: string | undefined; dns_domain?: string | undefined; description?: string | undefined; } | undefined;
  floatingips?: ({ project_id?: string | undefined; tenant_id?: string | undefined; floating_network_id: string; floating_ip_address?: string | null | undefined; subnet_id?: string | null | undefined; port_id?: string | null | undefined; fixed_ip_address?: string | null | undefined; dns_name?: string | undefined; dns_domain?: string | undefined; description?: string | undefined; })[] | undefined;
}

export interface FloatingipUpdateBody {
  floatingip: { port_id?: string | null | undefined; fixed_ip_address?: string | null | undefined; description?: string | undefined; };
}

export interface PortForwardingListQuery {
  id?: string[] | undefined;
  internal_port_id?: string[] | undefined;
  internal_ip_address?: string[] | undefined;
  internal_port?: string[] | undefined;
  external_port?: string[] | undefined;
  protocol?: string[] | undefined;
  description?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface PortForwardingCreateBody {
  port_forwarding?: { internal_port_id: string; internal_ip_address?: string | undefined; internal_port: number; external_port: number; protocol: "tcp" | "udp" | "sctp"; description?: string | undefined; } | undefined;
}

export interface PortForwardingUpdateBody {
  port_forwarding: { internal_port_id?: string | undefined; internal_ip_address?: string | undefined; internal_port?: number | undefined; external_port?: number | undefined; protocol?: "tcp" | "udp" | "sctp" | undefined; description?: string | undefined; };
}

export interface TrunkListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  port_id?: string[] | undefined;
  admin_state_up?: string[] | undefined;
  status?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface TrunkCreateBody {
  trunk?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; port_id: string; sub_ports?: ({ port_id: string; segmentation_type?: "vlan" | "inherit" | undefined; segmentation_id?: number | string | undefined; })[] | undefined; admin_state_up?: boolean | undefined; description?: string | undefined; } | undefined;
  trunks?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; port_id: string; sub_ports?: ({ port_id: string; segmentation_type?: "vlan" | "inherit" | undefined; segmentation_id?: number | string | undefined; })[] | undefined; admin_state_up?: boolean | undefined; description?: string | undefined; })[] | undefined;
}

export interface TrunkUpdateBody {
  trunk: { name?: string | undefined; admin_state_up?: boolean | undefined; description?: string | undefined; };
}

export interface TrunkAddSubportsBody {
  sub_ports: ({ port_id: string; segmentation_type?: "vlan" | "inherit" | undefined; segmentation_id?: number | string | undefined; })[];
}

export interface TrunkRemoveSubportsBody {
  sub_ports: ({ port_id: string; [name: string]: unknown; })[];
}

export interface PolicyListQuery {
  id?: string[] | undefined;
  name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  shared?: string[] | undefined;
  is_default?: string[] | undefined;
  description?: string[] | undefined;
  revision_number?: string[] | undefined;
  tags?: string[] | undefined;
  "tags-any"?: string[] | undefined;
  "not-tags"?: string[] | undefined;
  "not-tags-any"?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface PolicyCreateBody {
  policy?: { name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; shared?: boolean | undefined; is_default?: boolean | undefined; description?: string | undefined; } | undefined;
  policies?: ({ name?: string | undefined; project_id?: string | undefined; tenant_id?: string | undefined; shared?: boolean | undefined; is_default?: boolean | undefined; description?: string | undefined; })[] | undefined;
}

export interface PolicyUpdateBody {
  policy: { name?: string | undefined; shared?: boolean | undefined; is_default?: boolean | undefined; description?: string | undefined; };
}

export interface BandwidthLimitRuleListQuery {
  id?: string[] | undefined;
  max_kbps?: string[] | undefined;
  max_burst_kbps?: string[] | undefined;
  direction?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface BandwidthLimitRuleCreateBody {
  bandwidth_limit_rule?: { max_kbps: number; max_burst_kbps?: number | undefined; direction?: "egress" | "ingress" | undefined; } | undefined;
}

export interface BandwidthLimitRuleUpdateBody {
  bandwidth_limit_rule: { max_kbps?: number | undefined; max_burst_kbps?: number | undefined; direction?: "egress" | "ingress" | undefined; };
}

export interface DscpMarkingRuleListQuery {
  id?: string[] | undefined;
  dscp_mark?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface DscpMarkingRuleCreateBody {
  dscp_marking_rule?: { dscp_mark: 0 | 8 | 10 | 12 | 14 | 16 | 18 | 20 | 22 | 24 | 26 | 28 | 30 | 32 | 34 | 36 | 38 | 40 | 44 | 46 | 48 | 56; } | undefined;
}

export interface DscpMarkingRuleUpdateBody {
  dscp_marking_rule: { dscp_mark?: 0 | 8 | 10 | 12 | 14 | 16 | 18 | 20 | 22 | 24 | 26 | 28 | 30 | 32 | 34 | 36 | 38 | 40 | 44 | 46 | 48 | 56 | undefined; };
}

export interface MinimumBandwidthRuleListQuery {
  id?: string[] | undefined;
  min_kbps?: string[] | undefined;
  direction?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface MinimumBandwidthRuleCreateBody {
  minimum_bandwidth_rule?: { min_kbps: number; direction?: "egress" | "ingress" | undefined; } | undefined;
}

export interface MinimumBandwidthRuleUpdateBody {
  minimum_bandwidth_rule: { min_kbps?: number | undefined; direction?: "egress" | "ingress" | undefined; };
}

export interface PacketRateLimitRuleListQuery {
  id?: string[] | undefined;
  max_kpps?: string[] | undefined;
  max_burst_kpps?: string[] | undefined;
  direction?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface PacketRateLimitRuleCreateBody {
  packet_rate_limit_rule?: { max_kpps: number; max_burst_kpps?: number | undefined; direction?: "egress" | "ingress" | undefined; } | undefined;
}

export interface PacketRateLimitRuleUpdateBody {
  packet_rate_limit_rule: { max_kpps?: number | undefined; max_burst_kpps?: number | undefined; direction?: "egress" | "ingress" | undefined; };
}

export interface MinimumPacketRateRuleListQuery {
  id?: string[] | undefined;
  min_kpps?: string[] | undefined;
  direction?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface MinimumPacketRateRuleCreateBody {
  minimum_packet_rate_rule?: { min_kpps: number; direction?: "egress" | "ingress" | "any" | undefined; } | undefined;
}

export interface MinimumPacketRateRuleUpdateBody {
  minimum_packet_rate_rule: { min_kpps?: number | undefined; direction?: "egress" | "ingress" | "any" | undefined; };
}

export interface SegmentListQuery {
  id?: string[] | undefined;
  network_id?: string[] | undefined;
  name?: string[] | undefined;
  description?: string[] | undefined;
  network_type?: string[] | undefined;
  physical_network?: string[] | undefined;
  segmentation_id?: string[] | undefined;
  revision_number?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
  changed_since?: string | undefined;
}

export interface SegmentCreateBody {
  segment?: { network_id: string; name?: string | null | undefined; description?: string | null | undefined; network_type: "flat" | "vlan" | "geneve" | "vxlan" | "gre" | "local"; physical_network?: string | null | undefined; segmentation_id?: number | null | undefined; } | undefined;
  segments?: ({ network_id: string; name?: string | null | undefined; description?: string | null | undefined; network_type: "flat" | "vlan" | "geneve" | "vxlan" | "gre" | "local"; physical_network?: string | null | undefined; segmentation_id?: number | null | undefined; })[] | undefined;
}

export interface SegmentUpdateBody {
  segment: { name?: string | null | undefined; description?: string | null | undefined; };
}

export interface AgentListQuery {
  id?: string[] | undefined;
  agent_type?: string[] | undefined;
  binary?: string[] | undefined;
  host?: string[] | undefined;
  topic?: string[] | undefined;
  availability_zone?: string[] | undefined;
  admin_state_up?: string[] | undefined;
  alive?: string[] | undefined;
  description?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

export interface AgentUpdateBody {
  agent: { admin_state_up?: boolean | undefined; description?: string | null | undefined; };
}

export interface NetworkIpAvailabilityListQuery {
  network_id?: string[] | undefined;
  network_name?: string[] | undefined;
  project_id?: string[] | undefined;
  tenant_id?: string[] | undefined;
  ip_version?: string[] | undefined;
  limit?: number | undefined;
  marker?: string | undefined;
  page_reverse?: boolean | undefined;
  sort_key?: string[] | undefined;
  sort_dir?: string[] | undefined;
  fields?: string[] | undefined;
}

/** Every operation of the service, by name. */
export const network = {
  /** Versions of the network service */
  versions: { id: 'versions', method: 'GET', path: '/network/' } as Operation<undefined, undefined, undefined, unknown>,
  /** What there is in this version */
  version: { id: 'version', method: 'GET', path: '/network/v2.0' } as Operation<undefined, undefined, undefined, unknown>,
  /** List extensions */
  extensionList: { id: 'extension.list', method: 'GET', path: '/network/v2.0/extensions' } as Operation<undefined, undefined, undefined, unknown>,
  /** Show an extension */
  extensionGet: { id: 'extension.get', method: 'GET', path: '/network/v2.0/extensions/:alias' } as Operation<{ alias: string }, undefined, undefined, unknown>,
  /** Quotas of projects that have some of their own */
  quotaList: { id: 'quota.list', method: 'GET', path: '/network/v2.0/quotas' } as Operation<undefined, undefined, undefined, unknown>,
  /** Quotas of a project */
  quotaGet: { id: 'quota.get', method: 'GET', path: '/network/v2.0/quotas/:project_id' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** The usual quotas */
  quotaDefault: { id: 'quota.default', method: 'GET', path: '/network/v2.0/quotas/:project_id/default' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** Quotas of a project, with what it has */
  quotaDetails: { id: 'quota.details', method: 'GET', path: '/network/v2.0/quotas/:project_id/details' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** Quotas of a project, with what it has */
  quotaDetailsJson: { id: 'quota.details_json', method: 'GET', path: '/network/v2.0/quotas/:project_id/details.json' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** Change quotas of a project */
  quotaUpdate: { id: 'quota.update', method: 'PUT', path: '/network/v2.0/quotas/:project_id' } as Operation<{ project_id: string }, undefined, QuotaUpdateBody, unknown>,
  /** Give a project the usual quotas again */
  quotaDelete: { id: 'quota.delete', method: 'DELETE', path: '/network/v2.0/quotas/:project_id' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** Kinds of QoS rules that are enforced */
  ruleTypeList: { id: 'rule_type.list', method: 'GET', path: '/network/v2.0/qos/rule-types' } as Operation<undefined, undefined, undefined, unknown>,
  /** Who enforces a kind of QoS rule, and with what values */
  ruleTypeGet: { id: 'rule_type.get', method: 'GET', path: '/network/v2.0/qos/rule-types/:type' } as Operation<{ type: string }, undefined, undefined, unknown>,
  /** List availability zones */
  availabilityZoneList: { id: 'availability_zone.list', method: 'GET', path: '/network/v2.0/availability_zones' } as Operation<undefined, undefined, undefined, unknown>,
  /** Where each rule of the security groups of a port is enforced */
  portEnforcement: { id: 'port.enforcement', method: 'GET', path: '/network/v2.0/ports/:id/security-group-enforcement' } as Operation<{ id: string }, undefined, undefined, PortEnforcementResponse>,
  /** Switch ports that machines hang on: what they shall carry, what was read back, whom machines heard */
  machineLinkList: { id: 'machine_link.list', method: 'GET', path: '/network/v2.0/machine-links' } as Operation<undefined, undefined, undefined, MachineLinkListResponse>,
  /** List networks */
  networkList: { id: 'network.list', method: 'GET', path: '/network/v2.0/networks', repeats: true } as Operation<undefined, NetworkListQuery, undefined, unknown>,
  /** Show a network */
  networkGet: { id: 'network.get', method: 'GET', path: '/network/v2.0/networks/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a network, or several */
  networkCreate: { id: 'network.create', method: 'POST', path: '/network/v2.0/networks' } as Operation<undefined, undefined, NetworkCreateBody, unknown>,
  /** Change a network */
  networkUpdate: { id: 'network.update', method: 'PUT', path: '/network/v2.0/networks/:id' } as Operation<{ id: string }, undefined, NetworkUpdateBody, unknown>,
  /** Delete a network */
  networkDelete: { id: 'network.delete', method: 'DELETE', path: '/network/v2.0/networks/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Tags of a network */
  networkTags: { id: 'network.tags', method: 'GET', path: '/network/v2.0/networks/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a network other tags */
  networkTagsReplace: { id: 'network.tags_replace', method: 'PUT', path: '/network/v2.0/networks/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a network */
  networkTagsClear: { id: 'network.tags_clear', method: 'DELETE', path: '/network/v2.0/networks/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a network a tag? */
  networkTag: { id: 'network.tag', method: 'GET', path: '/network/v2.0/networks/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a network */
  networkTagAdd: { id: 'network.tag_add', method: 'PUT', path: '/network/v2.0/networks/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a network */
  networkTagRemove: { id: 'network.tag_remove', method: 'DELETE', path: '/network/v2.0/networks/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List subnets */
  subnetList: { id: 'subnet.list', method: 'GET', path: '/network/v2.0/subnets', repeats: true } as Operation<undefined, SubnetListQuery, undefined, unknown>,
  /** Show a subnet */
  subnetGet: { id: 'subnet.get', method: 'GET', path: '/network/v2.0/subnets/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a subnet, or several */
  subnetCreate: { id: 'subnet.create', method: 'POST', path: '/network/v2.0/subnets' } as Operation<undefined, undefined, SubnetCreateBody, unknown>,
  /** Change a subnet */
  subnetUpdate: { id: 'subnet.update', method: 'PUT', path: '/network/v2.0/subnets/:id' } as Operation<{ id: string }, undefined, SubnetUpdateBody, unknown>,
  /** Delete a subnet */
  subnetDelete: { id: 'subnet.delete', method: 'DELETE', path: '/network/v2.0/subnets/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Tags of a subnet */
  subnetTags: { id: 'subnet.tags', method: 'GET', path: '/network/v2.0/subnets/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a subnet other tags */
  subnetTagsReplace: { id: 'subnet.tags_replace', method: 'PUT', path: '/network/v2.0/subnets/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a subnet */
  subnetTagsClear: { id: 'subnet.tags_clear', method: 'DELETE', path: '/network/v2.0/subnets/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a subnet a tag? */
  subnetTag: { id: 'subnet.tag', method: 'GET', path: '/network/v2.0/subnets/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a subnet */
  subnetTagAdd: { id: 'subnet.tag_add', method: 'PUT', path: '/network/v2.0/subnets/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a subnet */
  subnetTagRemove: { id: 'subnet.tag_remove', method: 'DELETE', path: '/network/v2.0/subnets/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List ports */
  portList: { id: 'port.list', method: 'GET', path: '/network/v2.0/ports', repeats: true } as Operation<undefined, PortListQuery, undefined, unknown>,
  /** Show a port */
  portGet: { id: 'port.get', method: 'GET', path: '/network/v2.0/ports/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a port, or several */
  portCreate: { id: 'port.create', method: 'POST', path: '/network/v2.0/ports' } as Operation<undefined, undefined, PortCreateBody, unknown>,
  /** Change a port */
  portUpdate: { id: 'port.update', method: 'PUT', path: '/network/v2.0/ports/:id' } as Operation<{ id: string }, undefined, PortUpdateBody, unknown>,
  /** Delete a port */
  portDelete: { id: 'port.delete', method: 'DELETE', path: '/network/v2.0/ports/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Tags of a port */
  portTags: { id: 'port.tags', method: 'GET', path: '/network/v2.0/ports/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a port other tags */
  portTagsReplace: { id: 'port.tags_replace', method: 'PUT', path: '/network/v2.0/ports/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a port */
  portTagsClear: { id: 'port.tags_clear', method: 'DELETE', path: '/network/v2.0/ports/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a port a tag? */
  portTag: { id: 'port.tag', method: 'GET', path: '/network/v2.0/ports/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a port */
  portTagAdd: { id: 'port.tag_add', method: 'PUT', path: '/network/v2.0/ports/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a port */
  portTagRemove: { id: 'port.tag_remove', method: 'DELETE', path: '/network/v2.0/ports/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List security groups */
  securityGroupList: { id: 'security_group.list', method: 'GET', path: '/network/v2.0/security-groups', repeats: true } as Operation<undefined, SecurityGroupListQuery, undefined, unknown>,
  /** Show a security group */
  securityGroupGet: { id: 'security_group.get', method: 'GET', path: '/network/v2.0/security-groups/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a security group, or several */
  securityGroupCreate: { id: 'security_group.create', method: 'POST', path: '/network/v2.0/security-groups' } as Operation<undefined, undefined, SecurityGroupCreateBody, unknown>,
  /** Change a security group */
  securityGroupUpdate: { id: 'security_group.update', method: 'PUT', path: '/network/v2.0/security-groups/:id' } as Operation<{ id: string }, undefined, SecurityGroupUpdateBody, unknown>,
  /** Delete a security group */
  securityGroupDelete: { id: 'security_group.delete', method: 'DELETE', path: '/network/v2.0/security-groups/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Tags of a security group */
  securityGroupTags: { id: 'security_group.tags', method: 'GET', path: '/network/v2.0/security-groups/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a security group other tags */
  securityGroupTagsReplace: { id: 'security_group.tags_replace', method: 'PUT', path: '/network/v2.0/security-groups/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a security group */
  securityGroupTagsClear: { id: 'security_group.tags_clear', method: 'DELETE', path: '/network/v2.0/security-groups/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a security group a tag? */
  securityGroupTag: { id: 'security_group.tag', method: 'GET', path: '/network/v2.0/security-groups/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a security group */
  securityGroupTagAdd: { id: 'security_group.tag_add', method: 'PUT', path: '/network/v2.0/security-groups/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a security group */
  securityGroupTagRemove: { id: 'security_group.tag_remove', method: 'DELETE', path: '/network/v2.0/security-groups/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List security group rules */
  securityGroupRuleList: { id: 'security_group_rule.list', method: 'GET', path: '/network/v2.0/security-group-rules', repeats: true } as Operation<undefined, SecurityGroupRuleListQuery, undefined, unknown>,
  /** Show a security group rule */
  securityGroupRuleGet: { id: 'security_group_rule.get', method: 'GET', path: '/network/v2.0/security-group-rules/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a security group rule, or several */
  securityGroupRuleCreate: { id: 'security_group_rule.create', method: 'POST', path: '/network/v2.0/security-group-rules' } as Operation<undefined, undefined, SecurityGroupRuleCreateBody, unknown>,
  /** Delete a security group rule */
  securityGroupRuleDelete: { id: 'security_group_rule.delete', method: 'DELETE', path: '/network/v2.0/security-group-rules/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** List address groups */
  addressGroupList: { id: 'address_group.list', method: 'GET', path: '/network/v2.0/address-groups', repeats: true } as Operation<undefined, AddressGroupListQuery, undefined, unknown>,
  /** Show a address group */
  addressGroupGet: { id: 'address_group.get', method: 'GET', path: '/network/v2.0/address-groups/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a address group, or several */
  addressGroupCreate: { id: 'address_group.create', method: 'POST', path: '/network/v2.0/address-groups' } as Operation<undefined, undefined, AddressGroupCreateBody, unknown>,
  /** Change a address group */
  addressGroupUpdate: { id: 'address_group.update', method: 'PUT', path: '/network/v2.0/address-groups/:id' } as Operation<{ id: string }, undefined, AddressGroupUpdateBody, unknown>,
  /** Delete a address group */
  addressGroupDelete: { id: 'address_group.delete', method: 'DELETE', path: '/network/v2.0/address-groups/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Add addresses to an address group */
  addressGroupAddAddresses: { id: 'address_group.add_addresses', method: 'PUT', path: '/network/v2.0/address-groups/:id/add_addresses' } as Operation<{ id: string }, undefined, AddressGroupAddAddressesBody, unknown>,
  /** Take addresses out of an address group */
  addressGroupRemoveAddresses: { id: 'address_group.remove_addresses', method: 'PUT', path: '/network/v2.0/address-groups/:id/remove_addresses' } as Operation<{ id: string }, undefined, AddressGroupAddAddressesBody, unknown>,
  /** List subnet pools */
  subnetpoolList: { id: 'subnetpool.list', method: 'GET', path: '/network/v2.0/subnetpools', repeats: true } as Operation<undefined, SubnetpoolListQuery, undefined, unknown>,
  /** Show a subnet pool */
  subnetpoolGet: { id: 'subnetpool.get', method: 'GET', path: '/network/v2.0/subnetpools/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a subnet pool, or several */
  subnetpoolCreate: { id: 'subnetpool.create', method: 'POST', path: '/network/v2.0/subnetpools' } as Operation<undefined, undefined, SubnetpoolCreateBody, unknown>,
  /** Change a subnet pool */
  subnetpoolUpdate: { id: 'subnetpool.update', method: 'PUT', path: '/network/v2.0/subnetpools/:id' } as Operation<{ id: string }, undefined, SubnetpoolUpdateBody, unknown>,
  /** Delete a subnet pool */
  subnetpoolDelete: { id: 'subnetpool.delete', method: 'DELETE', path: '/network/v2.0/subnetpools/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Tags of a subnet pool */
  subnetpoolTags: { id: 'subnetpool.tags', method: 'GET', path: '/network/v2.0/subnetpools/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a subnet pool other tags */
  subnetpoolTagsReplace: { id: 'subnetpool.tags_replace', method: 'PUT', path: '/network/v2.0/subnetpools/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a subnet pool */
  subnetpoolTagsClear: { id: 'subnetpool.tags_clear', method: 'DELETE', path: '/network/v2.0/subnetpools/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a subnet pool a tag? */
  subnetpoolTag: { id: 'subnetpool.tag', method: 'GET', path: '/network/v2.0/subnetpools/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a subnet pool */
  subnetpoolTagAdd: { id: 'subnetpool.tag_add', method: 'PUT', path: '/network/v2.0/subnetpools/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a subnet pool */
  subnetpoolTagRemove: { id: 'subnetpool.tag_remove', method: 'DELETE', path: '/network/v2.0/subnetpools/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List address scopes */
  addressScopeList: { id: 'address_scope.list', method: 'GET', path: '/network/v2.0/address-scopes', repeats: true } as Operation<undefined, AddressScopeListQuery, undefined, unknown>,
  /** Show a address scope */
  addressScopeGet: { id: 'address_scope.get', method: 'GET', path: '/network/v2.0/address-scopes/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a address scope, or several */
  addressScopeCreate: { id: 'address_scope.create', method: 'POST', path: '/network/v2.0/address-scopes' } as Operation<undefined, undefined, AddressScopeCreateBody, unknown>,
  /** Change a address scope */
  addressScopeUpdate: { id: 'address_scope.update', method: 'PUT', path: '/network/v2.0/address-scopes/:id' } as Operation<{ id: string }, undefined, AddressScopeUpdateBody, unknown>,
  /** Delete a address scope */
  addressScopeDelete: { id: 'address_scope.delete', method: 'DELETE', path: '/network/v2.0/address-scopes/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** List RBAC policys */
  rbacPolicyList: { id: 'rbac_policy.list', method: 'GET', path: '/network/v2.0/rbac-policies', repeats: true } as Operation<undefined, RbacPolicyListQuery, undefined, unknown>,
  /** Show a RBAC policy */
  rbacPolicyGet: { id: 'rbac_policy.get', method: 'GET', path: '/network/v2.0/rbac-policies/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a RBAC policy, or several */
  rbacPolicyCreate: { id: 'rbac_policy.create', method: 'POST', path: '/network/v2.0/rbac-policies' } as Operation<undefined, undefined, RbacPolicyCreateBody, unknown>,
  /** Change a RBAC policy */
  rbacPolicyUpdate: { id: 'rbac_policy.update', method: 'PUT', path: '/network/v2.0/rbac-policies/:id' } as Operation<{ id: string }, undefined, RbacPolicyUpdateBody, unknown>,
  /** Delete a RBAC policy */
  rbacPolicyDelete: { id: 'rbac_policy.delete', method: 'DELETE', path: '/network/v2.0/rbac-policies/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** List routers */
  routerList: { id: 'router.list', method: 'GET', path: '/network/v2.0/routers', repeats: true } as Operation<undefined, RouterListQuery, undefined, unknown>,
  /** Show a router */
  routerGet: { id: 'router.get', method: 'GET', path: '/network/v2.0/routers/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a router, or several */
  routerCreate: { id: 'router.create', method: 'POST', path: '/network/v2.0/routers' } as Operation<undefined, undefined, RouterCreateBody, unknown>,
  /** Change a router */
  routerUpdate: { id: 'router.update', method: 'PUT', path: '/network/v2.0/routers/:id' } as Operation<{ id: string }, undefined, RouterUpdateBody, unknown>,
  /** Delete a router */
  routerDelete: { id: 'router.delete', method: 'DELETE', path: '/network/v2.0/routers/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Put a leg of a router into a subnet */
  routerAddRouterInterface: { id: 'router.add_router_interface', method: 'PUT', path: '/network/v2.0/routers/:id/add_router_interface' } as Operation<{ id: string }, undefined, RouterAddRouterInterfaceBody, unknown>,
  /** Take a leg of a router out of a subnet */
  routerRemoveRouterInterface: { id: 'router.remove_router_interface', method: 'PUT', path: '/network/v2.0/routers/:id/remove_router_interface' } as Operation<{ id: string }, undefined, RouterAddRouterInterfaceBody, unknown>,
  /** Add routes to a router */
  routerAddExtraroutes: { id: 'router.add_extraroutes', method: 'PUT', path: '/network/v2.0/routers/:id/add_extraroutes' } as Operation<{ id: string }, undefined, RouterAddExtraroutesBody, unknown>,
  /** Remove routes of a router */
  routerRemoveExtraroutes: { id: 'router.remove_extraroutes', method: 'PUT', path: '/network/v2.0/routers/:id/remove_extraroutes' } as Operation<{ id: string }, undefined, RouterAddExtraroutesBody, unknown>,
  /** Tags of a router */
  routerTags: { id: 'router.tags', method: 'GET', path: '/network/v2.0/routers/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a router other tags */
  routerTagsReplace: { id: 'router.tags_replace', method: 'PUT', path: '/network/v2.0/routers/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a router */
  routerTagsClear: { id: 'router.tags_clear', method: 'DELETE', path: '/network/v2.0/routers/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a router a tag? */
  routerTag: { id: 'router.tag', method: 'GET', path: '/network/v2.0/routers/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a router */
  routerTagAdd: { id: 'router.tag_add', method: 'PUT', path: '/network/v2.0/routers/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a router */
  routerTagRemove: { id: 'router.tag_remove', method: 'DELETE', path: '/network/v2.0/routers/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List floating IPs */
  floatingipList: { id: 'floatingip.list', method: 'GET', path: '/network/v2.0/floatingips', repeats: true } as Operation<undefined, FloatingipListQuery, undefined, unknown>,
  /** Show a floating IP */
  floatingipGet: { id: 'floatingip.get', method: 'GET', path: '/network/v2.0/floatingips/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a floating IP, or several */
  floatingipCreate: { id: 'floatingip.create', method: 'POST', path: '/network/v2.0/floatingips' } as Operation<undefined, undefined, FloatingipCreateBody, unknown>,
  /** Change a floating IP */
  floatingipUpdate: { id: 'floatingip.update', method: 'PUT', path: '/network/v2.0/floatingips/:id' } as Operation<{ id: string }, undefined, FloatingipUpdateBody, unknown>,
  /** Delete a floating IP */
  floatingipDelete: { id: 'floatingip.delete', method: 'DELETE', path: '/network/v2.0/floatingips/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Tags of a floating IP */
  floatingipTags: { id: 'floatingip.tags', method: 'GET', path: '/network/v2.0/floatingips/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a floating IP other tags */
  floatingipTagsReplace: { id: 'floatingip.tags_replace', method: 'PUT', path: '/network/v2.0/floatingips/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a floating IP */
  floatingipTagsClear: { id: 'floatingip.tags_clear', method: 'DELETE', path: '/network/v2.0/floatingips/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a floating IP a tag? */
  floatingipTag: { id: 'floatingip.tag', method: 'GET', path: '/network/v2.0/floatingips/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a floating IP */
  floatingipTagAdd: { id: 'floatingip.tag_add', method: 'PUT', path: '/network/v2.0/floatingips/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a floating IP */
  floatingipTagRemove: { id: 'floatingip.tag_remove', method: 'DELETE', path: '/network/v2.0/floatingips/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List port forwardings */
  portForwardingList: { id: 'port_forwarding.list', method: 'GET', path: '/network/v2.0/floatingips/:floatingip_id/port_forwardings', repeats: true } as Operation<{ floatingip_id: string }, PortForwardingListQuery, undefined, unknown>,
  /** Show a port forwarding */
  portForwardingGet: { id: 'port_forwarding.get', method: 'GET', path: '/network/v2.0/floatingips/:floatingip_id/port_forwardings/:id', repeats: true } as Operation<{ floatingip_id: string; id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a port forwarding, or several */
  portForwardingCreate: { id: 'port_forwarding.create', method: 'POST', path: '/network/v2.0/floatingips/:floatingip_id/port_forwardings' } as Operation<{ floatingip_id: string }, undefined, PortForwardingCreateBody, unknown>,
  /** Change a port forwarding */
  portForwardingUpdate: { id: 'port_forwarding.update', method: 'PUT', path: '/network/v2.0/floatingips/:floatingip_id/port_forwardings/:id' } as Operation<{ floatingip_id: string; id: string }, undefined, PortForwardingUpdateBody, unknown>,
  /** Delete a port forwarding */
  portForwardingDelete: { id: 'port_forwarding.delete', method: 'DELETE', path: '/network/v2.0/floatingips/:floatingip_id/port_forwardings/:id' } as Operation<{ floatingip_id: string; id: string }, undefined, undefined, unknown>,
  /** List trunks */
  trunkList: { id: 'trunk.list', method: 'GET', path: '/network/v2.0/trunks', repeats: true } as Operation<undefined, TrunkListQuery, undefined, unknown>,
  /** Show a trunk */
  trunkGet: { id: 'trunk.get', method: 'GET', path: '/network/v2.0/trunks/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a trunk, or several */
  trunkCreate: { id: 'trunk.create', method: 'POST', path: '/network/v2.0/trunks' } as Operation<undefined, undefined, TrunkCreateBody, unknown>,
  /** Change a trunk */
  trunkUpdate: { id: 'trunk.update', method: 'PUT', path: '/network/v2.0/trunks/:id' } as Operation<{ id: string }, undefined, TrunkUpdateBody, unknown>,
  /** Delete a trunk */
  trunkDelete: { id: 'trunk.delete', method: 'DELETE', path: '/network/v2.0/trunks/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Put ports onto a trunk as VLANs */
  trunkAddSubports: { id: 'trunk.add_subports', method: 'PUT', path: '/network/v2.0/trunks/:id/add_subports' } as Operation<{ id: string }, undefined, TrunkAddSubportsBody, unknown>,
  /** Take ports off a trunk */
  trunkRemoveSubports: { id: 'trunk.remove_subports', method: 'PUT', path: '/network/v2.0/trunks/:id/remove_subports' } as Operation<{ id: string }, undefined, TrunkRemoveSubportsBody, unknown>,
  /** Ports on a trunk */
  trunkGetSubports: { id: 'trunk.get_subports', method: 'GET', path: '/network/v2.0/trunks/:id/get_subports' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Tags of a trunk */
  trunkTags: { id: 'trunk.tags', method: 'GET', path: '/network/v2.0/trunks/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a trunk other tags */
  trunkTagsReplace: { id: 'trunk.tags_replace', method: 'PUT', path: '/network/v2.0/trunks/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a trunk */
  trunkTagsClear: { id: 'trunk.tags_clear', method: 'DELETE', path: '/network/v2.0/trunks/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a trunk a tag? */
  trunkTag: { id: 'trunk.tag', method: 'GET', path: '/network/v2.0/trunks/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a trunk */
  trunkTagAdd: { id: 'trunk.tag_add', method: 'PUT', path: '/network/v2.0/trunks/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a trunk */
  trunkTagRemove: { id: 'trunk.tag_remove', method: 'DELETE', path: '/network/v2.0/trunks/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List QoS policys */
  policyList: { id: 'policy.list', method: 'GET', path: '/network/v2.0/qos/policies', repeats: true } as Operation<undefined, PolicyListQuery, undefined, unknown>,
  /** Show a QoS policy */
  policyGet: { id: 'policy.get', method: 'GET', path: '/network/v2.0/qos/policies/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a QoS policy, or several */
  policyCreate: { id: 'policy.create', method: 'POST', path: '/network/v2.0/qos/policies' } as Operation<undefined, undefined, PolicyCreateBody, unknown>,
  /** Change a QoS policy */
  policyUpdate: { id: 'policy.update', method: 'PUT', path: '/network/v2.0/qos/policies/:id' } as Operation<{ id: string }, undefined, PolicyUpdateBody, unknown>,
  /** Delete a QoS policy */
  policyDelete: { id: 'policy.delete', method: 'DELETE', path: '/network/v2.0/qos/policies/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Tags of a QoS policy */
  policyTags: { id: 'policy.tags', method: 'GET', path: '/network/v2.0/qos/policies/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Give a QoS policy other tags */
  policyTagsReplace: { id: 'policy.tags_replace', method: 'PUT', path: '/network/v2.0/qos/policies/:id/tags' } as Operation<{ id: string }, undefined, NetworkTagsReplaceBody, unknown>,
  /** Remove all tags of a QoS policy */
  policyTagsClear: { id: 'policy.tags_clear', method: 'DELETE', path: '/network/v2.0/qos/policies/:id/tags' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** Has a QoS policy a tag? */
  policyTag: { id: 'policy.tag', method: 'GET', path: '/network/v2.0/qos/policies/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a QoS policy */
  policyTagAdd: { id: 'policy.tag_add', method: 'PUT', path: '/network/v2.0/qos/policies/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag of a QoS policy */
  policyTagRemove: { id: 'policy.tag_remove', method: 'DELETE', path: '/network/v2.0/qos/policies/:id/tags/:tag' } as Operation<{ id: string; tag: string }, undefined, undefined, unknown>,
  /** List bandwidth limit rules */
  bandwidthLimitRuleList: { id: 'bandwidth_limit_rule.list', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/bandwidth_limit_rules', repeats: true } as Operation<{ policy_id: string }, BandwidthLimitRuleListQuery, undefined, unknown>,
  /** Show a bandwidth limit rule */
  bandwidthLimitRuleGet: { id: 'bandwidth_limit_rule.get', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/bandwidth_limit_rules/:id', repeats: true } as Operation<{ policy_id: string; id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a bandwidth limit rule, or several */
  bandwidthLimitRuleCreate: { id: 'bandwidth_limit_rule.create', method: 'POST', path: '/network/v2.0/qos/policies/:policy_id/bandwidth_limit_rules' } as Operation<{ policy_id: string }, undefined, BandwidthLimitRuleCreateBody, unknown>,
  /** Change a bandwidth limit rule */
  bandwidthLimitRuleUpdate: { id: 'bandwidth_limit_rule.update', method: 'PUT', path: '/network/v2.0/qos/policies/:policy_id/bandwidth_limit_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, BandwidthLimitRuleUpdateBody, unknown>,
  /** Delete a bandwidth limit rule */
  bandwidthLimitRuleDelete: { id: 'bandwidth_limit_rule.delete', method: 'DELETE', path: '/network/v2.0/qos/policies/:policy_id/bandwidth_limit_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, undefined, unknown>,
  /** List dscp marking rules */
  dscpMarkingRuleList: { id: 'dscp_marking_rule.list', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/dscp_marking_rules', repeats: true } as Operation<{ policy_id: string }, DscpMarkingRuleListQuery, undefined, unknown>,
  /** Show a dscp marking rule */
  dscpMarkingRuleGet: { id: 'dscp_marking_rule.get', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/dscp_marking_rules/:id', repeats: true } as Operation<{ policy_id: string; id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a dscp marking rule, or several */
  dscpMarkingRuleCreate: { id: 'dscp_marking_rule.create', method: 'POST', path: '/network/v2.0/qos/policies/:policy_id/dscp_marking_rules' } as Operation<{ policy_id: string }, undefined, DscpMarkingRuleCreateBody, unknown>,
  /** Change a dscp marking rule */
  dscpMarkingRuleUpdate: { id: 'dscp_marking_rule.update', method: 'PUT', path: '/network/v2.0/qos/policies/:policy_id/dscp_marking_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, DscpMarkingRuleUpdateBody, unknown>,
  /** Delete a dscp marking rule */
  dscpMarkingRuleDelete: { id: 'dscp_marking_rule.delete', method: 'DELETE', path: '/network/v2.0/qos/policies/:policy_id/dscp_marking_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, undefined, unknown>,
  /** List minimum bandwidth rules */
  minimumBandwidthRuleList: { id: 'minimum_bandwidth_rule.list', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/minimum_bandwidth_rules', repeats: true } as Operation<{ policy_id: string }, MinimumBandwidthRuleListQuery, undefined, unknown>,
  /** Show a minimum bandwidth rule */
  minimumBandwidthRuleGet: { id: 'minimum_bandwidth_rule.get', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/minimum_bandwidth_rules/:id', repeats: true } as Operation<{ policy_id: string; id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a minimum bandwidth rule, or several */
  minimumBandwidthRuleCreate: { id: 'minimum_bandwidth_rule.create', method: 'POST', path: '/network/v2.0/qos/policies/:policy_id/minimum_bandwidth_rules' } as Operation<{ policy_id: string }, undefined, MinimumBandwidthRuleCreateBody, unknown>,
  /** Change a minimum bandwidth rule */
  minimumBandwidthRuleUpdate: { id: 'minimum_bandwidth_rule.update', method: 'PUT', path: '/network/v2.0/qos/policies/:policy_id/minimum_bandwidth_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, MinimumBandwidthRuleUpdateBody, unknown>,
  /** Delete a minimum bandwidth rule */
  minimumBandwidthRuleDelete: { id: 'minimum_bandwidth_rule.delete', method: 'DELETE', path: '/network/v2.0/qos/policies/:policy_id/minimum_bandwidth_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, undefined, unknown>,
  /** List packet rate limit rules */
  packetRateLimitRuleList: { id: 'packet_rate_limit_rule.list', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/packet_rate_limit_rules', repeats: true } as Operation<{ policy_id: string }, PacketRateLimitRuleListQuery, undefined, unknown>,
  /** Show a packet rate limit rule */
  packetRateLimitRuleGet: { id: 'packet_rate_limit_rule.get', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/packet_rate_limit_rules/:id', repeats: true } as Operation<{ policy_id: string; id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a packet rate limit rule, or several */
  packetRateLimitRuleCreate: { id: 'packet_rate_limit_rule.create', method: 'POST', path: '/network/v2.0/qos/policies/:policy_id/packet_rate_limit_rules' } as Operation<{ policy_id: string }, undefined, PacketRateLimitRuleCreateBody, unknown>,
  /** Change a packet rate limit rule */
  packetRateLimitRuleUpdate: { id: 'packet_rate_limit_rule.update', method: 'PUT', path: '/network/v2.0/qos/policies/:policy_id/packet_rate_limit_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, PacketRateLimitRuleUpdateBody, unknown>,
  /** Delete a packet rate limit rule */
  packetRateLimitRuleDelete: { id: 'packet_rate_limit_rule.delete', method: 'DELETE', path: '/network/v2.0/qos/policies/:policy_id/packet_rate_limit_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, undefined, unknown>,
  /** List minimum packet rate rules */
  minimumPacketRateRuleList: { id: 'minimum_packet_rate_rule.list', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/minimum_packet_rate_rules', repeats: true } as Operation<{ policy_id: string }, MinimumPacketRateRuleListQuery, undefined, unknown>,
  /** Show a minimum packet rate rule */
  minimumPacketRateRuleGet: { id: 'minimum_packet_rate_rule.get', method: 'GET', path: '/network/v2.0/qos/policies/:policy_id/minimum_packet_rate_rules/:id', repeats: true } as Operation<{ policy_id: string; id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a minimum packet rate rule, or several */
  minimumPacketRateRuleCreate: { id: 'minimum_packet_rate_rule.create', method: 'POST', path: '/network/v2.0/qos/policies/:policy_id/minimum_packet_rate_rules' } as Operation<{ policy_id: string }, undefined, MinimumPacketRateRuleCreateBody, unknown>,
  /** Change a minimum packet rate rule */
  minimumPacketRateRuleUpdate: { id: 'minimum_packet_rate_rule.update', method: 'PUT', path: '/network/v2.0/qos/policies/:policy_id/minimum_packet_rate_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, MinimumPacketRateRuleUpdateBody, unknown>,
  /** Delete a minimum packet rate rule */
  minimumPacketRateRuleDelete: { id: 'minimum_packet_rate_rule.delete', method: 'DELETE', path: '/network/v2.0/qos/policies/:policy_id/minimum_packet_rate_rules/:id' } as Operation<{ policy_id: string; id: string }, undefined, undefined, unknown>,
  /** List segments */
  segmentList: { id: 'segment.list', method: 'GET', path: '/network/v2.0/segments', repeats: true } as Operation<undefined, SegmentListQuery, undefined, unknown>,
  /** Show a segment */
  segmentGet: { id: 'segment.get', method: 'GET', path: '/network/v2.0/segments/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Make a segment, or several */
  segmentCreate: { id: 'segment.create', method: 'POST', path: '/network/v2.0/segments' } as Operation<undefined, undefined, SegmentCreateBody, unknown>,
  /** Change a segment */
  segmentUpdate: { id: 'segment.update', method: 'PUT', path: '/network/v2.0/segments/:id' } as Operation<{ id: string }, undefined, SegmentUpdateBody, unknown>,
  /** Delete a segment */
  segmentDelete: { id: 'segment.delete', method: 'DELETE', path: '/network/v2.0/segments/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** List agents */
  agentList: { id: 'agent.list', method: 'GET', path: '/network/v2.0/agents', repeats: true } as Operation<undefined, AgentListQuery, undefined, unknown>,
  /** Show a agent */
  agentGet: { id: 'agent.get', method: 'GET', path: '/network/v2.0/agents/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
  /** Change a agent */
  agentUpdate: { id: 'agent.update', method: 'PUT', path: '/network/v2.0/agents/:id' } as Operation<{ id: string }, undefined, AgentUpdateBody, unknown>,
  /** Delete a agent */
  agentDelete: { id: 'agent.delete', method: 'DELETE', path: '/network/v2.0/agents/:id' } as Operation<{ id: string }, undefined, undefined, unknown>,
  /** List IP availability of a networks */
  networkIpAvailabilityList: { id: 'network_ip_availability.list', method: 'GET', path: '/network/v2.0/network-ip-availabilities', repeats: true } as Operation<undefined, NetworkIpAvailabilityListQuery, undefined, unknown>,
  /** Show a IP availability of a network */
  networkIpAvailabilityGet: { id: 'network_ip_availability.get', method: 'GET', path: '/network/v2.0/network-ip-availabilities/:id', repeats: true } as Operation<{ id: string }, NetworkGetQuery, undefined, unknown>,
};
