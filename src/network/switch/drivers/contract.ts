import type { Clock } from '#kernel/clock';
import type { Secret } from '#kernel/secret';
import type { Log } from '#platform/log';
import type { SwitchAbilities } from '#contracts/switches';
import type { LagConfig, PortConfig } from '../model/config.ts';

/** Credentials of a switch; which are needed is the driver's business. */
export interface SwitchLogin {
  username: string | null;
  password: Secret | null;
  /** OpenSSH or PEM, for SSH. */
  privateKey: Secret | null;
  /** Of `enable`, or `sudo`, where the login alone may not configure. */
  enablePassword: Secret | null;
  /** PEM: authorities that sign the switch's certificate, and our certificate with its key. */
  ca: string | null;
  certificate: string | null;
  certificateKey: Secret | null;
}

/** A switch as a driver is told of it. */
export interface SwitchTarget {
  name: string;
  /** `host`, `host:port`, or a remote of OVSDB. */
  address: string;
  platform: string | null;
  login: SwitchLogin;
  /** SHA-256 of the key or certificate it must show (`SHA256:…`); null: the one it shows first. */
  hostKey: string | null;
  parkingVlan: number;
  /** Of the driver: bridge, network instance, … */
  options: Readonly<Record<string, string>>;
}

/** What drivers work with. */
export interface DriverParts {
  clock: Clock;
  log: Log;
  /** Milliseconds for one question or command, and for the login. Default 30,000. */
  callMs?: number;
}

/** All of a switch that concerns us. */
export interface SwitchReading {
  /** By the switch's own name; physical ports only. Members of a bond have the bond's VLANs. */
  ports: ReadonlyMap<string, PortConfig>;
  /** VLANs that exist; null where they need not be made. */
  vlans: ReadonlySet<number> | null;
}

/** One port from how it is to how it shall be. */
export interface PortChange {
  port: string;
  from: PortConfig;
  to: PortConfig;
}

/** A bond from how it is to how it shall be; null: there is none. What it carries is in `config`. */
export interface LagChange {
  group: number;
  from: { lag: LagConfig; members: readonly string[] } | null;
  to: { lag: LagConfig; members: readonly string[]; config: PortConfig } | null;
}

/** What has to happen, in this order: VLANs are made, bonds made or changed, ports, bonds without members removed. */
export interface ChangeSet {
  vlans: readonly number[];
  lags: readonly LagChange[];
  ports: readonly PortChange[];
}

/** A connection that can configure. One caller at a time. */
export interface SwitchSession {
  /** The key or certificate the switch showed; null where there is none to show. */
  readonly shownKey: string | null;
  readonly closed: boolean;
  /** Throws `SwitchCut`, `SwitchGarbage`. */
  read(signal: AbortSignal): Promise<SwitchReading>;
  /**
   * Makes the changes: all at once where the switch can, one after the other where it cannot. Throws `SwitchRefused`
   * (`details.port` when it was about one), `SwitchBusy`, and `SwitchCut` when nobody knows how far it came.
   */
  apply(changes: ChangeSet, signal: AbortSignal): Promise<void>;
  /** Makes what runs outlast a restart of the switch. Throws as `apply`. */
  save(signal: AbortSignal): Promise<void>;
  /** Calls `fn` when ports changed and it was not us, where the switch tells. Returns the way out. */
  onChange?(fn: () => void): () => void;
  close(): Promise<void>;
}

/** A kind of switch. */
export interface SwitchDriver {
  readonly abilities: SwitchAbilities;
  /** What it can with these options, where that is another thing. */
  abilitiesWith?(options: Readonly<Record<string, string>>): SwitchAbilities;
  /** Cannot shut a port, but cut it off. */
  readonly isolates: boolean;
  /** Numbers for bonds of ours; operators' own stay below. */
  readonly lagRange: readonly [first: number, last: number];
  /** The switch's own name for a port that LLDP or a person may write otherwise; null when it cannot be one. */
  portName(text: string): string | null;
  /** Throws `SwitchUnreachable`, `SwitchLogin`, `SwitchOtherKey`, `SwitchBusy`. */
  open(target: SwitchTarget, signal: AbortSignal): Promise<SwitchSession>;
}
