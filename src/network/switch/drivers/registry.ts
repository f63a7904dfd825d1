import { errors } from '../errors.ts';
import type { DriverParts, SwitchDriver } from './contract.ts';
import { CliDriver } from './cli/driver.ts';
import { PLATFORMS } from './cli/platforms/all.ts';
import { GnmiDriver } from './openconfig/gnmi.ts';
import { NetconfDriver } from './openconfig/netconf.ts';
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
  const netconf = new NetconfDriver(parts);
  const gnmi = new GnmiDriver(parts);
  const clis = new Map(PLATFORMS.map((platform) => [platform.name, new CliDriver(platform, parts)]));
  return {
    platforms: PLATFORMS.map(({ name, title }) => ({ name, title })),
    of(driver, platform) {
      if (driver === 'ovs') return ovs;
      if (driver === 'netconf') return netconf;
      if (driver === 'gnmi') return gnmi;
      if (driver === 'ssh') {
        const cli = clis.get(platform ?? '');
        if (cli !== undefined) return cli;
        const known = [...clis.keys()].join(', ');
        throw errors.SwitchBadSetting('platform', `there is no "${platform ?? ''}"; there are ${known}`);
      }
      throw errors.SwitchBadSetting('driver', `there is no "${driver}"; there are ${DRIVER_NAMES.join(', ')}`);
    },
  };
}
