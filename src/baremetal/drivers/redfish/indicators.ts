import type { Resource } from '#protocols/redfish/client';
import { textOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { RedfishBmc } from './bmc.ts';

const STATES = ['blinking', 'off', 'on'] as const;
const LED: Record<string, string> = { on: 'Lit', off: 'Off', blinking: 'Blinking' };

type Found = Record<string, Resource[]>;

/** What bears a lamp: the system, its chassis, and disks. */
async function bearers(bmc: RedfishBmc): Promise<Found> {
  const system = await bmc.system();
  const chassis = await bmc.chassis(system);
  const controllers = await bmc.client.members(system.body['Storage'], bmc.ask);
  const drives = controllers.flatMap((one) =>
    Array.isArray(one.body['Drives']) ? (one.body['Drives'] as { '@odata.id'?: string }[]) : [],
  );
  const links = drives.map((one) => one['@odata.id']).filter((link) => link !== undefined);
  const all = { system: [system], chassis, disk: await bmc.client.all(links, bmc.ask) };
  return Object.fromEntries(Object.entries(all).map(([name, list]) => [name, list.filter(hasLamp)]));
}

const hasLamp = ({ body }: Resource) =>
  typeof body['LocationIndicatorActive'] === 'boolean' || textOf(body['IndicatorLED']) !== null;

const idOf = (resource: Resource) => textOf(resource.body['Id']) ?? resource.path.split('/').at(-1) ?? '';
const canBlink = ({ body }: Resource) => typeof body['LocationIndicatorActive'] !== 'boolean';

export async function indicators(
  bmc: RedfishBmc,
): Promise<Record<string, { id: string; readonly: boolean; states: readonly string[] }[]>> {
  const found = Object.entries(await bearers(bmc)).filter(([, list]) => list.length > 0);
  return Object.fromEntries(
    found.map(([component, list]) => [
      component,
      list.map((one) => ({ id: idOf(one), readonly: false, states: canBlink(one) ? STATES : ['off', 'on'] })),
    ]),
  );
}

async function pick(bmc: RedfishBmc, component: string, id: string): Promise<Resource> {
  const list = (await bearers(bmc))[component];
  if (list === undefined) throw errors.InvalidParameterValue(`Invalid component ${component} specified.`);
  const found = list.find((one) => idOf(one) === id);
  if (found === undefined) throw errors.InvalidParameterValue(`Invalid indicator ${id} specified.`);
  return found;
}

export async function getIndicator(bmc: RedfishBmc, component: string, id: string): Promise<string> {
  const { body } = await pick(bmc, component, id);
  if (typeof body['LocationIndicatorActive'] === 'boolean') return body['LocationIndicatorActive'] ? 'on' : 'off';
  const led = textOf(body['IndicatorLED']);
  return Object.keys(LED).find((state) => LED[state] === led) ?? 'unknown';
}

export async function setIndicator(bmc: RedfishBmc, component: string, id: string, state: string): Promise<void> {
  const led = LED[state];
  if (led === undefined) {
    throw errors.InvalidParameterValue(`Indicator ${id} of ${component} cannot be set to ${state}.`);
  }
  const found = await pick(bmc, component, id);
  if (!canBlink(found) && state === 'blinking') {
    throw errors.InvalidParameterValue(`Indicator ${id} of ${component} cannot be set to ${state}.`);
  }
  const change = canBlink(found) ? { IndicatorLED: led } : { LocationIndicatorActive: state === 'on' };
  await bmc.client.patch(found, change, bmc.ask);
}
