import type { PowerInterface } from '../contract.ts';
import { IpmiBmc, type IpmiTools } from './bmc.ts';
import { forgetsBootDevice, reapplyBootDevice } from './boot-device.ts';
import { IPMI_PROPERTIES, ipmiTarget } from './settings.ts';

/** Power over IPMI. Reads before it writes: many BMCs refuse to switch off what is off. */
export function ipmiPower(tools: IpmiTools): PowerInterface {
  return {
    name: 'ipmitool',
    properties: IPMI_PROPERTIES,
    supports: ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'],
    validate: (node) => {
      ipmiTarget(node);
    },
    async get(call) {
      return (await new IpmiBmc(tools, call).status()).on ? 'power on' : 'power off';
    },
    async on(call) {
      call.assertMayWrite();
      const bmc = new IpmiBmc(tools, call);
      if (forgetsBootDevice(bmc) && !(await bmc.status()).on) await reapplyBootDevice(bmc);
      await bmc.power(true);
    },
    async off(call) {
      call.assertMayWrite();
      await new IpmiBmc(tools, call).power(false);
    },
    async softOff(call) {
      call.assertMayWrite();
      const bmc = new IpmiBmc(tools, call);
      if ((await bmc.status()).on) await bmc.act('soft off', [0x00, 0x02, 0x05]);
    },
  };
}
