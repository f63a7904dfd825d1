import type { CableEnd, MachinePlace, ServicePurpose } from '#contracts/network';
import type { AddressPair, Segment } from '../model/truth.ts';

/** A rule of a group of the port, its remotes as addresses. */
export interface MachineRule {
  id: string;
  groupId: string;
  direction: 'ingress' | 'egress';
  ethertype: 'IPv4' | 'IPv6';
  protocol: string | null;
  portMin: number | null;
  portMax: number | null;
  /** CIDRs; null: from anywhere. */
  remotes: readonly string[] | null;
}

/** One VLAN of a trunk. */
export interface BoundSubport {
  portId: string;
  networkId: string;
  /** The tag the machine uses. */
  tag: number;
  inherits: boolean;
  segment: Segment | null;
}

/** A port that is bound to a machine, with what its switch ports are made of. */
export interface BoundPort {
  id: string;
  networkId: string;
  mac: string;
  status: string;
  vifType: string;
  place: string;
  purpose: ServicePurpose | null;
  links: readonly CableEnd[];
  bond: MachinePlace['bond'];
  segment: Segment | null;
  adminUp: boolean;
  portSecurity: boolean;
  pairs: readonly AddressPair[];
  ips: readonly string[];
  subports: readonly BoundSubport[];
  groups: readonly { id: string; stateful: boolean }[];
  rules: readonly MachineRule[];
  strict: boolean | null;
}

/** Two ends of a cable are one when these are. */
export const linkKey = ({ switchId, portId }: Pick<CableEnd, 'switchId' | 'portId'>): string => `${switchId}|${portId}`;
