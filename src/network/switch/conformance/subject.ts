import type { AclRule } from '#contracts/switches';
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
  /** Takes a rule out of the port's filter behind the driver's back. */
  tamperFilters?(port: string): Promise<void>;
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

const any: Omit<AclRule, 'family' | 'action'> = { protocol: 'any', source: null, destination: null, ports: null };

/** Rules of every kind, of what comes from a machine. */
export const rulesFrom = (remote: string): AclRule[] => [
  { ...any, action: 'deny', family: 4, protocol: 'udp', ports: [68, 68] },
  { ...any, action: 'deny', family: 6, protocol: 'icmp', icmpType: 134 },
  { ...any, action: 'allow', family: 4, protocol: 'udp', source: '0.0.0.0/32', ports: [67, 67] },
  { ...any, action: 'allow', family: 6, source: 'fe80::/10' },
  {
    ...any,
    action: 'allow',
    family: 4,
    protocol: 'tcp',
    source: '10.0.0.5/32',
    destination: remote,
    ports: [8000, 8099],
  },
  { ...any, action: 'allow', family: 4, protocol: 'icmp', source: '10.0.0.5/32' },
  {
    ...any,
    action: 'allow',
    family: 6,
    protocol: 'udp',
    source: 'fd00:1::5/128',
    destination: 'fd00:2::/64',
    ports: [53, 53],
  },
];

/** Rules of what goes to one. */
export const rulesTo = (port: number): AclRule[] => [
  { ...any, action: 'allow', family: 4, protocol: 'tcp', ports: [port, port] },
  { ...any, action: 'allow', family: 6, protocol: 'tcp', source: 'fd00:3::/48', ports: [port, port] },
  { ...any, action: 'allow', family: 4, protocol: 'icmp', icmpType: 8 },
];
