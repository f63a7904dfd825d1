import type { Clock } from '#kernel/clock';
import type { FakeConfig } from '../../model/conductor-config.ts';
import type { HardwareType, InterfaceRegistry } from '../contract.ts';
import { noopNetwork } from '../none/network.ts';
import {
  noBios,
  noConsole,
  noFirmware,
  noInspect,
  noopDeploy,
  noopStorage,
  noRaid,
  noRescue,
  noVendor,
} from '../none/none.ts';
import type { FakeContext } from './context.ts';
import { fakeDeploy } from './deploy.ts';
import { fakeFaults } from './faults.ts';
import { fakeInspect } from './inspect.ts';
import type { FakeMachines } from '../../model/fake-machine.ts';
import { fakeManagement } from './management.ts';
import { fakePower } from './power.ts';
import { fakeBios, fakeBoot, fakeConsole, fakeFirmware, fakeRaid, fakeRescue, fakeStorage } from './small.ts';
import { fakeVendor } from './vendor.ts';

/** For trying everything without a machine. Takes any implementation, as Ironic's does. */
export const fakeHardware: HardwareType = {
  name: 'fake-hardware',
  anyInterface: true,
  supported: {
    bios: ['fake', 'no-bios'],
    boot: ['fake'],
    console: ['fake', 'no-console'],
    deploy: ['fake', 'noop'],
    firmware: ['fake', 'no-firmware'],
    inspect: ['fake', 'no-inspect'],
    management: ['fake'],
    network: ['noop', 'flat', 'neutron'],
    power: ['fake'],
    raid: ['fake', 'no-raid'],
    rescue: ['fake', 'no-rescue'],
    storage: ['noop', 'fake'],
    vendor: ['fake', 'no-vendor'],
  },
};

const byName = <T extends { readonly name: string }>(...all: T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [one.name, one]));

/** All fake and absent implementations. */
export function fakeInterfaces(machines: FakeMachines, config: FakeConfig, clock: Clock): InterfaceRegistry {
  const context: FakeContext = { machines, faults: fakeFaults(config, clock), clock };
  return {
    bios: byName(fakeBios(context), noBios),
    boot: byName(fakeBoot(context)),
    console: byName(fakeConsole(context), noConsole),
    deploy: byName(fakeDeploy(context), noopDeploy),
    firmware: byName(fakeFirmware(context), noFirmware),
    inspect: byName(fakeInspect(context), noInspect),
    management: byName(fakeManagement(context)),
    network: byName(noopNetwork),
    power: byName(fakePower(context)),
    raid: byName(fakeRaid(context), noRaid),
    rescue: byName(fakeRescue(context), noRescue),
    storage: byName(fakeStorage(context), noopStorage),
    vendor: byName(fakeVendor(context), noVendor),
  };
}
