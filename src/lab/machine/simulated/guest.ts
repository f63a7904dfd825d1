import type { BootDevice, FirmwareMode, Medium } from '../contract.ts';
import type { NicSpec } from '../spec.ts';
import type { SimulatedMachine } from './machine.ts';

/** What the firmware of a simulated machine found to start from. */
export interface BootAttempt {
  machine: SimulatedMachine;
  device: BootDevice;
  mode: FirmwareMode;
  secureBoot: boolean;
  /** The NIC of a network or HTTP boot. */
  nic: NicSpec | null;
  /** The image in the drive of a CD or USB boot. */
  medium: Medium | null;
  /** The URI of a UEFI HTTP boot, null when DHCP names it. */
  httpUri: string | null;
}

/** A system that runs on a simulated machine: an agent, an instance. */
export interface Guest {
  /** For the ledger and the serial line. */
  name: string;
  /** The ACPI power button; a system without it ignores the button. */
  powerButton?(): void;
  nmi?(): void;
  serialInput?(bytes: Buffer): void;
  /** The power went or the machine was reset: whatever runs must stop at once, without a word. */
  stop(): void;
}

/**
 * What machines boot into. The agent protocol plugs in here: given a boot attempt it answers with a guest that
 * looks up, heartbeats and obeys, or null when that device has nothing to start.
 */
export interface GuestPlug {
  boot(attempt: BootAttempt): Guest | null;
}

/** Disks that hold a system boot it; a CD or stick with an image boots "it"; networks boot nothing. */
export function plainGuests(clockAfter: (ms: number, fn: () => void) => () => void, softOffMs: number): GuestPlug {
  return {
    boot({ machine, device, medium }) {
      const onDisk = device.startsWith('disk') ? machine.installedOn(device) : undefined;
      const name = onDisk ?? (medium === null ? undefined : `medium ${medium.file}`);
      if (name === undefined) return null;
      let cancel = () => {};
      return {
        name,
        powerButton: () => {
          cancel();
          cancel = clockAfter(softOffMs, () => machine.guestPowerOff());
        },
        nmi: () => machine.print('Kernel panic - not syncing: NMI: Not continuing\r\n'),
        stop: () => cancel(),
      };
    },
  };
}
