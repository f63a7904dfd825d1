import type { Duplex } from 'node:stream';
import type { RunOptions, RunResult } from '#kernel/run';

export type ToolOptions = Pick<RunOptions, 'input' | 'maxOutput' | 'okCodes' | 'signal'> & {
  /** Default 60 s. */
  timeoutMs?: number;
};

/** A disk, a partition, or a file in its place. Offsets and lengths in bytes. */
export interface BlockDevice {
  readonly path: string;
  readonly size: number;
  /** Fills `buffer` from `offset`; throws when the device ends before. */
  read(buffer: Uint8Array, offset: number): Promise<void>;
  /** Writes all of `buffer`; throws when the device ends before. */
  write(buffer: Uint8Array, offset: number): Promise<void>;
  /**
   * Makes a range read as zeroes faster than by writing them; false where the device has no such command, and
   * nothing was done.
   */
  zero(offset: number, length: number): Promise<boolean>;
  /** All that was written is on the medium. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** A file system that is mounted while it is used. */
export interface Mounted {
  readonly path: string;
  unmount(): Promise<void>;
}

/**
 * The machine under the agent: everything that touches hardware or the kernel goes through here, so that the rest
 * runs as well on simulated machines and on recorded trees.
 */
export interface Machine {
  readonly kind: 'real' | 'simulated';
  /** Runs a tool of the ramdisk to its end; throws as `kernel/run` does (`ChildMissing` when it is not there). */
  run(tool: string, args: readonly string[], options?: ToolOptions): Promise<RunResult>;
  /** Runs a tool that reads one end and writes the other; its streams fail when it does. */
  filter(tool: string, args: readonly string[]): Duplex;
  /** Text of a file of sysfs, procfs or the ramdisk, trimmed at its end; null when there is none. */
  text(path: string): Promise<string | null>;
  bytes(path: string, most?: number): Promise<Buffer | null>;
  /** Names in a folder; none when it does not exist. */
  names(path: string): Promise<readonly string[]>;
  /** Where a link ends; null when nothing is there. */
  resolve(path: string): Promise<string | null>;
  /** Writes a file of sysfs or the ramdisk. */
  put(path: string, content: string | Buffer, mode?: number): Promise<void>;
  remove(path: string): Promise<void>;
  open(device: string, mode: 'read' | 'write'): Promise<BlockDevice>;
  /** Waits until the kernel shows (or has dropped) a device file; false after a few seconds. */
  appears(device: string): Promise<boolean>;
  /** Mounts a file system without devices, set-uid files and programs in it being of use. */
  mount(device: string, options: { readOnly: boolean; fs?: string }): Promise<Mounted>;
  /** A folder for large files that are gone with the agent, and the bytes free there. */
  scratch(): Promise<{ path: string; free: number }>;
  /** Addresses of the machine by NIC. */
  addresses(): Promise<Readonly<Record<string, readonly { address: string; family: 4 | 6 }[]>>>;
  /** The address under which this machine is seen by `host`. */
  addressTowards(host: string, port: number): Promise<string>;
  /** Ends this run of the machine, at once: what must be on disk has been synced. */
  halt(how: 'off' | 'reboot' | 'kexec'): Promise<void>;
}

/** Reads a number of sysfs; null when it is none. */
export async function numberAt(machine: Machine, path: string): Promise<number | null> {
  const text = await machine.text(path);
  const value = text === null || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Output of a tool, or null when it is missing or fails: for facts that are good to have. */
export async function outputOf(
  machine: Machine,
  tool: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string | null> {
  try {
    return (await machine.run(tool, args, { timeoutMs: 20_000, ...options })).stdout;
  } catch {
    return null;
  }
}
