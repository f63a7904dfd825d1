import type { Clock } from '#kernel/clock';
import type { HardwareType, InterfaceRegistry } from '../contract.ts';
import { IpmiTools } from '../ipmi/bmc.ts';
import { externalPxe } from '../none/boot.ts';
import { redfishBios } from './bios.ts';
import { RedfishClients } from './clients.ts';
import { redfishConsoles } from './console.ts';
import { redfishFirmware } from './firmware.ts';
import { redfishInspect } from './inspect.ts';
import { redfishManagement } from './management.ts';
import { redfishPower } from './power.ts';
import { redfishRaid } from './raid.ts';
import { redfishVendor } from './vendor.ts';

/** Machines with a Redfish service. */
export const redfishHardware: HardwareType = {
  name: 'redfish',
  supported: {
    bios: ['redfish', 'no-bios'],
    boot: ['auto', 'redfish-virtual-media', 'redfish-https', 'ipxe', 'http-ipxe', 'http', 'pxe', 'external-pxe'],
    console: ['redfish', 'redfish-graphical', 'lab-socket', 'no-console'],
    deploy: ['direct', 'ramdisk', 'custom-agent', 'anaconda', 'noop'],
    firmware: ['redfish', 'no-firmware'],
    inspect: ['redfish', 'agent', 'no-inspect'],
    management: ['redfish'],
    network: ['noop', 'flat', 'neutron'],
    power: ['redfish'],
    raid: ['redfish', 'agent', 'no-raid'],
    rescue: ['agent', 'no-rescue'],
    storage: ['noop'],
    vendor: ['redfish', 'no-vendor'],
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
export function redfishInterfaces(clock: Clock, tools = new IpmiTools(clock)): RedfishDrivers {
  const context = { clients: new RedfishClients(clock), clock };
  return {
    interfaces: {
      bios: named(redfishBios(context)),
      boot: named(externalPxe),
      console: named(...redfishConsoles(context, tools)),
      deploy: NONE,
      firmware: named(redfishFirmware(context)),
      inspect: named(redfishInspect(context)),
      management: named(redfishManagement(context)),
      network: NONE,
      power: named(redfishPower(context)),
      raid: named(redfishRaid(context)),
      rescue: NONE,
      storage: NONE,
      vendor: named(redfishVendor(context)),
    },
    close: () => context.clients.close(),
  };
}
