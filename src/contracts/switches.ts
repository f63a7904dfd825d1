// What bare metal asks of the switches its machines hang on: "these ports shall carry this; tell me when they do".

/** A port as a machine's record names it: what LLDP said, or what an operator wrote (`local_link_connection`). */
export interface SwitchLink {
  /** Chassis MAC, id or name of the switch. */
  switchId: string;
  /** `switch_info`: its name, looked at when `switchId` finds nothing. */
  switchInfo?: string;
  /** As LLDP or the switch's own command line names it: `Ethernet1/5`, `Eth1/5`, `swp5`. */
  portId: string;
}

/** What VLANs a port carries. Nothing is ever negotiated, and the default VLAN is never meant. */
export type VlanPlan =
  /** No frame passes, in either direction: shut, and parked where it would reach nobody if it were opened by hand. */
  | { mode: 'nothing' }
  /** One VLAN, untagged. */
  | { mode: 'access'; vlan: number }
  /** These VLANs tagged, and `native` untagged; without one, untagged frames are dropped. */
  | { mode: 'trunk'; native: number | null; allowed: readonly number[] };

/** Ports bound together. All members carry the same plan. */
export interface LagPlan {
  /** Whose bond it is: the id of the port group. The number of the channel on the switch is chosen for it, and kept. */
  key: string;
  /** `lacp`: 802.3ad, active, going on with one link while the machine does not speak it. `static`: always bundled. */
  mode: 'lacp' | 'static';
  /** The bond spans a pair of switches (MLAG, vPC, VLT); both get the same number. */
  mlag?: boolean;
}

/** A filter rule on a port; the first that matches decides, and what matches none is dropped. Only IP is judged. */
export interface AclRule {
  action: 'allow' | 'deny';
  family: 4 | 6;
  protocol: 'any' | 'tcp' | 'udp' | 'icmp';
  /** CIDR; null: anywhere. */
  source: string | null;
  destination: string | null;
  /** Destination ports, of tcp and udp. */
  ports: readonly [from: number, to: number] | null;
  /** A kind of ICMP. Left out: any. */
  icmpType?: number;
}

/** Who may send on a port. Frames that say otherwise are dropped, answers of DHCP servers and routers among them. */
export interface GuardPlan {
  /** With the networks (CIDR) each may speak for; null: for any. */
  hosts: readonly { mac: string; ips: readonly string[] | null }[];
}

/** Filters of a port, by direction: from the machine (`in`), to the machine (`out`); null: none. */
export interface AclPlan {
  in: readonly AclRule[] | null;
  out: readonly AclRule[] | null;
  /** What belongs to a connection that was let through passes, both ways; only where `SwitchAbilities` has it. */
  stateful?: boolean;
  /** Only where `SwitchAbilities` has it. */
  guard?: GuardPlan | null;
}

/** What a port shall be. `null` leaves a thing to whoever set it up. */
export interface PortPlan {
  vlans: VlanPlan;
  /** Left out: open, except with `nothing`, which is shut always. */
  enabled?: boolean;
  lag?: LagPlan | null;
  mtu?: number | null;
  /** For people at the switch; anything but letters, digits and `._:/-` becomes `_`. */
  description?: string | null;
  /** A port where machines hang: forwards at once, and is shut when it hears a spanning tree. */
  edge?: boolean | null;
  /** Broadcasts above this share of the link are dropped, percent. */
  stormPercent?: number | null;
  /**
   * Frames pass between it and ports that are not isolated, no others: machines on one network of ours do not hear one
   * another. Left out where the switch cannot.
   */
  isolated?: boolean;
  /** Only where `SwitchAbilities` has it. */
  acl?: AclPlan | null;
}

/** What a kind of switch can be asked for. */
export interface SwitchAbilities {
  lag: boolean;
  mlag: boolean;
  mtu: boolean;
  edge: boolean;
  storm: boolean;
  /** Keeps isolated ports of a VLAN apart. */
  isolation?: boolean;
  /** A port that carries nothing has no link: what hangs on it sees the cable go. */
  cutsLinks?: boolean;
  /** Directions in which it filters. */
  acl: readonly ('in' | 'out')[];
  /** Its filters know connections. */
  stateful?: boolean;
  /** It drops frames with others' MAC addresses, and what others' ARP and neighbour discovery would say. */
  guard?: boolean;
  /** Its filters cannot tell kinds of ICMP apart. Left out: they can. */
  icmpTypes?: false;
  /** On a trunk its filters judge untagged frames alone. Left out: they judge all alike. */
  aclUntagged?: boolean;
}

/** A wish for a port. */
export interface PortWish {
  link: SwitchLink;
  /** null: nobody wants anything of it any more; it is left as it is, and looked after no longer. */
  plan: PortPlan | null;
  /** Who wants it, for people: `node 1f…`. */
  owner: string;
}

/** One thing that is not as wanted. */
export interface PortDifference {
  what: 'vlans' | 'enabled' | 'lag' | 'mtu' | 'description' | 'edge' | 'storm' | 'isolated' | 'acl' | 'port';
  wanted: string;
  found: string;
}

/** What is known of a port. */
export interface PortReport {
  switch: { id: string; name: string };
  /** In the switch's own words. */
  port: string;
  plan: PortPlan | null;
  owner: string | null;
  /** `pending`: not tried yet. `failed`: it was, and is as it was before (or says in `error` that it is not). */
  state: 'unmanaged' | 'pending' | 'applied' | 'failed';
  error: { code: string; message: string } | null;
  /** What the switch said last, in words; null before it was asked. */
  found: string | null;
  foundAt: string | null;
  differences: readonly PortDifference[];
}

/** A switch as others see it. */
export interface SwitchSummary {
  id: string;
  name: string;
  driver: string;
  physicalNetwork: string | null;
  abilities: SwitchAbilities;
  state: 'unknown' | 'ok' | 'unreachable' | 'off';
  error: string | null;
}

/** The switches, for services in the same process. Works in any process; conductors do what is asked. */
export interface SwitchService {
  /**
   * Makes ports carry what is wanted: all wishes are kept in one transaction, applied (batched per switch, one writer
   * at a time), and read back. Resolves once the switches say that each is so; the reports are in the order of the
   * wishes. Wishes outlive the call: the reconciler keeps them true.
   *
   * Throws `SwitchUnknown`, `SwitchBadPort`, `SwitchBadPlan`, `SwitchCannot` before anything is kept;
   * `SwitchPortsFailed` when a switch refused (each port is then as it was, or the message says which is not);
   * `SwitchLate` when the deadline passed first, with what the switch said last. Both carry `details.ports`.
   */
  applyPorts(wishes: readonly PortWish[], options: { deadlineMs: number; signal?: AbortSignal }): Promise<PortReport[]>;
  /** Asks the switches now. Throws `SwitchUnknown`, `SwitchBadPort`, `SwitchLate`. */
  readPorts(links: readonly SwitchLink[], options: { deadlineMs: number; signal?: AbortSignal }): Promise<PortReport[]>;
  /** What was read last; asks nobody. null where no such switch or port is known. */
  knownPorts(links: readonly SwitchLink[]): Promise<(PortReport | null)[]>;
  /** The switch a link names; null when none is registered. */
  findSwitch(link: Pick<SwitchLink, 'switchId' | 'switchInfo'>): Promise<SwitchSummary | null>;
  /** All that are registered. */
  listSwitches(): Promise<SwitchSummary[]>;
}
