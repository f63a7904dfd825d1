import type { Clock } from '#kernel/clock';
import type { Random } from '#kernel/random';
import type { Certificate } from '#kernel/certificate';

/** How long things take on simulated machines, milliseconds. */
export interface AgentLatencies {
  /** From the boot loader to the agent's first call. */
  ramdiskMs: number;
  /** Between lookups that found nothing. */
  lookupMs: number;
  /** Writing an image; 0 for none. */
  writeMs: number;
  /** Each erase of a device. */
  eraseMs: number;
  /** Any other command. */
  commandMs: number;
  /** Between heartbeats; null: as the conductor says (0.3 to 0.6 of `heartbeat_timeout`). */
  heartbeatMs: number | null;
  /** Between reports of progress in the middle of a command. */
  progressMs: number;
  /** Each machine is this much slower or quicker, as a share. */
  jitter: number;
}

export const QUICK: AgentLatencies = {
  ramdiskMs: 30,
  lookupMs: 100,
  writeMs: 50,
  eraseMs: 20,
  commandMs: 5,
  heartbeatMs: null,
  progressMs: 5_000,
  jitter: 0,
};

/**
 * What goes wrong with a machine's agent, by the command (`standby.prepare_image`, `clean.erase_devices` for a step,
 * `lookup`, `heartbeat`, `boot`) at which it happens:
 * - fail: the command ends with an error; - vanish: the machine hangs without a word, in the middle of it;
 * - restart, poweroff: in the middle of it; - drop: does it, but the connection breaks before the answer;
 * - refuse: answers 500; - garbage: answers what is no JSON; - forget: knows the command no more when asked;
 * - unverified: reports an erase that its own reading back did not confirm; - version: its hardware managers
 *   are others than before; - small-disk, failing-disk, readonly-disk: the disk refuses what is written to it;
 * - never: runs for ever, and says so in heartbeats; - empty: erases no device.
 */
export type AgentFault =
  | 'fail'
  | 'small-disk'
  | 'failing-disk'
  | 'readonly-disk'
  | 'vanish'
  | 'restart'
  | 'poweroff'
  | 'drop'
  | 'refuse'
  | 'garbage'
  | 'forget'
  | 'unverified'
  | 'version'
  | 'never'
  | 'empty';

/** A step that agents offer besides their own. */
export interface ExtraStep {
  flow: 'clean' | 'deploy' | 'service';
  interface: string;
  step: string;
  priority: number;
  reboot_requested?: boolean;
}

/** One thing that an agent did or was asked. */
export interface AgentAct {
  machine: string;
  /** Counts the machine's boots into the ramdisk. */
  boot: number;
  what: string;
  detail: Record<string, unknown>;
}

export interface SimulatedAgentOptions {
  /** Where the Bare Metal API answers ramdisks. */
  apiUrl: () => string;
  latencies?: Partial<AgentLatencies>;
  /** The address agents listen at; default 127.0.0.1. */
  address?: string;
  /** Words as ironic-python-agent has them, without Ingot's additions. */
  plain?: boolean;
  /** One for all agents of the process: a thousand keys take a while. Default: each boot has its own. */
  certificate?: Certificate;
  clock?: Clock;
  random?: Random;
}
