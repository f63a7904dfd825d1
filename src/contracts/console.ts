import type { Duplex } from 'node:stream';
import type { ConductorLease } from '#work/contract';

// What the console asks of bare metal, and what it offers to others. A driver knows how a BMC gives its serial line and
// its screen; the console room records, keeps, shows and guards them.

/** A serial line that is open. */
export interface SerialLine {
  /** How it was reached, for people: `IPMI SOL of 192.0.2.1`. */
  readonly via: string;
  /** Types; resolves when the line has taken it. */
  write(bytes: Buffer): Promise<void>;
  /** A break on the line; absent where the way there knows none. */
  sendBreak?(): void;
  /** Resolves, never rejects, with the reason when the line is gone. */
  readonly closed: Promise<string>;
  close(): void;
}

/** Fingerprints of servers as first seen. */
export interface ServerPins {
  known(endpoint: string): Promise<string | null>;
  remember(endpoint: string, fingerprint: string): Promise<void>;
}

/** What a driver gets to open a line with. */
export interface SerialParts {
  /** Called with what the machine says, from before `serial` resolves. */
  data(bytes: Buffer): void;
  /** Aborted when the line is no longer wanted. */
  readonly signal: AbortSignal;
  readonly pins: ServerPins;
  /** The right to act; checked in the tick in which the BMC is asked for the line. */
  readonly lease: ConductorLease;
}

/** A node as far as its console goes. */
export interface ConsoleNode {
  uuid: string;
  name: string | null;
  owner: string | null;
  lessee: string | null;
  group: string;
  /** May people connect? It is recorded either way. */
  consoleEnabled: boolean;
  /** Runs the tenant's system, or something of the tenant's, and no longer what came before. */
  settled: boolean;
  /** The console interface, and what it gives. */
  interface: string;
  serial: boolean;
  screen: boolean;
}

/** The machines, as the console sees them. */
export interface ConsoleMachines {
  /** Nodes of the groups whose serial line can be had; `bmc` names what it is had from. */
  recordable(groups: readonly string[]): Promise<{ uuid: string; group: string; bmc: string }[]>;
  /** By UUID or name; undefined when there is none. */
  find(ident: string): Promise<ConsoleNode | undefined>;
  /** Which of these have their console switched on; nodes that are gone are left out. */
  switchedOn(uuids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Opens the serial line. Throws what the driver throws. */
  serial(uuid: string, parts: SerialParts): Promise<SerialLine>;
  /** Connects to the screen: RFB (VNC), from its greeting on. Throws what the driver throws. */
  screen(uuid: string, signal: AbortSignal): Promise<Duplex>;
}

/** What machines said, for other rooms. */
export interface ConsoleWords {
  /**
   * Lines with that text (in any case) which a node's machine said since a moment (epoch ms), oldest first, whoever had it.
   * None where it is not recorded.
   */
  search(node: string, text: string, since: number, signal: AbortSignal): Promise<{ at: number; text: string }[]>;
}
