// What the truth says of one thing, with all that its rows in OVN are made of. Read by `store/truth.ts`.

/** Kinds of things whose rows in OVN are made and compared together. */
export const UNITS = ['address_group', 'security_group', 'network', 'port', 'router'] as const;
export type UnitKind = (typeof UNITS)[number];

export type SegmentType = 'flat' | 'vlan' | 'geneve' | 'vxlan' | 'gre' | 'local';
export type Ipv6Mode = 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless';
export type QosRuleType =
  | 'bandwidth_limit'
  | 'dscp_marking'
  | 'minimum_bandwidth'
  | 'packet_rate_limit'
  | 'minimum_packet_rate';

export interface Segment {
  id: string;
  type: SegmentType;
  physicalNetwork: string | null;
  segmentationId: number | null;
  dynamic: boolean;
}

export interface Subnet {
  id: string;
  version: 4 | 6;
  cidr: string;
  gateway: string | null;
  /** OVN answers DHCP (or sends router advertisements) here. */
  ovnDhcp: boolean;
  enableDhcp: boolean;
  dns: readonly string[];
  hostRoutes: readonly { destination: string; nexthop: string }[];
  raMode: Ipv6Mode | null;
  addressMode: Ipv6Mode | null;
}

/** A machine's port on an overlay, behind the VLAN of a physical network. */
export interface OverlayMachine {
  portId: string;
  mac: string;
  ips: readonly string[];
  segmentId: string;
  portSecurity: boolean;
  /** Allowed address pairs. */
  pairs: readonly AddressPair[];
}

export interface AddressPair {
  /** An address or a network. */
  ip_address: string;
  /** The port's own when absent. */
  mac_address?: string;
}

export interface Network {
  id: string;
  name: string;
  external: boolean;
  mtu: number;
  dnsDomain: string;
  segments: readonly Segment[];
  subnets: readonly Subnet[];
  machines: readonly OverlayMachine[];
}

export interface QosRule {
  type: QosRuleType;
  direction: string | null;
  maxKbps: number | null;
  maxBurstKbps: number | null;
  dscp: number | null;
}

export interface Port {
  id: string;
  name: string;
  networkId: string;
  mac: string;
  adminUp: boolean;
  deviceOwner: string;
  deviceId: string;
  portSecurity: boolean;
  pairs: readonly AddressPair[];
  dhcpOptions: readonly { opt_name: string; opt_value: string; ip_version?: number | string }[];
  vnicType: string;
  hostId: string;
  boundSegmentId: string | null;
  dnsName: string;
  dnsDomain: string;
  fixedIps: readonly { subnetId: string; ip: string }[];
  groups: readonly string[];
  /** Set where the port is a leg of a router. */
  routerId: string | null;
  /** Set where the port is one VLAN of another port. */
  trunk: { parentId: string; tag: number } | null;
  qos: readonly QosRule[];
}

export interface GroupRule {
  id: string;
  direction: 'ingress' | 'egress';
  ethertype: 'IPv4' | 'IPv6';
  protocol: string | null;
  portMin: number | null;
  portMax: number | null;
  remotePrefix: string | null;
  remoteGroupId: string | null;
  remoteAddressGroupId: string | null;
}

export interface SecurityGroup {
  id: string;
  name: string;
  stateful: boolean;
  rules: readonly GroupRule[];
  /** Addresses of members that OVN does not know as ports of its own: machines on overlays. */
  machineIps: readonly string[];
}

export interface AddressGroup {
  id: string;
  addresses: readonly string[];
}

export interface RouterPort {
  id: string;
  kind: 'interface' | 'gateway';
  mac: string;
  networkId: string;
  networkMtu: number;
  /** The network lies on a VLAN or is flat: frames of machines enter by the gateway chassis only. */
  physical: boolean;
  addresses: readonly { ip: string; subnet: Subnet }[];
}

export interface FloatingIp {
  id: string;
  ip: string;
  fixedIp: string;
  fixedPortId: string;
  /** MAC of the outside port that holds the address. */
  mac: string;
  /** The port it leads to is that of a virtual machine, which a chassis can answer for by itself. */
  onChassis: boolean;
}

export interface PortForwarding {
  id: string;
  ip: string;
  externalPort: number;
  internalIp: string;
  internalPort: number;
  protocol: 'tcp' | 'udp' | 'sctp';
}

export interface Router {
  id: string;
  name: string;
  adminUp: boolean;
  snat: boolean;
  distributed: boolean;
  /** Availability zones its gateway is to be in; none: any. */
  zones: readonly string[];
  routes: readonly { destination: string; nexthop: string }[];
  ports: readonly RouterPort[];
  floatingIps: readonly FloatingIp[];
  forwardings: readonly PortForwarding[];
}

/** A host that carries networks, as OVN's southbound database tells. */
export interface Chassis {
  name: string;
  hostname: string;
  gateway: boolean;
  physicalNetworks: readonly string[];
  zones: readonly string[];
  alive: boolean;
}

/** The truth of some units, and of what their rows refer to. */
export interface Truth {
  networks: ReadonlyMap<string, Network>;
  ports: ReadonlyMap<string, Port>;
  groups: ReadonlyMap<string, SecurityGroup>;
  addressGroups: ReadonlyMap<string, AddressGroup>;
  routers: ReadonlyMap<string, Router>;
  chassis: readonly Chassis[];
  /** Hosts serve metadata on every network. Default no. */
  metadata?: boolean;
}

/** True for the port of a machine: its frames come in by a switch, not by an interface of a chassis. */
export const isMachine = (port: Pick<Port, 'vnicType'>): boolean => port.vnicType === 'baremetal';

/** The segment frames of the network have on a physical network, if it is no overlay. */
export function physicalSegment(network: Pick<Network, 'segments'>): Segment | undefined {
  return network.segments.find((segment) => !segment.dynamic && segment.physicalNetwork !== null);
}
