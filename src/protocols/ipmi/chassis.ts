/** Get Chassis Status (IPMI 2.0, 28.2). */
export interface ChassisStatus {
  on: boolean;
  powerFault: boolean;
  driveFault: boolean;
  coolingFault: boolean;
  /** Null: the BMC does not tell. */
  identify: boolean | null;
}

/** Undefined: not an answer to Get Chassis Status. */
export function readChassisStatus(data: Buffer): ChassisStatus | undefined {
  const [power, , misc] = data;
  if (power === undefined || misc === undefined) return undefined;
  return {
    on: (power & 0x01) !== 0,
    powerFault: (power & 0x1a) !== 0,
    driveFault: (misc & 0x04) !== 0,
    coolingFault: (misc & 0x08) !== 0,
    identify: (misc & 0x40) === 0 ? null : (misc & 0x30) !== 0,
  };
}

/** Boot flags, option 5 (28.13, table 28-14). */
export interface BootFlags {
  valid: boolean;
  persistent: boolean;
  uefi: boolean;
  /** The whole second byte without its other bits: 0x04 is network. */
  selector: number;
}

/** Reads the answer of Get System Boot Options; undefined when it is none. */
export function readBootFlags(data: Buffer): BootFlags | undefined {
  const flags = data[2];
  const device = data[3];
  if (flags === undefined || device === undefined) return undefined;
  return {
    valid: (flags & 0x80) !== 0,
    persistent: (flags & 0x40) !== 0,
    uefi: (flags & 0x20) !== 0,
    selector: device & 0x3c,
  };
}

/** The five bytes of the flags. */
export function bootFlagBytes({ persistent, uefi, selector }: Omit<BootFlags, 'valid'>): number[] {
  return [0x80 | (persistent ? 0x40 : 0) | (uefi ? 0x20 : 0), selector, 0, 0, 0];
}
