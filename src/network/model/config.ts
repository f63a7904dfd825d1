/** A span of numbers, both ends included. */
export interface Span {
  first: number;
  last: number;
}

/** What operators say of their networks. */
export interface NetworkConfig {
  /** Physical networks, by name: their MTU, and the VLANs tenants get by themselves. */
  physicalNetworks: ReadonlyMap<string, { mtu: number; vlans: readonly Span[] }>;
  /** Kinds of network tenants get, the first that has something left. */
  tenantTypes: readonly ('geneve' | 'vxlan' | 'vlan')[];
  /** Numbers of overlay networks. */
  overlayIds: Span;
  /** Bytes the network between hosts carries; overlays have what is left of it. */
  pathMtu: number;
  /** First three bytes of addresses given to ports: `fa:16:3e`. */
  macBase: string;
  /** What a project may have, where it differs from the defaults. */
  quotas: ReadonlyMap<string, number>;
  /** Objects of a page at most. */
  maxLimit: number;
  /** Ports that say nothing of it are bound to machines only where their security groups hold. */
  strictSecurityGroups: boolean;
}

export const DEFAULT_NETWORK_CONFIG: NetworkConfig = {
  physicalNetworks: new Map(),
  tenantTypes: ['geneve'],
  overlayIds: { first: 1, last: 65_535 },
  pathMtu: 1500,
  macBase: 'fa:16:3e',
  quotas: new Map(),
  maxLimit: 1000,
  strictSecurityGroups: false,
};
