import { defineErrors } from '#kernel/errors';

// What the Network API refuses. The codes are the names of Neutron's exceptions: clients get them as `type`.

/** Where what was asked for is not there, or not for the caller. */
export const refusals = defineErrors({
  HTTPBadRequest: [400, (why: string) => why],
  InvalidInput: [400, (why: string) => `Invalid input for operation: ${why}.`],
  PolicyNotAuthorized: [403, (rule: string) => `rule:${rule} is disallowed by policy`],
  OverQuota: [409, (resources: string) => `Quota exceeded for resources: ['${resources}'].`],
  RevisionNumberConstraintFailed: [
    412,
    (wanted: number) => `Constrained to ${wanted}, but current revision is another.`,
  ],
  RouterNotFound: [404, (id: string) => `Router ${id} could not be found`],
  FloatingIPNotFound: [404, (id: string) => `Floating IP ${id} could not be found`],
  PortForwardingNotFound: [404, (id: string) => `Port Forwarding ${id} could not be found.`],
  TrunkNotFound: [404, (id: string) => `Trunk ${id} could not be found.`],
  QosRuleTypeNotFound: [404, (type: string) => `QoS rule type ${type} could not be found.`],
  QosRuleNotFound: [404, (id: string) => `QoS rule ${id} could not be found.`],
  AgentNotFound: [404, (id: string) => `Agent ${id} could not be found.`],
  RouterInUse: [409, (id: string, why: string) => `Router ${id} ${why}`],
  QosPolicyInUse: [409, (id: string, why: string) => `QoS Policy ${id} is used by ${why}.`],
  SegmentInUse: [409, (id: string, why: string) => `Segment '${id}' cannot be deleted: ${why}.`],
  TagNotFound: [404, (tag: string) => `Tag ${tag} could not be found.`],
  ExtensionNotFound: [404, (alias: string) => `Extension with alias ${alias} does not exist`],

  NetworkNotFound: [404, (id: string) => `Network ${id} could not be found.`],
  SubnetNotFound: [404, (id: string) => `Subnet ${id} could not be found.`],
  PortNotFound: [404, (id: string) => `Port ${id} could not be found.`],
  AvailabilityZoneNotFound: [404, (zone: string) => `AvailabilityZone ${zone} could not be found.`],
  QosPolicyNotFound: [404, (id: string) => `QoS policy ${id} could not be found.`],

  AddressScopeNotFound: [404, (id: string) => `Address scope ${id} could not be found.`],
  AddressScopeInUse: [
    409,
    (id: string, why: string) =>
      `Unable to complete operation on address scope ${id}. There are one or more subnet pools in use on the address scope: ${why}.`,
  ],
  AddressScopeUpdateError: [400, (id: string, why: string) => `Unable to update address scope ${id}: ${why}`],

  SubnetPoolNotFound: [404, (id: string) => `Subnet pool ${id} could not be found.`],
  SegmentNotFound: [404, (id: string) => `Segment ${id} could not be found.`],
  NetworkIdsDontMatch: [400, (segment: string) => `The subnet's network id doesn't match that of segment ${segment}.`],
  SubnetSegmentAssociationChangeNotAllowed: [
    400,
    () => 'A subnet that is associated with a segment cannot be associated with another.',
  ],
  InvalidAllocationPool: [400, (pool: string) => `The allocation pool ${pool} is not valid.`],
  OutOfBoundsAllocationPool: [
    400,
    (pool: string, cidr: string) => `The allocation pool ${pool} spans beyond the subnet cidr ${cidr}.`,
  ],
  OverlappingAllocationPools: [
    409,
    (one: string, other: string, cidr: string) =>
      `Found overlapping allocation pools: ${one} and ${other} for subnet ${cidr}.`,
  ],
  GatewayConflictWithAllocationPools: [
    409,
    (gateway: string, pool: string) => `Gateway ip ${gateway} conflicts with allocation pool ${pool}.`,
  ],
  GatewayIpInUse: [
    409,
    (gateway: string, port: string) =>
      `Current gateway ip ${gateway} already in use by port ${port}. Unable to update.`,
  ],
  SubnetInUse: [409, (id: string, why: string) => `Unable to complete operation on subnet ${id}: ${why}.`],
  EmptySubnetPoolPrefixList: [400, () => 'Empty subnet pool prefix list.'],
  PrefixVersionMismatch: [400, () => 'Cannot mix IPv4 and IPv6 prefixes in a subnet pool.'],
  IllegalSubnetPoolPrefixBounds: [
    400,
    (what: string, length: number, bound: string) =>
      `Illegal prefix bounds: ${what} of ${length} does not go with ${bound}.`,
  ],
  IllegalSubnetPoolPrefixUpdate: [
    400,
    (prefixes: string) => `Illegal update to prefixes: prefixes cannot be taken away, there are ${prefixes}.`,
  ],
  IllegalSubnetPoolIpVersionAssociation: [
    400,
    (scope: string, version: number) => `Illegal subnetpool association: address scope ${scope} is for IPv${version}.`,
  ],
  AddressScopePrefixConflict: [
    409,
    () => 'Failed to associate address scope: subnetpools within an address scope must have unique prefixes.',
  ],
  MinPrefixSubnetAllocationError: [
    400,
    (length: number, min: number) =>
      `Unable to allocate subnet with prefix length ${length}, minimum allowed prefix is ${min}.`,
  ],
  MaxPrefixSubnetAllocationError: [
    400,
    (length: number, max: number) =>
      `Unable to allocate subnet with prefix length ${length}, maximum allowed prefix is ${max}.`,
  ],
  SubnetPoolQuotaExceeded: [409, () => 'Per-tenant subnet pool prefix quota exceeded.'],
  SubnetAllocationError: [409, (why: string, what: string) => `Failed to allocate subnet: ${why}: ${what}.`],
  SubnetPoolDeleteError: [400, (id: string, why: string) => `Unable to delete subnet pool: ${id}: ${why}.`],

  SecurityGroupNotFound: [404, (id: string) => `Security group ${id} does not exist.`],
  SecurityGroupRuleNotFound: [404, (id: string) => `Security group rule ${id} does not exist.`],
  SecurityGroupInUse: [409, (id: string, why: string) => `Security Group ${id} in use: ${why}.`],
  SecurityGroupCannotRemoveDefault: [409, () => 'Insufficient rights for removing default security group.'],
  SecurityGroupCannotUpdateDefault: [409, () => 'Updating default security group not allowed.'],
  SecurityGroupDefaultAlreadyExists: [409, () => 'Default security group already exists.'],
  SecurityGroupRuleExists: [409, (id: string) => `Security group rule already exists. Rule id is ${id}.`],
  SecurityGroupInvalidPortRange: [400, () => 'For TCP/UDP protocols, port_range_min must be <= port_range_max.'],
  SecurityGroupInvalidPortValue: [400, (port: number) => `Invalid value for port ${port}.`],
  SecurityGroupInvalidIcmpValue: [
    400,
    (what: string, value: number) => `Invalid value for ICMP ${what}: ${value}. It must be 0 to 255.`,
  ],
  SecurityGroupMissingIcmpType: [
    400,
    (code: number) => `ICMP code (port-range-max) ${code} is provided but ICMP type (port-range-min) is missing.`,
  ],
  SecurityGroupInvalidProtocolForPort: [
    400,
    (protocol: string) => `Ports cannot be given for protocol ${protocol}: it has none.`,
  ],
  SecurityGroupProtocolRequiredWithPorts: [400, () => 'Must also specify protocol if port range is given.'],
  SecurityGroupRuleInvalidProtocol: [
    400,
    (protocol: string) =>
      `Security group rule protocol ${protocol} not supported. Names of protocols and numbers from 0 to 255 are.`,
  ],
  SecurityGroupRuleParameterConflict: [
    400,
    (ethertype: string, prefix: string) => `Conflicting value ethertype ${ethertype} for CIDR ${prefix}.`,
  ],
  SecurityGroupMultipleRemoteEntitiesNotAllowed: [
    400,
    () => 'Only remote_ip_prefix, remote_group_id or remote_address_group_id may be provided.',
  ],
  AddressGroupNotFound: [404, (id: string) => `Address group ${id} could not be found.`],
  AddressGroupInUse: [409, (id: string, why: string) => `Address group ${id} is in use: ${why}.`],
  AddressesAlreadyExist: [
    400,
    (addresses: string, id: string) => `Addresses ${addresses} already exist in the address group ${id}.`,
  ],
  AddressesNotFound: [
    404,
    (addresses: string, id: string) => `Addresses ${addresses} not found in the address group ${id}.`,
  ],
  RbacPolicyNotFound: [404, (id: string) => `RBAC policy of type ${id} could not be found.`],
  RbacPolicyInUse: [
    409,
    (object: string, why: string) =>
      `RBAC policy on object ${object} cannot be removed because other objects depend on it: ${why}.`,
  ],
  RbacPolicyExists: [409, () => 'An RBAC policy already exists with those values.'],

  IpAddressAlreadyAllocated: [
    409,
    (ip: string, subnet: string) => `IP address ${ip} already allocated in subnet ${subnet}.`,
  ],
  IpAddressGenerationFailure: [409, (network: string) => `No more IP addresses available on network ${network}.`],
  InvalidIpForNetwork: [
    400,
    (ip: string) => `IP address ${ip} is not a valid IP for any of the subnets on the specified network.`,
  ],
  InvalidIpForSubnet: [400, (ip: string) => `IP address ${ip} is not a valid IP for the specified subnet.`],
  AllocationOnAutoAddressSubnet: [
    400,
    (ip: string, subnet: string) =>
      `IPv6 address ${ip} can not be directly assigned to a port on subnet ${subnet} since the subnet is configured for automatic addresses.`,
  ],
  MacAddressInUse: [
    409,
    (network: string, mac: string) =>
      `Unable to complete operation for network ${network}. The mac address ${mac} is in use.`,
  ],
  MacAddressGenerationFailure: [503, (network: string) => `Unable to generate unique mac on network ${network}.`],
  PortInUse: [409, (id: string, why: string) => `Unable to complete operation on port ${id}: ${why}.`],
  PortBound: [
    409,
    (id: string, type: string, old: string, mac: string) =>
      `Unable to complete operation on port ${id}, port is already bound, port type: ${type}, old_mac ${old}, new_mac ${mac}.`,
  ],
  ServicePortInUse: [
    409,
    (id: string, why: string) => `Port ${id} cannot be deleted directly via the port API: ${why}.`,
  ],
  PortSecurityAndIPRequiredForSecurityGroups: [
    400,
    () => 'Port security must be enabled in order to use a security group.',
  ],
  PortSecurityPortHasSecurityGroup: [
    409,
    () =>
      'Port has security group associated. Cannot disable port security or ip address until security group is removed.',
  ],
  AddressPairAndPortSecurityRequired: [
    409,
    () => 'Port Security must be enabled in order to have allowed address pairs on a port.',
  ],
  DuplicateAddressPairInRequest: [
    400,
    (mac: string, ip: string) => `Request contains duplicate address pair: mac_address ${mac} ip_address ${ip}.`,
  ],
  AllowedAddressPairExhausted: [
    400,
    (most: number) => `The number of allowed address pair exceeds the maximum ${most}.`,
  ],

  NetworkInUse: [
    409,
    (id: string, why: string) =>
      `Unable to complete operation on network ${id}. There are one or more ports still in use on the network: ${why}.`,
  ],
  InvalidSharedSetting: [
    409,
    (name: string) => `Unable to reconfigure sharing settings for network ${name}. Multiple tenants are using it.`,
  ],
  ExternalNetworkInUse: [
    409,
    (id: string) =>
      `External network ${id} cannot be updated to be made non-external, since it has existing gateway ports.`,
  ],
  DefaultExternalNetworkExists: [409, () => 'A default external network already exists.'],
  VlanIdInUse: [
    409,
    (vlan: number, network: string) =>
      `Unable to create the network. The VLAN ${vlan} on physical network ${network} is in use.`,
  ],
  FlatNetworkInUse: [
    409,
    (network: string) => `Unable to create the flat network. Physical network ${network} is in use.`,
  ],
  TunnelIdInUse: [409, (id: number) => `Unable to create the network. The tunnel ID ${id} is in use.`],
  SegmentsSetInConjunctionWithProviders: [400, () => 'Segments and provider values cannot both be set.'],
  SegmentsContainDuplicateEntry: [400, () => 'Duplicate segment entry in request.'],
  NoNetworkAvailable: [503, (what: string) => `Unable to create the network. No ${what} is available for allocation.`],
});
