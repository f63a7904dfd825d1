import type { Clock } from '#kernel/clock';
import type { HardwareType, InterfaceRegistry } from '../contract.ts';
import { externalPxe } from '../none/boot.ts';
import { RedfishClients } from './clients.ts';
import { redfishManagement } from './management.ts';
import { redfishPower } from './power.ts';

/** Machines with a Redfish service. */
export const redfishHardware: HardwareType = {
  name: 'redfish',
  supported: {
    bios: ['no-bios'],
    boot: ['external-pxe'],
    console: ['no-console'],
    deploy: ['noop'],
    firmware: ['no-firmware'],
    inspect: ['no-inspect'],
    management: ['redfish'],
    network: ['noop', 'flat'],
    power: ['redfish'],
    raid: ['no-raid'],
    rescue: ['no-rescue'],
    storage: ['noop'],
    vendor: ['no-vendor'],
  },
};

export interface RedfishDrivers {
  interfaces: InterfaceRegistry;
  /** Ends the sessions at all BMCs. */
  close(): Promise<void>;
}

const NONE = new Map<string, never>();

const named = <T extends { readonly name: string }>(...all: T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [one.name, one]));

/** All implementations over Redfish. They share one client per BMC. */
export function redfishInterfaces(clock: Clock): RedfishDrivers {
  const context = { clients: new RedfishClients(clock), clock };
  return {
    interfaces: {
      bios: NONE,
      boot: named(externalPxe),
      console: NONE,
      deploy: NONE,
      firmware: NONE,
      inspect: NONE,
      management: named(redfishManagement(context)),
      network: NONE,
      power: named(redfishPower(context)),
      raid: NONE,
      rescue: NONE,
      storage: NONE,
      vendor: NONE,
    },
    close: () => context.clients.close(),
  };
}
