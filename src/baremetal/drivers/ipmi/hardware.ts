import type { Clock } from '#kernel/clock';
import type { HardwareType, InterfaceRegistry } from '../contract.ts';
import { IpmiTools } from './bmc.ts';
import { ipmiConsoles } from './console.ts';
import { ipmiManagement } from './management.ts';
import { ipmiPower } from './power.ts';
import { ipmiVendor } from './vendor.ts';

/** Machines whose BMC speaks IPMI only. */
export const ipmiHardware: HardwareType = {
  name: 'ipmi',
  supported: {
    bios: ['no-bios'],
    boot: ['auto', 'ipxe', 'pxe', 'external-pxe'],
    console: ['ipmitool', 'ipmitool-socat', 'ipmitool-shellinabox', 'lab-socket', 'no-console'],
    deploy: ['direct', 'ramdisk', 'custom-agent', 'anaconda', 'noop'],
    firmware: ['no-firmware'],
    inspect: ['agent', 'no-inspect'],
    management: ['ipmitool'],
    network: ['noop', 'flat', 'neutron'],
    power: ['ipmitool'],
    raid: ['agent', 'no-raid'],
    rescue: ['agent', 'no-rescue'],
    storage: ['noop'],
    vendor: ['ipmitool', 'no-vendor'],
  },
};

const NONE = new Map<string, never>();

/** All implementations over IPMI. They share one queue per BMC. */
export function ipmiInterfaces(clock: Clock, tools = new IpmiTools(clock)): InterfaceRegistry {
  const only = <T extends { readonly name: string }>(one: T): ReadonlyMap<string, T> => new Map([[one.name, one]]);
  return {
    bios: NONE,
    boot: NONE,
    console: new Map(ipmiConsoles(tools).map((one) => [one.name, one])),
    deploy: NONE,
    firmware: NONE,
    inspect: NONE,
    management: only(ipmiManagement(tools)),
    network: NONE,
    power: only(ipmiPower(tools)),
    raid: NONE,
    rescue: NONE,
    storage: NONE,
    vendor: only(ipmiVendor(tools)),
  };
}
