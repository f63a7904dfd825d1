import { errors } from '../../errors.ts';
import type { ManagementInterface } from '../contract.ts';
import { act, type FakeContext, look } from './context.ts';

const INDICATORS = {
  chassis: [{ id: 'led-0', readonly: true, states: ['off', 'on'] }],
  system: [{ id: 'led', readonly: false, states: ['blinking', 'off', 'on'] }],
};

/** Management of a fake machine: what is set is what is read back. */
export function fakeManagement(context: FakeContext): ManagementInterface {
  const meet = (call: Parameters<ManagementInterface['health']>[0], name: string) =>
    context.faults.meet(call, [`management.${name}`, 'management']);
  const known = (component: string, id: string) => {
    const of = (INDICATORS as Record<string, (typeof INDICATORS)['system']>)[component];
    if (of === undefined) throw errors.InvalidParameterValue(`Invalid component ${component} specified.`);
    const indicator = of.find((one) => one.id === id);
    if (indicator === undefined) throw errors.InvalidParameterValue(`Invalid indicator ${id} specified.`);
    return indicator;
  };
  return {
    name: 'fake',
    properties: {},
    validate: () => {},
    supportedBootDevices: () => ['pxe', 'disk', 'cdrom'],
    async getBootDevice(call) {
      await meet(call, 'get_boot_device');
      const { bootDevice } = await look(context, call);
      return { bootDevice: bootDevice.device, persistent: bootDevice.persistent };
    },
    async setBootDevice(call, device, persistent) {
      await meet(call, 'set_boot_device');
      if (!this.supportedBootDevices(call.node).includes(device)) {
        throw errors.InvalidParameterValue(`Invalid boot device ${device} specified.`);
      }
      await act(context, call, 'set boot device', { bootDevice: { device, persistent } }, { device, persistent });
    },
    async getBootMode(call) {
      await meet(call, 'get_boot_mode');
      return (await look(context, call)).bootMode;
    },
    async setBootMode(call, mode) {
      await meet(call, 'set_boot_mode');
      await act(context, call, 'set boot mode', { bootMode: mode }, { mode });
    },
    async getSecureBoot(call) {
      await meet(call, 'get_secure_boot');
      return (await look(context, call)).secureBoot;
    },
    async setSecureBoot(call, on) {
      await meet(call, 'set_secure_boot');
      await act(context, call, 'set secure boot', { secureBoot: on }, { on });
    },
    async injectNmi(call) {
      await meet(call, 'inject_nmi');
      await act(context, call, 'nmi', {});
    },
    async indicators() {
      return INDICATORS;
    },
    async getIndicator(call, component, id) {
      known(component, id);
      await meet(call, 'get_indicator');
      return (await look(context, call)).indicators[`${id}@${component}`] ?? 'unknown';
    },
    async setIndicator(call, component, id, state) {
      const indicator = known(component, id);
      if (indicator.readonly || !indicator.states.includes(state)) {
        throw errors.InvalidParameterValue(`Indicator ${id} of ${component} cannot be set to ${state}.`);
      }
      await meet(call, 'set_indicator');
      const { indicators } = await look(context, call);
      const set = { indicators: { ...indicators, [`${id}@${component}`]: state } };
      await act(context, call, 'set indicator', set, { component, id, state });
    },
    async sensors(call) {
      await meet(call, 'sensors');
      const on = (await look(context, call)).power === 'power on';
      return {
        Temperature: { 'CPU 1': { reading_celsius: on ? 41 : null, health: 'OK' } },
        Fan: { 'Fan 1': { reading: on ? 5200 : null, reading_units: 'RPM', health: 'OK' } },
        Power: { 'PSU 1': { last_power_output_watts: on ? 184 : 0, health: 'OK' } },
      };
    },
    async health(call) {
      await meet(call, 'health');
      return 'OK';
    },
    virtualMedia: {
      async list(call) {
        await meet(call, 'list_virtual_media');
        return (await look(context, call)).media;
      },
      async insert(call, deviceType, imageUrl) {
        await meet(call, 'attach_virtual_media');
        const { media } = await look(context, call);
        const kept = media.filter((one) => one['media_types'] !== deviceType);
        const inserted = {
          media_types: deviceType,
          image: imageUrl,
          image_name: imageUrl.split('/').at(-1),
          inserted: true,
        };
        await act(context, call, 'insert media', { media: [...kept, inserted] }, { deviceType });
      },
      async eject(call, deviceTypes) {
        await meet(call, 'detach_virtual_media');
        const { media } = await look(context, call);
        const kept =
          deviceTypes.length === 0 ? [] : media.filter((m) => !deviceTypes.includes(String(m['media_types'])));
        await act(context, call, 'eject media', { media: kept }, { deviceTypes });
      },
    },
  };
}
