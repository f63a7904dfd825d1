import { isRefusal } from '#protocols/redfish/client';
import { type Json, objectAt, textOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { RedfishBmc } from './bmc.ts';
import { settingsWithBoot } from './boot-device.ts';

/** Null: the machine does not say (HPE Gen9, some Supermicro). */
export async function getBootMode(bmc: RedfishBmc): Promise<'uefi' | 'bios' | null> {
  const boot = objectAt((await bmc.system()).body, 'Boot');
  const mode = textOf(boot['BootSourceOverrideMode']);
  return mode === 'UEFI' ? 'uefi' : mode === 'Legacy' ? 'bios' : null;
}

/** Throws 400 where the mode cannot be set over Redfish. On some makes it counts from the next reset on. */
export async function setBootMode(bmc: RedfishBmc, mode: 'uefi' | 'bios'): Promise<void> {
  await bmc.patiently(async () => {
    const system = await bmc.system();
    const boot = objectAt(system.body, 'Boot');
    const wanted = mode === 'uefi' ? 'UEFI' : 'Legacy';
    const now = textOf(boot['BootSourceOverrideMode']);
    if (now === null) {
      throw errors.UnsupportedDriverExtension(bmc.call.node.driver, 'setting the boot mode of this machine');
    }
    if (now === wanted) return;
    const quirks = await bmc.quirks(system);
    const whole: Json = {
      BootSourceOverrideMode: wanted,
      BootSourceOverrideEnabled: boot['BootSourceOverrideEnabled'],
      BootSourceOverrideTarget: boot['BootSourceOverrideTarget'],
    };
    const place = (quirks.bootOnSettings ? await settingsWithBoot(bmc, system) : undefined) ?? system;
    const first = quirks.fullBootRequest ? whole : { BootSourceOverrideMode: wanted };
    try {
      await bmc.client.patch(place, { Boot: first }, bmc.ask);
    } catch (error) {
      if (!isRefusal(error, 400, 403, 422)) throw error;
      const other = (await settingsWithBoot(bmc, system)) ?? system;
      await bmc.client.patch(other, { Boot: whole }, bmc.ask);
    }
    if (quirks.changesByJob) bmc.call.notes.internal({ redfish_boot_mode_after_reset: mode });
  });
}

/** Null: unknown, because the machine has none or its BMC wants a licence for telling. */
export async function getSecureBoot(bmc: RedfishBmc): Promise<boolean | null> {
  const system = await bmc.system();
  try {
    const found = await bmc.client.follow(system.body['SecureBoot'], bmc.ask);
    const current = textOf(found?.body['SecureBootCurrentBoot']);
    if (current !== null) return current === 'Enabled';
    const enabled = found?.body['SecureBootEnable'];
    return typeof enabled === 'boolean' ? enabled : null;
  } catch (error) {
    if (isRefusal(error, 401, 403, 'OemLicenseNotPassed')) return null;
    throw error;
  }
}

/** Counts from the next start of the machine on. Throws 400 where there is no Secure Boot. */
export async function setSecureBoot(bmc: RedfishBmc, on: boolean): Promise<void> {
  await bmc.patiently(async () => {
    const system = await bmc.system();
    const found = await bmc.client.follow(system.body['SecureBoot'], bmc.ask);
    if (found === undefined) {
      throw errors.UnsupportedDriverExtension(bmc.call.node.driver, 'Secure Boot on this machine');
    }
    if (found.body['SecureBootEnable'] === on) return;
    await bmc.client.patch(found, { SecureBootEnable: on }, bmc.ask);
  });
}
