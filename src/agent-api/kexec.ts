/** Parameters of `ingot.kexec_load`: finds the kernel of the written system, by its boot loader's own words. */
export interface KexecLoadParams {
  /** Default: the root device by the node's hints. */
  device?: string;
  node?: Readonly<Record<string, unknown>>;
  /** Added to the system's own command line. */
  append?: string;
}

/** Result of `ingot.kexec_load`; a failed command says why it cannot be, and the conductor reboots instead. */
export interface KexecLoadResult {
  /** Where the entry was found. */
  source: 'bls' | 'grub' | 'uki';
  title: string;
  kernel: string;
  initrd: string | null;
  cmdline: string;
}

/** Parameters of `ingot.kexec_arm`, a synchronous command: the answer leaves first, then the links go down. */
export interface KexecArmParams {
  /** The system starts when a link is back; if none is back by then, the machine powers off. */
  deadline_seconds: number;
  /**
   * `link` (default): starts when a watched link went down (the switch port was disabled) and came back. `delay`:
   * starts `settle_seconds` after the links were dropped, for switches that cannot disable a port.
   */
  trigger?: 'link' | 'delay';
  /** A link must stay up this long. Default 1. */
  settle_seconds?: number;
  /** MACs of the links to watch; default: the one that the conductor is reached by. */
  watch?: readonly string[];
  /** Time between the answer and the links going down, for the answer to arrive. Default 0.5. */
  drop_after_seconds?: number;
}

export interface KexecArmResult {
  armed: true;
  watching: readonly string[];
}

/** Parameters of `ingot.rotate_token`: a warm machine gets a new token before it is given to somebody. */
export interface RotateTokenParams {
  agent_token: string;
}
