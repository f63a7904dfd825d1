import { errors as redfishErrors } from '#protocols/redfish/errors';
import { objectAt, textOf, textsOf } from '#protocols/redfish/json';
import type { Document } from '../../model/node.ts';
import type { DriverCall, VendorInterface } from '../contract.ts';
import { RedfishBmc, type RedfishContext } from './bmc.ts';
import { REDFISH_PROPERTIES, redfishSettings } from './settings.ts';
import { redfishStep } from './step.ts';
import { subscriptionMethods } from './subscriptions.ts';
import { ejectMedia } from './virtual-media.ts';

/** Methods beyond the interfaces. Things are named by ids and kinds, never by URIs a caller could aim elsewhere. */
export function redfishVendor(context: RedfishContext): VendorInterface {
  const eject = async (bmc: RedfishBmc, input: Document) => {
    const type = textOf(input['boot_device']);
    await ejectMedia(bmc, type === null ? [] : [type]);
  };
  const writing = (call: DriverCall) => {
    call.assertMayWrite();
    return new RedfishBmc(context, call);
  };
  const method = { httpMethods: ['POST'], async: true, attach: false, requireExclusiveLock: true };
  const steps = [redfishStep(context, 'vendor', 'bmc_reset', resetManager)];
  return {
    name: 'redfish',
    properties: REDFISH_PROPERTIES,
    validate: (node) => {
      redfishSettings(node);
    },
    steps: () => steps,
    methods: [
      {
        ...method,
        name: 'eject_vmedia',
        description: 'Eject virtual media: boot_device, such as cdrom. Optional; without it all are ejected.',
        call: async (call, _name, input) => eject(writing(call), input),
      },
      {
        ...method,
        name: 'bmc_reset',
        description: 'Restart the BMC; the machine runs on.',
        call: async (call) => resetManager(writing(call)),
      },
      ...subscriptionMethods((call) => new RedfishBmc(context, call), writing),
    ],
    driverMethods: [],
  };
}

async function resetManager(bmc: RedfishBmc): Promise<void> {
  const [manager] = await bmc.managers(await bmc.system());
  const action = objectAt(manager?.body, 'Actions', '#Manager.Reset');
  const target = textOf(action['target']);
  if (target === null) throw redfishErrors.RedfishShape('offers no Manager.Reset');
  const known = textsOf(action['ResetType@Redfish.AllowableValues']);
  const type = ['GracefulRestart', 'ForceRestart'].find((one) => known.length === 0 || known.includes(one));
  await bmc.client.post(target, type === undefined ? {} : { ResetType: type }, bmc.ask);
}
