import { errors } from '../errors.ts';
import type { DriverParts, SwitchDriver } from './contract.ts';
import { OvsDriver } from './ovs/ovs.ts';

/** Drivers by the name a switch is registered with; `ssh` has one a platform. */
export interface SwitchDrivers {
  /** Throws `SwitchBadSetting` for one that is not. */
  of(driver: string, platform: string | null): SwitchDriver;
  /** Of `ssh`, with what people call them. */
  readonly platforms: readonly { name: string; title: string }[];
}

export const DRIVER_NAMES = ['ovs', 'netconf', 'gnmi', 'ssh'] as const;

/** All drivers there are. */
export function createDrivers(parts: DriverParts): SwitchDrivers {
  const ovs = new OvsDriver(parts);
  return {
    platforms: [],
    of(driver) {
      if (driver === 'ovs') return ovs;
      throw errors.SwitchBadSetting('driver', `there is no "${driver}"; there are ${DRIVER_NAMES.join(', ')}`);
    },
  };
}
