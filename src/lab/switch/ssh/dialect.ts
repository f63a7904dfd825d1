import type { LabSwitchDevice } from '../device.ts';
import type { LabConfig, LabPort } from '../state.ts';

/** One login at a command line. */
export interface Terminal {
  readonly device: LabSwitchDevice;
  /** Where the user stands: `exec`, `config`, `interface Ethernet1`… */
  mode: string;
  /** What is written to: the running configuration, or a candidate. */
  config: LabConfig;
  enabled: boolean;
  /** Bytes still to ask for, such as a password or a confirmation. */
  asks: ((line: string) => string) | undefined;
}

/** The language of a kind of switch. */
export interface Dialect {
  name: string;
  banner: string;
  /** Names of ports of such a switch. */
  ports(count: number): string[];
  fresh(count: number): LabConfig;
  /** What somebody at the switch would change to put a port on one VLAN. */
  access(vlan: number): Partial<LabPort>;
  /** Takes a rule out of a port's filter, where its lists are not in `lists`. */
  loosen?(config: LabConfig, port: string): void;
  /** Changes take effect with a commit. */
  commits: boolean;
  prompt(terminal: Terminal): string;
  /** Runs a line; what it answers. Changes are counted by calling `wrote`. */
  run(terminal: Terminal, line: string, wrote: () => void): string;
}

/** A line this kind of switch refuses, with the words it does it in. */
export class Refused extends Error {}
