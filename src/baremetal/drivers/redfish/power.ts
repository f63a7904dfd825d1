import { type Resource, isRefusal } from '#protocols/redfish/client';
import { errors as redfishErrors } from '#protocols/redfish/errors';
import { objectAt, objectsOf, textOf, textsOf } from '#protocols/redfish/json';
import type { PowerState } from '../../states/names.ts';
import { errors } from '../../errors.ts';
import type { DriverCall, PowerInterface } from '../contract.ts';
import { RedfishBmc, type RedfishContext } from './bmc.ts';
import { listenTo } from './listen.ts';
import { healthOf } from './sensors.ts';
import { reapplyBootDevice } from './boot-device.ts';
import { REDFISH_PROPERTIES, redfishSettings } from './settings.ts';

/** What a system's PowerState means. On its way is not there yet. */
const STATES: Record<string, PowerState> = {
  On: 'power on',
  Paused: 'power on',
  PoweringOff: 'power on',
  Off: 'power off',
  PoweringOn: 'power off',
};

/** Power over Redfish: absolute resets, each after a look at the state, none repeated when its answer was lost. */
export function redfishPower(context: RedfishContext): PowerInterface {
  const change = async (call: DriverCall, want: 'On' | 'Off') => {
    call.assertMayWrite();
    const bmc = new RedfishBmc(context, call);
    if (want === 'On') {
      await reapplyBootDevice(bmc);
      await bmc.mayStart();
    }
    let first = true;
    await bmc.patiently(async () => {
      const system = await (first ? bmc.systemJustRead() : bmc.system());
      first = false;
      const now = textOf(system.body['PowerState']);
      if (now === want || now === (want === 'On' ? 'PoweringOn' : 'PoweringOff')) return;
      await sendReset(bmc, system, want === 'On' ? ['On', 'ForceOn'] : ['ForceOff', 'Off'], want);
    });
  };
  return {
    name: 'redfish',
    properties: REDFISH_PROPERTIES,
    supports: ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'],
    validate: (node) => {
      redfishSettings(node);
    },
    get: async (call) => stateOf(await new RedfishBmc(context, call).system()),
    async look(call) {
      const system = await new RedfishBmc(context, call).system();
      return { power: stateOf(system), health: healthOf(system) };
    },
    listen: (call, ears) => listenTo(new RedfishBmc(context, call), ears),
    on: (call) => change(call, 'On'),
    off: (call) => change(call, 'Off'),
    async softOff(call) {
      call.assertMayWrite();
      const bmc = new RedfishBmc(context, call);
      const system = await bmc.system();
      if (textOf(system.body['PowerState']) === 'Off') return;
      await sendReset(bmc, system, ['GracefulShutdown', 'PushPowerButton'], null);
    },
  };
}

function stateOf({ body }: Resource): PowerState {
  const said = textOf(body['PowerState']);
  const state = said === null ? undefined : STATES[said];
  // unknown is not off: HPE reports none while it is busy
  if (state === undefined) throw redfishErrors.RedfishShape(`reports no power state that is known (${said})`);
  return state;
}

/** When the system was reset last, against its BMC's own clock: that may be wrong, but both are wrong alike. */
export async function lastStartAgoMs(bmc: RedfishBmc): Promise<number | null> {
  const system = await bmc.system();
  const last = Date.parse(textOf(system.body['LastResetTime']) ?? '');
  if (Number.isNaN(last)) return null;
  const [manager] = await bmc.managers(system);
  const now = Date.parse(textOf(manager?.body['DateTime']) ?? '');
  return Number.isNaN(now) || now < last ? null : now - last;
}

/**
 * Sends the first of `types` that the system knows. `want`: a refusal is fine when the system is there all the
 * same. Never sent twice, except where the BMC said that it did nothing because of the wording.
 */
export async function sendReset(
  bmc: RedfishBmc,
  system: Resource,
  types: readonly string[],
  want: 'On' | 'Off' | null,
): Promise<void> {
  const action = objectAt(system.body, 'Actions', '#ComputerSystem.Reset');
  const target = textOf(action['target']);
  if (target === null) throw redfishErrors.RedfishShape('offers no ComputerSystem.Reset');
  const known = await resetTypes(bmc, action);
  const type = known === null ? types[0] : types.find((one) => known.includes(one));
  if (type === undefined) {
    throw errors.UnsupportedDriverExtension(bmc.call.node.driver, `reset ${types[0]} on this BMC`);
  }
  try {
    await bmc.client.post(target, { ResetType: type }, bmc.ask);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (want !== null && (await bmc.system()).body['PowerState'] === want) return; // refused because it is there
    // some HPE list no types and take none: without one a system that is off is switched on
    const wording = isRefusal(error, 'ActionParameterNotSupported', 'ActionParameterUnknown');
    if (known !== null || want !== 'On' || !wording) throw error;
    await bmc.client.post(target, {}, bmc.ask);
  }
}

/** The types a system lists, with the action or in its ActionInfo; null when it lists none. */
async function resetTypes(bmc: RedfishBmc, action: Record<string, unknown>): Promise<string[] | null> {
  const listed = textsOf(action['ResetType@Redfish.AllowableValues']);
  if (listed.length > 0) return listed;
  const info = textOf(action['@Redfish.ActionInfo']);
  const found = info === null ? undefined : await bmc.client.find(info, bmc.ask);
  const parameter = objectsOf(found?.body['Parameters']).find((one) => one['Name'] === 'ResetType');
  const values = textsOf(parameter?.['AllowableValues']);
  return values.length > 0 ? values : null;
}
