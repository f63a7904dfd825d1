import type { ProvisionState } from '../states/names.ts';
import type { Document } from './node.ts';
import type { InterfaceKind } from './interfaces.ts';

/** Delays and failures of fake hardware for every node; a node's driver_info adds to them. */
export interface FakeConfig {
  /** Seconds by interface (`power`), call (`power.on`) or step (`clean.erase_devices`). */
  delayS: Record<string, number>;
  /** true, or the message, by the same keys. */
  fail: Record<string, boolean | string>;
  /** Keep a ledger of all that was done to fake machines. For tests: it grows. */
  ledger: boolean;
}

/** Settings of the conductor's part; names and defaults follow Ironic's `[conductor]` where it has them. */
export interface ConductorConfig {
  /** Groups this process serves; '' is the default group. */
  groups: readonly string[];
  enabledHardwareTypes: readonly string[];
  /** Enabled implementations by kind; absent: all the product has. */
  enabledInterfaces: Partial<Record<InterfaceKind, readonly string[]>>;
  automatedClean: boolean;
  /** Steps by priority, a fixed list of steps, or both (list when there is one, else by priority). */
  automatedCleanSteps: readonly Document[] | null;
  /** `interface.step` → priority, over what drivers say; 0 switches a step off. */
  cleanStepPriorities: Record<string, number>;
  deployStepPriorities: Record<string, number>;
  powerOffAfterDeployFailure: boolean;
  powerOffInCleanFail: boolean;
  powerOffInServiceFail: boolean;
  allowProvisioningInMaintenance: boolean;
  /** Where the lessee of a deployed node comes from: `instance` (instance_info.project_id), the request, or nowhere. */
  automaticLessee: 'instance' | 'request' | 'none';
  /** Time limits in milliseconds that differ from the state table's. 0: none. */
  stateLimitsMs: Partial<Record<ProvisionState, number>>;
  /** The reserved step `wait` sleeps no longer than this. */
  maxWaitStepS: number;
  /** A machine must show the power state it was told within this. */
  powerChangeMs: number;
  /** How long a machine may still act on what a dead conductor told it. */
  powerSettleMs: number;
  softPowerOffMs: number;
  /** Power actions of people in flight at once, in this process. */
  powerWorkers: number;
  powerSync: {
    /** 0 switches it off. */
    everyMs: number;
    workers: number;
    /** Checks that may fail before the node goes to maintenance with a `power failure`. */
    retries: number;
    /** Put the machine back into the recorded state instead of recording what it is in. */
    force: boolean;
    /** How often a node with a `power failure` is tried. */
    recoveryMs: number;
  };
  /** How often some of the nodes with work are looked at: does the work still exist? */
  orphanEveryMs: number;
  historyPerNode: number;
  /** A dead conductor is forgotten after this; 0 never. */
  forgetConductorMs: number;
  /** Beginnings of places a lab machine's console may be at (`/run/lab/`, `127.0.0.1:`). None: no such console. */
  labSockets: readonly string[];
  fake: FakeConfig;
  agent: AgentConfig;
}

/** How machines are worked on through the ramdisk that runs on them. */
export interface AgentConfig {
  /** Networks, in CIDR notation, in which agents are; none: every address but this host's own and special ones. */
  networks: readonly string[];
  /** A ramdisk that called within this is used without a new start; 0 never. */
  fastTrackMs: number;
}

const MINUTE = 60_000;

export const DEFAULT_CONDUCTOR_CONFIG: ConductorConfig = {
  groups: [''],
  enabledHardwareTypes: ['fake-hardware'],
  enabledInterfaces: {},
  automatedClean: true,
  automatedCleanSteps: null,
  cleanStepPriorities: {},
  deployStepPriorities: {},
  powerOffAfterDeployFailure: true,
  powerOffInCleanFail: false,
  powerOffInServiceFail: false,
  allowProvisioningInMaintenance: true,
  automaticLessee: 'instance',
  stateLimitsMs: {},
  maxWaitStepS: 30,
  powerChangeMs: MINUTE,
  powerSettleMs: 15_000,
  softPowerOffMs: 10 * MINUTE,
  powerWorkers: 256,
  powerSync: { everyMs: 2 * MINUTE, workers: 8, retries: 3, force: false, recoveryMs: 5 * MINUTE },
  orphanEveryMs: 15_000,
  historyPerNode: 300,
  forgetConductorMs: 14 * 24 * 60 * MINUTE,
  labSockets: [],
  fake: { delayS: {}, fail: {}, ledger: false },
  agent: { networks: [], fastTrackMs: 0 },
};
