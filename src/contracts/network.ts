// What bare metal asks of a network service: "the ports of this machine shall carry these networks and no other; tell
// me when they do". Implemented by the network room (src/network/machines) and by a client of an existing Neutron
// (src/network/neutron); one suite of promises holds both (tests/network/machine-networks.ts).

/** What a machine is on a network of ours for. */
export const SERVICE_PURPOSES = ['provisioning', 'cleaning', 'inspection', 'rescue', 'servicing'] as const;
export type ServicePurpose = (typeof SERVICE_PURPOSES)[number];

/** One cable: a port's `local_link_connection`. */
export interface CableEnd {
  /** Chassis MAC address, or datapath. */
  switchId: string;
  portId: string;
  /** `switch_info`: the switch's name. */
  switchInfo: string | null;
}

/** What a network is plugged into: a NIC, or NICs that act as one. */
export interface MachinePlace {
  /** UUID of the port or port group of bare metal. */
  id: string;
  /** Null: a port group without an address of its own; the VIF keeps its own. */
  mac: string | null;
  physicalNetwork: string | null;
  /** Where its cables end. None: no switch is moved for it (`network_type` unmanaged, or the interface `flat`). */
  links: readonly CableEnd[];
  /** A port group as Ironic tells it: `local_group_information`. */
  bond: { id: string; name: string | null; mode: string; properties: Readonly<Record<string, unknown>> } | null;
}

/** What shall be in a place. */
export type Plug =
  /** A tenant's port. Where it is the parent of a trunk, its subports come with it. */
  | { kind: 'vif'; vif: string; place: MachinePlace }
  /** A port of our own, made for the time of an operation. */
  | {
      kind: 'service';
      purpose: ServicePurpose;
      /** Id of the network. */
      network: string;
      securityGroups: readonly string[];
      place: MachinePlace;
    };

/** Who is plugged. */
export interface MachineIdentity {
  uuid: string;
  instanceUuid: string | null;
  /** Of the node's lease: what an earlier owner still sends is refused. */
  fence: bigint;
  /** All its cables. Those that nothing is plugged into carry nothing; others of before are no longer looked after. */
  cables: readonly CableEnd[];
}

/** A port that is bound to a machine. */
export interface Connection {
  /** Id of the network's port. */
  vif: string;
  kind: 'vif' | 'service';
  /** Of a service port. */
  purpose: ServicePurpose | null;
  network: string;
  /** The place it was bound to, where that is known. */
  place: string | null;
  mac: string;
  status: string;
  vifType: string;
}

/** What is known of a VIF before it is attached. */
export interface VifFacts {
  id: string;
  network: string;
  /** Physical networks it can be reached by; empty: any. */
  physicalNetworks: readonly string[];
}

/** Whom a NIC saw at the other end of its cable, by LLDP. */
export interface Neighbour {
  mac: string;
  nic: string;
  switchId: string;
  portId: string;
  switchInfo: string | null;
  /** The untagged VLAN the switch tells of. */
  vlan: number | null;
  /** Largest frame the switch tells of. */
  mtu: number | null;
}

/** How a call is bounded. */
export interface FlipOptions {
  signal: AbortSignal;
  /** Called in the same tick as each write to the outside; throws when this conductor may no longer act. */
  assertMayWrite(): void;
}

/** The network service, as bare metal needs it. */
export interface MachineNetworks {
  /** For people: `own`, or `neutron` and where. */
  readonly name: string;
  /** A network by id or name. Throws `NetworkUnknown` (400), also when a name is borne by several. */
  network(ident: string, signal: AbortSignal): Promise<{ id: string; name: string }>;
  /** Throws `VifUnknown` (400). */
  vif(id: string, signal: AbortSignal): Promise<VifFacts>;
  /**
   * Makes the machine's connections exactly these. What is not among them goes first and is seen to be gone before
   * anything new is bound; between two networks a place is on none. Resolves once everything is read back. When binding
   * fails, nothing that was new stays connected, and the error (`NetworkFlipFailed`) names the step, the port and what
   * was seen. Idempotent: after a crash it is called again.
   */
  connect(machine: MachineIdentity, plugs: readonly Plug[], options: FlipOptions): Promise<readonly Connection[]>;
  /** What is bound to the machine now. */
  connections(machine: string, signal: AbortSignal): Promise<readonly Connection[]>;
  /**
   * Does a machine see the link of these cables go while they carry nothing, as from a switch that shuts its port? Left
   * out: nobody knows.
   */
  cutsLinks?(cables: readonly CableEnd[]): Promise<boolean>;
  /** The machine is no longer ours: nothing is bound to it, and its switch ports are no longer looked after. */
  forget(machine: string, signal: AbortSignal): Promise<void>;
  /** Keeps what an inspection heard, in place of what was heard before. Where cables really are. */
  neighbours(machine: string, heard: readonly Neighbour[]): Promise<void>;
}
