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
