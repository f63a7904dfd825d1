import type { DriverCall, ManagementInterface } from '../contract.ts';
import { RedfishBmc, type RedfishContext } from './bmc.ts';
import { BOOT_DEVICES, getBootDevice, leaveBootToFirmware, setBootDevice, setHttpBoot } from './boot-device.ts';
import { getBootMode, getSecureBoot, setBootMode, setSecureBoot } from './boot-mode.ts';
import { getIndicator, indicators, setIndicator } from './indicators.ts';
import { lastStartAgoMs, sendReset } from './power.ts';
import { health, sensors } from './sensors.ts';
import { REDFISH_PROPERTIES, redfishSettings } from './settings.ts';
import { ejectMedia, insertMedia, listMedia } from './virtual-media.ts';

/** Management over Redfish. */
export function redfishManagement(context: RedfishContext): ManagementInterface {
  const reading = (call: DriverCall) => new RedfishBmc(context, call);
  const writing = (call: DriverCall) => {
    call.assertMayWrite();
    return new RedfishBmc(context, call);
  };
  return {
    name: 'redfish',
    properties: REDFISH_PROPERTIES,
    validate: (node) => {
      redfishSettings(node);
    },
    supportedBootDevices: () => BOOT_DEVICES,
    getBootDevice: async (call) => getBootDevice(reading(call)),
    setBootDevice: async (call, device, persistent) => setBootDevice(writing(call), device, persistent),
    setHttpBoot: async (call, url) => setHttpBoot(writing(call), url),
    leaveBootToFirmware: async (call) => leaveBootToFirmware(writing(call)),
    getBootMode: async (call) => getBootMode(reading(call)),
    setBootMode: async (call, mode) => setBootMode(writing(call), mode),
    getSecureBoot: async (call) => getSecureBoot(reading(call)),
    setSecureBoot: async (call, on) => setSecureBoot(writing(call), on),
    async injectNmi(call) {
      const bmc = writing(call);
      await sendReset(bmc, await bmc.system(), ['Nmi'], null);
    },
    lastStartAgoMs: async (call) => lastStartAgoMs(reading(call)),
    indicators: async (call) => indicators(reading(call)),
    getIndicator: async (call, component, id) => getIndicator(reading(call), component, id),
    setIndicator: async (call, component, id, state) => setIndicator(writing(call), component, id, state),
    sensors: async (call) => sensors(reading(call)),
    health: async (call) => health(reading(call)),
    virtualMedia: {
      list: async (call) => listMedia(reading(call)),
      insert: async (call, deviceType, imageUrl) => insertMedia(writing(call), deviceType, imageUrl),
      eject: async (call, deviceTypes) => ejectMedia(writing(call), deviceTypes),
    },
  };
}
