import type { MachineSpec } from './spec.ts';
import type { SerialPort } from './serial.ts';

/** Whether the board has power. What a BMC claims about it is the BMC's matter. */
export type PowerState = 'on' | 'off';
export type FirmwareMode = 'uefi' | 'bios';

/** Why the firmware starts. */
export type BootCause = 'power-on' | 'reset' | 'guest-reset';

/**
 * What firmware may start from: a kind of device in its usual order, or one device by its id. `http` is UEFI
 * HTTP boot, `setup` the settings menu.
 */
export type BootDevice = 'disk' | 'network' | 'cd' | 'usb' | 'http' | 'setup' | `disk:${string}` | `network:${string}`;

/** What is wrong with a disk: nothing can be written to it, writes fail, or take that long. */
export type DiskTrouble = { kind: 'read-only' } | { kind: 'failing' } | { kind: 'slow'; bytesPerSecond: number };

/** A disk as the operating system sees it; a RAID volume is one too. */
export interface PresentedDisk {
  /** Names the backing file; unique in the machine. */
  id: string;
  bus: 'nvme' | 'sata' | 'virtio';
  sizeBytes: number;
  serial: string;
  model: string;
  trouble?: DiskTrouble;
}

/** UEFI's databases of keys: who may change them (PK, KEK), what is started (db) and what never (dbx). */
export const KEY_DATABASES = ['PK', 'KEK', 'db', 'dbx'] as const;
export type KeyDatabase = (typeof KEY_DATABASES)[number];

/** A certificate in one of them, and the GUID of who put it there. */
export interface EnrolledCertificate {
  der: Buffer;
  owner: string;
}

/** What the firmware will do at its next start: the BMC decides, the machine obeys. */
export interface BootPlan {
  mode: FirmwareMode;
  secureBoot: {
    enabled: boolean;
    keys: 'default' | 'none';
    /** Databases that hold other certificates than the vendor put there; those not named stay as they are. */
    certificates: Partial<Record<KeyDatabase, readonly EnrolledCertificate[]>>;
  };
  /** Tried in this order; what is not named is not booted if the firmware can help it. */
  order: readonly BootDevice[];
  /** For `http`: where the boot program is; null takes what DHCP says. */
  httpUri: string | null;
  disks: readonly PresentedDisk[];
}

/** An image in a slot of virtual media. */
export interface Medium {
  file: string;
  readOnly: boolean;
}

export type MediaSlot = 'cd' | 'usb';

/** What happens to a machine, whoever caused it. */
export type MachineEvent =
  | { kind: 'power'; state: PowerState; cause: 'bmc' | 'guest' | 'crash' }
  | { kind: 'boot'; cause: BootCause; plan: BootPlan }
  | { kind: 'started'; what: string }
  | { kind: 'nmi' }
  /** The system wrote UEFI variables: a boot entry. */
  | { kind: 'variables' }
  | { kind: 'paused' }
  | { kind: 'resumed' };

/**
 * The hardware under a BMC: a QEMU machine or a simulated one. Verbs are the electrical ones and do exactly
 * what they say; whether a verb is allowed, delayed or lied about is the BMC's business.
 */
export interface Machine {
  readonly spec: MachineSpec;
  readonly serial: SerialPort;
  /** The certificates that its firmware was made with. */
  readonly vendorCertificates: Partial<Record<KeyDatabase, readonly EnrolledCertificate[]>>;
  readonly power: PowerState;
  /** True while processors are stopped by `pause`. */
  readonly paused: boolean;
  /** True until the firmware would have handed over to an operating system. */
  readonly inPost: boolean;
  /** Path of a VNC (RFB 3.8) unix socket while the machine is on; null when it has none. */
  readonly vncPath: string | null;
  /** Who answers when the firmware asks what to do. Set once, before power. */
  planBoot(planner: (cause: BootCause) => BootPlan): void;
  powerOn(): Promise<void>;
  /** Pulls the plug. */
  powerOff(): Promise<void>;
  /** The reset line: memory lost, firmware starts again, power stays. */
  reset(): Promise<void>;
  /** Presses the ACPI power button. */
  pressPowerButton(): Promise<void>;
  injectNmi(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Puts an image in a slot or empties it; seen by a running guest at once. */
  setMedium(slot: MediaSlot, medium: Medium | null): Promise<void>;
  /** Pulls the cable of a NIC, or plugs it in again; a machine that is off finds it so when it starts. */
  setLink(nic: string, up: boolean): Promise<void>;
  /** Forgets a disk's content (a deleted RAID volume). */
  dropDisk(id: string): Promise<void>;
  /** A break on the serial line. */
  sendBreak(): Promise<void>;
  onEvent(fn: (event: MachineEvent) => void): () => void;
  /** Stops the machine and frees what it holds; its disks stay. */
  close(): Promise<void>;
}
