import { serviceExtensions } from './service-extensions.ts';

// What clients look for before they use something. Only what works stands here.

const TIME = '2026-11-29T00:00:00-00:00';
/** An alias, its name, and what it adds. */
const list: readonly (readonly [alias: string, name: string, description: string])[] = [
  ['address-group', 'Address groups', 'Named sets of networks, for rules of security groups'],
  ['allowed-address-pairs', 'Allowed Address Pairs', 'Ports that may send as others'],
  ['binding', 'Port Binding', 'Where a port is carried'],
  ['extra_dhcp_opt', 'Neutron Extra DHCP options', 'DHCP options of a port'],
  ['ip-substring-filtering', 'IP address substring filtering', 'Ports found by a part of their address'],
  ['ip_allocation', 'IP Allocation', 'When a port gets its addresses'],
  ['rbac-policies', 'RBAC Policies', 'Sharing between projects'],
  ['rbac-address-group', 'Add address_group type to RBAC', 'Shared address groups'],
  ['rbac-address-scope', 'Add address_scope type to RBAC', 'Shared address scopes'],
  ['rbac-security-groups', 'Add security_group type to network RBAC', 'Shared security groups'],
  ['rbac-subnetpool', 'Add subnetpool type to RBAC', 'Shared subnet pools'],
  ['security-group', 'security-group', 'Rules of what ports receive and send'],
  ['security-groups-normalized-cidr', 'Normalized CIDR field for security group rules', 'Prefixes as they are kept'],
  [
    'security-groups-remote-address-group',
    'Remote address group id field for security group rules',
    'Rules on address groups',
  ],
  ['security-groups-shared-filtering', 'Security group filtering on the shared field', 'Shared groups found'],
  [
    'security-groups-rules-belongs-to-default-sg',
    'Security group rules belong to the default security group',
    'Rules of default groups found',
  ],
  ['stateful-security-group', 'Stateful security group', 'Groups without connection tracking'],
  ['tag-ports-during-bulk-creation', 'Tag Ports During Bulk Creation', 'Ports made with tags'],
  ['uplink-status-propagation', 'Port Uplink Status Propagation', 'Links that follow their uplink'],
  ['address-scope', 'Address scope', 'Subnet pools whose addresses do not overlap'],
  ['net-mtu', 'Network MTU', 'The MTU of a network'],
  ['net-mtu-writable', 'Network MTU (writable)', 'Networks with an MTU of choice'],
  ['external-net', 'Neutron external network', 'Networks that lead outside'],
  ['provider', 'Provider Network', 'How a network is carried'],
  ['multi-provider', 'Multi Provider Network', 'Networks of several segments'],
  ['port-security', 'Port Security', 'Ports that may send as anybody'],
  ['dns-integration', 'DNS Integration', 'Names of ports and networks'],
  ['network_availability_zone', 'Network Availability Zone', 'Where networks are served'],
  ['subnet_allocation', 'Subnet Allocation', 'Subnets from pools of prefixes'],
  ['default-subnetpools', 'Default Subnetpools', 'The pool that is used when none is named'],
  ['subnet-service-types', 'Subnet service types', 'Subnets for some kinds of ports only'],
  ['subnet-external-network', 'Subnet belongs to external network', 'Subnets tell whether they lead outside'],
  ['vlan-transparent', 'Vlantransparent', 'Networks that carry VLANs of tenants'],
  ['default-network', 'Default network', 'The external network that is used when none is named'],
  ['project-id', 'project_id field enabled', 'project_id beside tenant_id'],
  ['quotas', 'Quota management support', 'Quotas by project'],
  ['quota_details', 'Quota details management support', 'Quotas with what is used'],
  ['pagination', 'Pagination support', 'Lists in pages'],
  ['sorting', 'Sorting support', 'Lists in an order of choice'],
  ['filter-validation', 'Filter parameters validation', 'Unknown filters are refused'],
  ['standard-attr-description', 'standard-attr-description', 'Descriptions'],
  ['standard-attr-tag', 'Tag support for resources with standard attribute', 'Tags'],
  ['standard-attr-timestamp', 'Resource timestamps', 'When things were made and changed'],
  ['standard-attr-revisions', 'Resource revision numbers', 'How often things were changed'],
  ['revision-if-match', 'If-Match constraints based on revision_number', 'Changes of one revision only'],
];

/** The extensions as clients see them. */
export const extensions = [...list, ...serviceExtensions].map(([alias, name, description]) => ({
  alias,
  name,
  description,
  updated: TIME,
  links: [],
}));
