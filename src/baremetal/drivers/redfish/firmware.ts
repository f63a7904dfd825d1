import { Type } from 'typebox';
import { IngotError } from '#kernel/errors';
import type { Resource, Written } from '#protocols/redfish/client';
import { errors as redfishErrors } from '#protocols/redfish/errors';
import { objectAt, objectsOf, textOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { DriverCall, FirmwareComponent, FirmwareInterface } from '../contract.ts';
import { RedfishBmc, type RedfishContext } from './bmc.ts';
import { REDFISH_PROPERTIES, redfishSettings } from './settings.ts';
import { redfishStep, settingsOf } from './step.ts';
import { awaitTask } from './tasks.ts';

const UPDATE_MS = 60 * 60_000;
/** A BMC that flashed itself is gone for minutes. */
const RETURN_MS = 15 * 60_000;
const LOOK_MS = 2_000;

/** Firmware versions, and updates that the BMC fetches by itself. */
export function redfishFirmware(context: RedfishContext): FirmwareInterface {
  const update = redfishStep(
    context,
    'firmware',
    'update',
    async (bmc, call, args) => {
      for (const one of settingsOf(args, 'update')) {
        const component = textOf(one['component']);
        const url = textOf(one['url']);
        if (component === null || url === null || !/^https?:\/\//.test(url)) {
          throw errors.InvalidParameterValue('Each of settings needs a component and a url of http or https.');
        }
        await updateOne(bmc, call, component, url);
      }
    },
    Type.Object({ settings: Type.Array(Type.Object({ component: Type.String(), url: Type.String() })) }),
  );
  const steps = [update];
  return {
    name: 'redfish',
    properties: REDFISH_PROPERTIES,
    validate: (node) => {
      redfishSettings(node);
    },
    steps: () => steps,
    components: (call) => components(new RedfishBmc(context, call)),
  };
}

/** The system's BIOS, its BMC, and its network adapters by id. */
async function components(bmc: RedfishBmc): Promise<FirmwareComponent[]> {
  const system = await bmc.system();
  const found = [component('bios', textOf(system.body['BiosVersion']), system)];
  for (const manager of (await bmc.managers(system)).slice(0, 1)) {
    found.push(component('bmc', textOf(manager.body['FirmwareVersion']), manager));
  }
  for (const chassis of await bmc.chassis(system)) {
    for (const adapter of await bmc.client.members(chassis.body['NetworkAdapters'], bmc.ask)) {
      const [controller] = objectsOf(adapter.body['Controllers']);
      found.push(
        component(`nic:${textOf(adapter.body['Id'])}`, textOf(controller?.['FirmwarePackageVersion']), adapter),
      );
    }
  }
  return found.filter((one) => one.current_version !== null);
}

function component(name: string, version: string | null, { body }: Resource): FirmwareComponent {
  return {
    component: name,
    initial_version: version ?? '',
    current_version: version,
    last_version_flashed: null,
    vendor: textOf(body['Manufacturer']),
    model: textOf(body['Model']),
    serial_number: textOf(body['SerialNumber']),
  };
}

async function versionOf(bmc: RedfishBmc, name: string): Promise<string | null> {
  return (await components(bmc)).find((one) => one.component === name)?.current_version ?? null;
}

async function updateOne(bmc: RedfishBmc, call: DriverCall, name: string, url: string): Promise<void> {
  const before = await versionOf(bmc, name);
  if (before === null) throw errors.InvalidParameterValue(`The machine has no firmware component ${name}.`);
  // a successor that finds the BMC at work on this image waits for it instead of sending it again
  const begun = call.resumed ? await begunTask(bmc, url) : undefined;
  const written = begun ?? (await start(bmc, url));
  let end = await awaitTask(bmc, written, `the firmware of ${name}`, UPDATE_MS, true);
  if (end === 'reset') {
    await call.power.reboot();
    end = await awaitTask(bmc, written, `the firmware of ${name}`, UPDATE_MS);
  }
  const after = await backAgain(bmc, name, before, end === 'gone');
  if (end === 'gone' && after === before) {
    throw redfishErrors.RedfishTaskFailed(
      `the firmware of ${name}`,
      `the task is gone and the version still ${before}`,
    );
  }
  if (after === before && name !== 'bmc') await call.power.reboot(); // others count from the next start on
}

async function start(bmc: RedfishBmc, url: string): Promise<Written> {
  const service = await bmc.service('UpdateService');
  const action = objectAt(service?.body, 'Actions', '#UpdateService.SimpleUpdate');
  const target = textOf(action['target']);
  if (target === null) throw errors.UnsupportedDriverExtension(bmc.call.node.driver, 'firmware.update on this BMC');
  return bmc.patiently(() => bmc.client.post(target, { ImageURI: url }, bmc.ask));
}

/** A task whose request named this image. */
async function begunTask(bmc: RedfishBmc, url: string): Promise<Written | undefined> {
  const service = await bmc.service('TaskService');
  const tasks = await bmc.client.members(service?.body['Tasks'], bmc.ask);
  const task = tasks.find((one) =>
    JSON.stringify(one.body['Payload'] ?? null).includes(JSON.stringify(url).slice(1, -1)),
  );
  return task === undefined ? undefined : { status: 202, body: task.body, location: task.path };
}

/** The version once the BMC answers again. Restarts begin some time after their task ended. */
async function backAgain(bmc: RedfishBmc, name: string, before: string, mayBeAway: boolean): Promise<string | null> {
  const until = bmc.clock.monotonic() + (name === 'bmc' || mayBeAway ? RETURN_MS : 0);
  for (;;) {
    try {
      const now = await versionOf(bmc, name);
      if (now !== before || bmc.clock.monotonic() >= until || (mayBeAway && name !== 'bmc')) return now;
    } catch (error) {
      bmc.ask.signal?.throwIfAborted();
      if (!(error instanceof IngotError) || bmc.clock.monotonic() >= until + RETURN_MS) throw error;
    }
    await bmc.clock.sleep(LOOK_MS, bmc.ask.signal);
  }
}
