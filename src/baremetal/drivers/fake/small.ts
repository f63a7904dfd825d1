import { errors } from '../../errors.ts';
import type {
  BiosInterface,
  BootInterface,
  ConsoleInterface,
  DriverCall,
  FirmwareInterface,
  RaidInterface,
  RescueInterface,
  StorageInterface,
} from '../contract.ts';
import { act, type FakeContext, look } from './context.ts';
import { fakeStep } from './deploy.ts';

const plain = { name: 'fake', properties: {}, validate: () => {} } as const;

/** Nothing boots, but it takes as long, or fails, as told. */
export function fakeBoot({ faults }: FakeContext): BootInterface {
  return {
    ...plain,
    prepareRamdisk: (call) => faults.meet(call, ['boot.prepare_ramdisk', 'boot']),
    cleanUpRamdisk: (call) => faults.meet(call, ['boot.clean_up_ramdisk']),
    prepareInstance: (call) => faults.meet(call, ['boot.prepare_instance', 'boot']),
    cleanUpInstance: (call) => faults.meet(call, ['boot.clean_up_instance']),
  };
}

/** Volumes that are always there. */
export function fakeStorage({ faults }: FakeContext): StorageInterface {
  return {
    ...plain,
    attach: (call) => faults.meet(call, ['storage.attach', 'storage']),
    detach: (call) => faults.meet(call, ['storage.detach']),
  };
}

/** A console that can be switched on and shows nothing. */
export function fakeConsole({ faults }: FakeContext): ConsoleInterface {
  return {
    ...plain,
    enabled: true,
    start: (call) => faults.meet(call, ['console.start', 'console']),
    stop: (call) => faults.meet(call, ['console.stop']),
    info: () => ({ type: 'fake', url: 'fake://console' }),
  };
}

/** Rescue: the ramdisk boots on the rescue network; unrescue boots the instance again. */
export function fakeRescue(context: FakeContext): RescueInterface {
  const { faults } = context;
  const back = async (call: DriverCall) => {
    await call.power.off();
    await call.interfaces.boot.cleanUpRamdisk(call);
  };
  return {
    ...plain,
    async rescue(call) {
      await call.power.off();
      await call.interfaces.network.flip(call, 'rescue');
      await call.interfaces.boot.prepareRamdisk(call, { mode: 'rescue' });
      await call.power.on();
      return faults.meetStep(call, ['rescue.rescue', 'rescue']);
    },
    async unrescue(call) {
      await faults.meet(call, ['unrescue', 'rescue.unrescue']);
      await back(call);
      await call.interfaces.network.flip(call, 'tenant');
      await call.interfaces.boot.prepareInstance(call);
      await call.power.on();
    },
    async cleanUp(call) {
      await faults.meet(call, ['rescue.clean_up']);
      await back(call);
      await call.interfaces.network.flip(call, 'nothing');
    },
  };
}

/** BIOS settings that are kept, and can be set by clean, deploy and service steps. */
export function fakeBios(context: FakeContext): BiosInterface {
  const steps = [
    fakeStep(
      context,
      'bios',
      { step: 'apply_configuration', priority: 0, kinds: ['clean', 'deploy', 'service'], requiresRamdisk: false },
      async (call, args) => {
        const settings = args['settings'];
        if (!Array.isArray(settings)) throw errors.InvalidParameterValue('settings must be a list of name and value.');
        const { bios } = await look(context, call);
        const set = { ...bios };
        for (const one of settings as { name?: unknown; value?: unknown }[]) set[String(one.name)] = String(one.value);
        await act(context, call, 'set bios', { bios: set });
      },
    ),
    fakeStep(
      context,
      'bios',
      { step: 'factory_reset', priority: 0, kinds: ['clean', 'deploy', 'service'], requiresRamdisk: false },
      (call) => act(context, call, 'reset bios', { bios: {} }),
    ),
  ];
  return {
    ...plain,
    steps: () => steps,
    async settings(call) {
      await context.faults.meet(call, ['bios.settings']);
      const { bios } = await look(context, call);
      return Object.entries(bios).map(([name, value]) => ({ name, value }));
    },
  };
}

/** Firmware that is as new as it was last told to be. */
export function fakeFirmware(context: FakeContext): FirmwareInterface {
  const steps = [
    fakeStep(
      context,
      'firmware',
      { step: 'update', priority: 0, kinds: ['clean', 'deploy', 'service'], requiresRamdisk: false },
      async (call, args) => {
        const settings = args['settings'];
        if (!Array.isArray(settings)) throw errors.InvalidParameterValue('settings must be a list of components.');
        const { firmware } = await look(context, call);
        const set = { ...firmware };
        for (const one of settings as { component?: unknown; url?: unknown }[]) {
          set[String(one.component)] = /(\d+(?:\.\d+)+)/.exec(String(one.url))?.[1] ?? '1.0.1';
        }
        await act(context, call, 'update firmware', { firmware: set });
      },
    ),
  ];
  return {
    ...plain,
    steps: () => steps,
    async components(call) {
      await context.faults.meet(call, ['firmware.components']);
      const { firmware } = await look(context, call);
      return Object.entries(firmware).map(([component, version]) => ({
        component,
        initial_version: '1.0.0',
        current_version: version,
        last_version_flashed: version === '1.0.0' ? null : version,
      }));
    },
  };
}

/** RAID: what is asked for is what there is. */
export function fakeRaid(context: FakeContext): RaidInterface {
  const kinds = ['clean', 'deploy', 'service'] as const;
  const steps = [
    fakeStep(
      context,
      'raid',
      { step: 'create_configuration', priority: 0, kinds, requiresRamdisk: false },
      async (call) => {
        const raid = call.node.targetRaidConfig;
        await act(context, call, 'create raid', { raid });
        call.notes.raidConfig(raid);
      },
    ),
    fakeStep(
      context,
      'raid',
      { step: 'delete_configuration', priority: 0, kinds, requiresRamdisk: false },
      async (call) => {
        await act(context, call, 'delete raid', { raid: {} });
        call.notes.raidConfig({});
      },
    ),
    fakeStep(
      context,
      'raid',
      { step: 'apply_configuration', priority: 0, kinds: ['deploy'], requiresRamdisk: false },
      async (call, args) => {
        const raid = (args['raid_config'] ?? {}) as Record<string, unknown>;
        await act(context, call, 'create raid', { raid });
        call.notes.raidConfig(raid);
      },
    ),
  ];
  return {
    ...plain,
    steps: () => steps,
    logicalDiskProperties: {
      raid_level: 'RAID level for the logical disk. Valid values are 0, 1, 2, 5, 6, 1+0, 5+0, 6+0. Required.',
      size_gb: 'Size in GiB (integer) for the logical disk, or MAX for all that is left. Required.',
      is_root_volume: 'True for the logical disk that holds the root device. At most one. Optional.',
      volume_name: 'Name of the volume. Optional.',
      disk_type: 'The type of disk preferred: hdd or ssd. Optional.',
      number_of_physical_disks: 'Number of physical disks to use. Optional.',
    },
  };
}
