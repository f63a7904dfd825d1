// Generated from the route table of network by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface QuotaUpdateBody {
  quota: Record<string, number | string | boolean>;
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
};
