import type { PortConfig } from '../model/config.ts';
import type { SwitchDriver, SwitchTarget } from '../drivers/contract.ts';

/** What can be made to go wrong on an emulated switch. */
export interface RigFaults {
  /** Each command takes this long. */
  slow(ms: number): void;
  /** The connection ends after so many more commands that write. */
  cutAfter(writes: number): void;
  /** What would put `vlan` on a port is refused, until told otherwise (null). */
  refuseVlan(vlan: number | null): void;
  /** The next commits fail, where the switch has any. */
  failCommits?(times: number): void;
  /** So many sessions at most. */
  sessionLimit(sessions: number): void;
  /** What was not saved is gone. */
  reboot(): Promise<void>;
}

/** A running switch to try a driver on. */
export interface Rig {
  driver: SwitchDriver;
  target: SwitchTarget;
  /** Names of at least eight ports, as the switch writes them. */
  ports: readonly string[];
  /** Commands that wrote, so far. */
  writes(): number | Promise<number>;
  /** Moves a port to another VLAN behind the driver's back. */
  tamper(port: string, vlan: number): Promise<void>;
  /** What the switch itself says of a port's VLANs, by other means than the driver. */
  vlansOf(port: string): Promise<{ mode: string; untagged: number | null; tagged: readonly number[] }>;
  faults?: RigFaults;
  stop(): Promise<void>;
}

/** A driver with its switch. */
export interface Subject {
  name: string;
  start(): Promise<Rig>;
}

/** A port's configuration for tests: what matters, over what nobody asked for. */
export const access = (vlan: number, more: Partial<PortConfig> = {}): PortConfig => ({
  mode: 'access',
  untagged: vlan,
  tagged: [],
  enabled: true,
  lag: null,
  mtu: null,
  description: null,
  edge: null,
  stormPercent: null,
  acl: null,
  ...more,
});

export const trunk = (
  native: number | null,
  tagged: readonly number[],
  more: Partial<PortConfig> = {},
): PortConfig => ({
  ...access(native ?? 0, more),
  mode: 'trunk',
  untagged: native,
  tagged,
});
