import { Type } from 'typebox';
import { type Resource, isRefusal } from '#protocols/redfish/client';
import { errors as redfishErrors } from '#protocols/redfish/errors';
import { type Json, numberOf, objectAt, objectsOf, textOf, linkOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { BiosInterface, BiosSetting } from '../contract.ts';
import { RedfishBmc, type RedfishContext } from './bmc.ts';
import { REDFISH_PROPERTIES, redfishSettings } from './settings.ts';
import { redfishStep, settingsOf } from './step.ts';
import { awaitTask } from './tasks.ts';

/** From the reset until the settings show. */
const APPLY_MS = 20 * 60_000;
const LOOK_MS = 2_000;

/** BIOS settings: written as pending, applied by a reboot, read back. */
export function redfishBios(context: RedfishContext): BiosInterface {
  const apply = redfishStep(
    context,
    'bios',
    'apply_configuration',
    async (bmc, call, args) => {
      const wished: Json = Object.fromEntries(
        settingsOf(args, 'apply_configuration').map((one) => [String(one['name']), one['value']]),
      );
      const before = await biosOf(bmc);
      const wrong = differing(before, wished);
      if (Object.keys(wrong).length === 0) return; // also when an earlier life of this step did it
      const pending = await pendingOf(bmc, before);
      const typed = withTypes(before, wrong);
      if (Object.keys(differing(pending, typed)).length > 0) {
        await bmc.patiently(async () => {
          const written = await bmc.client.patch(await pendingOf(bmc, before), { Attributes: typed }, bmc.ask);
          await awaitTask(bmc, written, 'BIOS settings', APPLY_MS, true);
        });
      }
      await call.power.reboot();
      await until(bmc, async () => Object.keys(differing(await biosOf(bmc), wished)).length === 0);
    },
    Type.Object({ settings: Type.Array(Type.Object({ name: Type.String(), value: Type.Unknown() })) }),
  );
  const reset = redfishStep(context, 'bios', 'factory_reset', async (bmc, call) => {
    const bios = await biosOf(bmc);
    const target = textOf(objectAt(bios.body, 'Actions', '#Bios.ResetBios')['target']);
    if (target === null) throw errors.UnsupportedDriverExtension(call.node.driver, 'bios.factory_reset on this BMC');
    // an empty object: Dell refuses none
    await bmc.patiently(() => bmc.client.post(target, {}, bmc.ask));
    await call.power.reboot();
  });
  const steps = [apply, reset];
  return {
    name: 'redfish',
    properties: REDFISH_PROPERTIES,
    validate: (node) => {
      redfishSettings(node);
    },
    steps: () => steps,
    async settings(call) {
      const bmc = new RedfishBmc(context, call);
      const bios = await biosOf(bmc);
      const known = await registryOf(bmc, textOf(bios.body['AttributeRegistry']));
      return Object.entries(objectAt(bios.body, 'Attributes')).map(([name, value]) =>
        settingOf(name, value, known.get(name)),
      );
    },
  };
  async function until(bmc: RedfishBmc, isSo: () => Promise<boolean>): Promise<void> {
    const end = context.clock.monotonic() + APPLY_MS;
    while (!(await isSo())) {
      if (context.clock.monotonic() > end) throw redfishErrors.RedfishShape('took the BIOS settings, but shows others');
      await context.clock.sleep(LOOK_MS, bmc.ask.signal);
    }
  }
}

async function biosOf(bmc: RedfishBmc): Promise<Resource> {
  const found = await bmc.client.follow((await bmc.system()).body['Bios'], bmc.ask);
  if (found === undefined) throw errors.UnsupportedDriverExtension(bmc.call.node.driver, 'BIOS settings on this BMC');
  return found;
}

/** Where settings wait for a reset: as the BMC says, never a known path. Without such a place: the BIOS itself. */
async function pendingOf(bmc: RedfishBmc, bios: Resource): Promise<Resource> {
  const link = linkOf(objectAt(bios.body, '@Redfish.Settings')['SettingsObject']);
  return (link === null ? undefined : await bmc.client.find(link, bmc.ask)) ?? bios;
}

/** Those of `wished` that are not so. Values are compared as text: clients send numbers and booleans so. */
function differing(resource: Resource, wished: Json): Json {
  const now = objectAt(resource.body, 'Attributes');
  return Object.fromEntries(Object.entries(wished).filter(([name, value]) => String(now[name]) !== String(value)));
}

/** Values in the types the BMC has them in. */
function withTypes(bios: Resource, wished: Json): Json {
  const now = objectAt(bios.body, 'Attributes');
  return Object.fromEntries(
    Object.entries(wished).map(([name, value]) => {
      if (typeof now[name] === 'number' && numberOf(value) !== null) return [name, numberOf(value)];
      if (typeof now[name] === 'boolean') return [name, String(value).toLowerCase() === 'true'];
      return [name, value];
    }),
  );
}

/** What the attribute registry says of each setting; empty where there is none to be had. */
async function registryOf(bmc: RedfishBmc, name: string | null): Promise<Map<string, Json>> {
  const known = new Map<string, Json>();
  if (name === null) return known;
  try {
    const registries = await bmc.service('Registries');
    const base = name.replace(/\.\d+(\.\d+)*$/, '');
    const links = await bmc.client.links({ '@odata.id': registries?.path }, bmc.ask);
    const link = links.find((one) => one.endsWith(`/${name}`)) ?? links.find((one) => one.includes(base));
    const file = link === undefined ? undefined : await bmc.client.find(link, bmc.ask);
    const places = objectsOf(file?.body['Location']);
    const place = places.find((one) => String(one['Language']).startsWith('en')) ?? places[0];
    const uri = textOf(place?.['Uri']);
    const registry = uri === null ? file : await bmc.client.find(uri, bmc.ask);
    for (const one of objectsOf(objectAt(registry?.body, 'RegistryEntries')['Attributes'])) {
      const attribute = textOf(one['AttributeName']);
      if (attribute !== null) known.set(attribute, one);
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  return known;
}

function settingOf(name: string, value: unknown, facts: Json | undefined): BiosSetting {
  const setting: BiosSetting = { name, value: value === null || value === undefined ? null : String(value) };
  if (facts === undefined) return setting;
  const boolean = (key: string) => (typeof facts[key] === 'boolean' ? facts[key] : null);
  const values = objectsOf(facts['Value']).map((one) => textOf(one['ValueName']));
  return {
    ...setting,
    attribute_type: textOf(facts['Type']),
    allowable_values: values.length > 0 ? values.filter((one) => one !== null) : null,
    lower_bound: numberOf(facts['LowerBound']),
    upper_bound: numberOf(facts['UpperBound']),
    min_length: numberOf(facts['MinLength']),
    max_length: numberOf(facts['MaxLength']),
    read_only: boolean('ReadOnly'),
    reset_required: boolean('ResetRequired'),
    unique: boolean('IsSystemUniqueProperty'),
  };
}
