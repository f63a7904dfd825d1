import type { Duplex } from 'node:stream';
import type { TSchema } from 'typebox';
import type { BootPayload } from '#contracts/boot';
import type { SerialLine, SerialParts } from '#contracts/console';
import type { ConductorLease } from '#work/contract';
import type { InterfaceKind } from '../model/interfaces.ts';
import type { Document, Node, NodeStep } from '../model/node.ts';
import type { PowerState } from '../states/names.ts';
import type { Look, StepOutcome, Wait } from './wait.ts';

export type { Look, StepOutcome, Wait } from './wait.ts';

/**
 * Power changes as drivers and workflows ask for them. Each reads first, writes only what is needed under an
 * intent committed before it, and comes back when the machine was seen in the state. Throws PowerStateFailure.
 */
export interface PowerControl {
  /** `begins`: what the machine does from the moment its BMC took the command, for the timeline. */
  on(begins?: string): Promise<void>;
  /** Force off. */
  off(): Promise<void>;
  /** Off, verify, on, verify. */
  reboot(): Promise<void>;
}

/** What a driver wants remembered of the node; written with the next write of the node's row. */
export interface NodeNotes {
  /** Sets keys of driver_internal_info; undefined removes one. Not for secrets. */
  internal(keys: Document): void;
  /** What the RAID now is; shown as `raid_config`. */
  raidConfig(config: Document): void;
  bootMode(mode: 'uefi' | 'bios' | null): void;
  secureBoot(on: boolean | null): void;
}

/** What is known of a part of an operation besides its name. */
export interface MarkDetails {
  /** When it began, milliseconds since the epoch; default now. */
  at?: number;
  bytes?: number;
}

/** What every call of a driver gets: the node as it is now, and the right to act on it. */
export interface DriverCall {
  readonly node: Node;
  /** Which operation calls: `clean`, `deploy`, `power`… */
  readonly purpose: string;
  /**
   * True when an earlier life of this call may have run in part, here or on another conductor. A driver whose
   * step cannot simply run again looks at the machine first.
   */
  readonly resumed: boolean;
  readonly power: PowerControl;
  readonly notes: NodeNotes;
  /** Writes what was noted now: for what a successor must know before the next call goes out. */
  saveNotes(): Promise<void>;
  /** Whom the machine waits for from now on, for the operation's timeline. `what` is a few words. */
  mark(waitsFor: 'ingot' | 'machine', what: string, details?: MarkDetails): void;
  /** The node's other interfaces: a deploy step flips the network, prepares the boot… */
  readonly interfaces: NodeInterfaces;
  /** Aborted at the call's deadline, on abort, or when the lease is lost. */
  readonly signal: AbortSignal;
  /**
   * To be called in the same tick as each write to the outside. Throws `LeaseLost` when this conductor may
   * no longer act on the node (its monotonic deadline passed).
   */
  assertMayWrite(): void;
  readonly lease: ConductorLease;
}

/** The flows that are made of steps. */
export type StepFlow = 'clean' | 'deploy' | 'service' | 'verify';

/** A step an interface offers. */
export interface DriverStep extends NodeStep {
  /** 0: never automatic. */
  priority: number;
  kinds: readonly StepFlow[];
  abortable?: boolean;
  requiresRamdisk?: boolean;
  /** JSON schema of `args`. */
  argsSchema?: TSchema;
  run(call: DriverCall, args: Document): Promise<StepOutcome>;
  /**
   * The machine called: is what was waited for over? Asked while the node still rests, so that a sign of life in
   * the middle of a long command costs no transition. `unknown`: the machine cannot be asked now. Default: over.
   * Throws when the step has failed.
   */
  look?(call: DriverCall, args: Document): Promise<Look>;
  /** Goes on after a wait. `call.resumed`: an earlier life may have begun to. */
  resume?(call: DriverCall, args: Document): Promise<StepOutcome>;
}

interface BaseInterface {
  /** As in the API: `fake`, `ipmitool`, `redfish`, `no-bios`… */
  readonly name: string;
  /** Throws IngotError 400 with a sentence when driver_info or instance_info will not do. Touches no hardware. */
  validate(node: Node): void | Promise<void>;
  /** `validate` never throws: callers may skip it, and the reading of the node that it needs. */
  readonly alwaysValid?: boolean;
  /** Keys of driver_info it reads: name → sentence. */
  readonly properties: Record<string, string>;
  steps?(node: Node): readonly DriverStep[] | Promise<readonly DriverStep[]>;
}

/** Absolute writes only: `reboot` is made of them by `power.ts` (off, verify, on, verify). */
export interface PowerInterface extends BaseInterface {
  get(call: DriverCall): Promise<PowerState>;
  on(call: DriverCall): Promise<void>;
  /** Force off. */
  off(call: DriverCall): Promise<void>;
  /** Power and health by one question, where that is cheaper than two. */
  look?(call: DriverCall): Promise<{ power: PowerState; health: Health | null }>;
  /**
   * Hears of changes from the BMC itself until there is nothing more to hear. Throws UnsupportedDriverExtension where
   * the BMC tells nobody of anything.
   */
  listen?(call: DriverCall, ears: BmcEars): Promise<void>;
  /** Asks the operating system (ACPI); cannot be read back except as power off. Never sent twice. */
  softOff(call: DriverCall): Promise<void>;
  /** Targets of PUT states/power it can do. */
  readonly supports: readonly string[];
}

/** Who hears what a BMC tells by itself. */
export interface BmcEars {
  /** Something happened to the machine; nothing is said of what. */
  heard(): void;
  /** It is certain now that events arrive. */
  opened(): void;
  /** A place the BMC may send events to, for a BMC at that host; null where this conductor has none. */
  inbox(host: string): Promise<EventInbox | null>;
  /** Takes a place among the connections that may stay open; false: there is none left. */
  mayStream(): boolean;
  /** True: the conductor stops, and its next life goes on listening; what the BMC was told may stay. */
  readonly comesBack: boolean;
}

/** An address of our own for one node's events. */
export interface EventInbox {
  readonly url: string;
  /** Is it this node's inbox, of whichever conductor? */
  isOurs(url: string): boolean;
  /** Calls with the body of each event that comes in. */
  onEvent(taken: (body: unknown) => void): void;
  close(): void;
}

/** As BMCs roll it up. */
export type Health = 'OK' | 'Warning' | 'Critical';

export interface ManagementInterface extends BaseInterface {
  supportedBootDevices(node: Node): readonly string[];
  getBootDevice(call: DriverCall): Promise<{ bootDevice: string | null; persistent: boolean | null }>;
  setBootDevice(call: DriverCall, device: string, persistent: boolean): Promise<void>;
  /** Makes the next start an HTTP boot of this URL, where the BMC can be told one. */
  setHttpBoot?(call: DriverCall, url: string): Promise<void>;
  /**
   * A system wrote its boot entry. True: the BMC must not say so too, and what it was told is taken back. False: tell it.
   */
  leaveBootToFirmware?(call: DriverCall): Promise<boolean>;
  getBootMode(call: DriverCall): Promise<'uefi' | 'bios' | null>;
  setBootMode(call: DriverCall, mode: 'uefi' | 'bios'): Promise<void>;
  getSecureBoot(call: DriverCall): Promise<boolean | null>;
  setSecureBoot(call: DriverCall, on: boolean): Promise<void>;
  injectNmi(call: DriverCall): Promise<void>;
  /** How long ago the machine started last, by its BMC's own clock; null where the BMC does not tell. */
  lastStartAgoMs?(call: DriverCall): Promise<number | null>;
  indicators(call: DriverCall): Promise<Record<string, { id: string; readonly: boolean; states: readonly string[] }[]>>;
  getIndicator(call: DriverCall, component: string, id: string): Promise<string>;
  setIndicator(call: DriverCall, component: string, id: string, state: string): Promise<void>;
  sensors(call: DriverCall): Promise<Document>;
  health(call: DriverCall): Promise<'OK' | 'Warning' | 'Critical' | null>;
  virtualMedia?: {
    list(call: DriverCall): Promise<readonly Document[]>;
    insert(call: DriverCall, deviceType: string, imageUrl: string): Promise<void>;
    eject(call: DriverCall, deviceTypes: readonly string[]): Promise<void>;
  };
}

export interface BiosSetting {
  name: string;
  value: string | null;
  attribute_type?: string | null;
  allowable_values?: readonly string[] | null;
  lower_bound?: number | null;
  upper_bound?: number | null;
  min_length?: number | null;
  max_length?: number | null;
  read_only?: boolean | null;
  reset_required?: boolean | null;
  unique?: boolean | null;
}

export interface BiosInterface extends BaseInterface {
  settings(call: DriverCall): Promise<readonly BiosSetting[]>;
}

export interface FirmwareComponent {
  component: string;
  initial_version: string;
  current_version: string | null;
  last_version_flashed: string | null;
  vendor?: string | null;
  model?: string | null;
  serial_number?: string | null;
}

export interface FirmwareInterface extends BaseInterface {
  components(call: DriverCall): Promise<readonly FirmwareComponent[]>;
}

export interface RaidInterface extends BaseInterface {
  /** Property → sentence, for `/drivers/{d}/raid/logical_disk_properties`. */
  readonly logicalDiskProperties: Record<string, string>;
}

/** What inspection found: Ironic's inventory and plugin data, and the ports' MACs. */
export interface InspectionResult {
  inventory: Document;
  pluginData: Document;
  properties: Document;
  ports: readonly { address: string; pxeEnabled?: boolean; localLink?: Document; physicalNetwork?: string }[];
}

export interface InspectInterface extends BaseInterface {
  /** Out of band: the result at once. In band: `wait`; the result comes by continue_inspection. */
  inspect(call: DriverCall): Promise<{ kind: 'done'; result: InspectionResult } | Wait>;
  /** After a wait: what the machine sent, or what can be read now. A wait: it has to be asked anew. */
  collect(call: DriverCall): Promise<InspectionResult | Wait>;
  abort(call: DriverCall): Promise<void>;
}

/** What an instance boots that is not on its disk. */
export type InstancePayload = Extract<BootPayload, { kind: 'linux' | 'iso' }>;

export interface BootInterface extends BaseInterface {
  prepareRamdisk(call: DriverCall, parameters: Document): Promise<void>;
  cleanUpRamdisk(call: DriverCall): Promise<void>;
  /**
   * Default: the machine boots from its disk. Else what a diskless instance boots, each time it starts, or an installer,
   * once.
   */
  prepareInstance(call: DriverCall, payload?: InstancePayload): Promise<void>;
  cleanUpInstance(call: DriverCall): Promise<void>;
  /** How long the machine may take to come up before `giveUp` is asked. Undefined: all the time of the state. */
  patienceMs?(call: DriverCall): number | undefined;
  /**
   * The machine has not called in time. `next`: the way it was told is given up, and the next `prepareRamdisk` takes
   * another; `busy`: it may still come (without a time: all that the state has); `last`: no way is left, `said` tells
   * how far it came.
   */
  giveUp?(
    call: DriverCall,
  ): Promise<{ kind: 'next' | 'last'; said: string } | { kind: 'busy'; forMs?: number } | undefined>;
}

/** Deploying is steps; preparing and tearing down are the frame round them. */
export interface DeployInterface extends BaseInterface {
  prepare(call: DriverCall): Promise<void>;
  cleanUp(call: DriverCall): Promise<void>;
  prepareCleaning(call: DriverCall): Promise<StepOutcome>;
  tearDownCleaning(call: DriverCall): Promise<void>;
  /**
   * After the wait of `prepareCleaning` or `prepareService`: asks the ramdisk what it can do. A wait: it is not
   * ready yet.
   */
  ramdiskCalled?(call: DriverCall, flow: 'clean' | 'service'): Promise<StepOutcome>;
  /** After a clean that succeeded: leaves the machine on in its ramdisk. False: it is to be torn down as usual. */
  keepWarm?(call: DriverCall): Promise<boolean>;
  /** Steps of its ramdisk are known only once that runs: until then unknown ones are no mistake. */
  readonly stepsOfRamdisk?: true;
  /** Automated cleaning must leave proof: an erase that the ramdisk reported as done. */
  readonly provesErase?: true;
  prepareService(call: DriverCall): Promise<StepOutcome>;
  tearDownService(call: DriverCall): Promise<void>;
  tearDown(call: DriverCall): Promise<void>;
  /** Makes its own what this conductor needs of an active node: adoption, or another conductor's. No reboot. */
  takeOver(call: DriverCall): Promise<void>;
}

export interface RescueInterface extends BaseInterface {
  rescue(call: DriverCall): Promise<StepOutcome>;
  /** After the wait of `rescue`: hands the ramdisk what it needs. */
  ramdiskCalled?(call: DriverCall): Promise<StepOutcome>;
  unrescue(call: DriverCall): Promise<void>;
  cleanUp(call: DriverCall): Promise<void>;
}

/** Which network the node's ports are on; see the design's network flip. */
export interface NetworkInterface extends BaseInterface {
  flip(
    call: DriverCall,
    to: 'nothing' | 'provisioning' | 'cleaning' | 'inspection' | 'rescue' | 'servicing' | 'tenant',
  ): Promise<void>;
  attachVif(call: DriverCall, vif: Document): Promise<void>;
  detachVif(call: DriverCall, vifId: string): Promise<void>;
  /** VIFs it keeps; noop keeps none. */
  readonly storesVifs: boolean;
  /** Its flips move switch ports: ports whose cable nobody knows are of no use. */
  readonly movesPorts?: true;
  /** Does the machine see its links go and come back when its ports are moved? Only where they are. */
  cutsLinks?(call: DriverCall): Promise<boolean>;
}

export interface StorageInterface extends BaseInterface {
  attach(call: DriverCall): Promise<void>;
  detach(call: DriverCall): Promise<void>;
}

/**
 * The serial line and the screen behind a BMC. The console room holds the line all the time, to record it; `start`
 * and `stop` are what is done when people may connect, and no more.
 */
export interface ConsoleInterface extends BaseInterface {
  readonly enabled: boolean;
  start(call: DriverCall): Promise<void>;
  stop(call: DriverCall): Promise<void>;
  /** How people connect; a path is one of this service. */
  info(node: Node): { type: string; url: string } | null;
  /** Opens the serial line. Absent: it has none. */
  serial?(node: Node, parts: SerialParts): Promise<SerialLine>;
  /** Connects to the screen (RFB). Absent: it has none. */
  screen?(node: Node, signal: AbortSignal): Promise<Duplex>;
}

export interface VendorMethod {
  name: string;
  httpMethods: readonly string[];
  async: boolean;
  description: string;
  attach?: boolean;
  requireExclusiveLock?: boolean;
  call(call: DriverCall, method: string, input: Document): Promise<unknown>;
}

/** A vendor method of a hardware type, which speaks to no node. */
export interface DriverMethod {
  name: string;
  httpMethods: readonly string[];
  async: boolean;
  description: string;
  call(httpMethod: string, input: Document, signal: AbortSignal): Promise<unknown>;
}

export interface VendorInterface extends BaseInterface {
  readonly methods: readonly VendorMethod[];
  readonly driverMethods: readonly DriverMethod[];
}

export interface InterfaceOf {
  bios: BiosInterface;
  boot: BootInterface;
  console: ConsoleInterface;
  deploy: DeployInterface;
  firmware: FirmwareInterface;
  inspect: InspectInterface;
  management: ManagementInterface;
  network: NetworkInterface;
  power: PowerInterface;
  raid: RaidInterface;
  rescue: RescueInterface;
  storage: StorageInterface;
  vendor: VendorInterface;
}

/** What a node is driven with: one implementation of each kind. */
export type NodeInterfaces = { readonly [K in InterfaceKind]: InterfaceOf[K] };

/** A hardware type: for each kind the implementations it supports, best first (the default is the first enabled). */
export interface HardwareType {
  readonly name: string;
  readonly supported: { [K in InterfaceKind]: readonly string[] };
  /** Nodes may name any enabled implementation, supported by the type or not. Only for testing combinations. */
  readonly anyInterface?: boolean;
}

/** All implementations of a program, by kind and name. */
export type InterfaceRegistry = { [K in InterfaceKind]: ReadonlyMap<string, InterfaceOf[K]> };
