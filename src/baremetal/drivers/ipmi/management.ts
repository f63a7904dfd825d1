import { readSensors } from '#protocols/ipmi/sensors';
import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { DriverCall, ManagementInterface } from '../contract.ts';
import { IpmiBmc, type IpmiTools } from './bmc.ts';
import { BOOT_DEVICES, getBootDevice, leaveBootToFirmware, setBootDevice } from './boot-device.ts';
import { IPMI_PROPERTIES, ipmiTarget } from './settings.ts';

const LAMP = { component: 'chassis', id: 'identify', states: ['off', 'on'] };

/** Management over IPMI: what IPMI has of it. */
export function ipmiManagement(tools: IpmiTools): ManagementInterface {
  const unsupported = (call: DriverCall, what: string): never => {
    throw errors.UnsupportedDriverExtension(call.node.driver, what);
  };
  const mustBeLamp = (component: string, id: string) => {
    if (component !== LAMP.component) throw errors.InvalidParameterValue(`Invalid component ${component} specified.`);
    if (id !== LAMP.id) throw errors.InvalidParameterValue(`Invalid indicator ${id} specified.`);
  };
  return {
    name: 'ipmitool',
    properties: IPMI_PROPERTIES,
    validate: (node) => {
      ipmiTarget(node);
    },
    supportedBootDevices: () => BOOT_DEVICES,
    async getBootDevice(call) {
      const { bootDevice, persistent } = await getBootDevice(new IpmiBmc(tools, call));
      return { bootDevice, persistent };
    },
    async setBootDevice(call, device, persistent) {
      call.assertMayWrite();
      await setBootDevice(new IpmiBmc(tools, call), device, persistent);
    },
    async leaveBootToFirmware(call) {
      call.assertMayWrite();
      return await leaveBootToFirmware(new IpmiBmc(tools, call));
    },
    getBootMode: async (call) => (await getBootDevice(new IpmiBmc(tools, call))).mode,
    async setBootMode(call) {
      call.assertMayWrite();
      // IPMI has the mode only as part of a boot device: it goes along as the node's capabilities say
      unsupported(call, 'setting the boot mode');
    },
    getSecureBoot: async () => null,
    async setSecureBoot(call) {
      call.assertMayWrite();
      unsupported(call, 'Secure Boot');
    },
    async injectNmi(call) {
      call.assertMayWrite();
      await new IpmiBmc(tools, call).act('diagnostic interrupt', [0x00, 0x02, 0x04]);
    },
    indicators: async () => ({ [LAMP.component]: [{ id: LAMP.id, readonly: false, states: LAMP.states }] }),
    async getIndicator(call, component, id) {
      mustBeLamp(component, id);
      const { identify } = await new IpmiBmc(tools, call).status();
      return identify === null ? 'unknown' : identify ? 'on' : 'off';
    },
    async setIndicator(call, component, id, state) {
      call.assertMayWrite();
      mustBeLamp(component, id);
      if (!LAMP.states.includes(state)) {
        throw errors.InvalidParameterValue(`Indicator ${id} of ${component} cannot be set to ${state}.`);
      }
      // no interval and "for good", or an interval of none
      await new IpmiBmc(tools, call).set('identify', state === 'on' ? [0x00, 0x04, 0x00, 0x01] : [0x00, 0x04, 0x00]);
    },
    async sensors(call) {
      const data: Record<string, Document> = {};
      for (const { name, kind, facts } of readSensors(await new IpmiBmc(tools, call).sensorText())) {
        data[kind] = { ...data[kind], [name]: facts };
      }
      return data;
    },
    async health(call) {
      const { powerFault, driveFault, coolingFault } = await new IpmiBmc(tools, call).status();
      if (powerFault) return 'Critical';
      return driveFault || coolingFault ? 'Warning' : 'OK';
    },
  };
}
