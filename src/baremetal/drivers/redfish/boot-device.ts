import { type Resource, isRefusal } from '#protocols/redfish/client';
import { errors as redfishErrors } from '#protocols/redfish/errors';
import { type Json, objectAt, textOf, textsOf } from '#protocols/redfish/json';
import { errors } from '../../errors.ts';
import type { RedfishBmc } from './bmc.ts';
import { setMediaBoot } from './dell.ts';
import type { QuirkFlags } from './quirks.ts';

/** Ironic's names of boot devices and Redfish's. */
const TARGETS: Record<string, readonly string[]> = {
  pxe: ['Pxe'],
  disk: ['Hdd'],
  cdrom: ['Cd', 'UsbCd'],
  bios: ['BiosSetup'],
  uefihttp: ['UefiHttp'],
  floppy: ['Floppy', 'Usb'],
};

export const BOOT_DEVICES: readonly string[] = Object.keys(TARGETS);

/** The device to set again before each power on, where the BMC keeps none for good. In driver_internal_info. */
const REAPPLY_NOTE = 'redfish_boot_device_each_time';
const READ_BACK_MS = 1_000;

export interface BootDevice {
  bootDevice: string | null;
  persistent: boolean | null;
}

export async function getBootDevice(bmc: RedfishBmc): Promise<BootDevice> {
  const boot = objectAt((await bmc.system()).body, 'Boot');
  const target = textOf(boot['BootSourceOverrideTarget']);
  const enabled = textOf(boot['BootSourceOverrideEnabled']);
  const each = bmc.call.node.driverInternalInfo?.[REAPPLY_NOTE];
  if (typeof each === 'string' && enabled !== 'Continuous') return { bootDevice: each, persistent: true };
  if (target === null || target === 'None' || enabled === 'Disabled') return { bootDevice: null, persistent: null };
  const device = Object.keys(TARGETS).find((one) => TARGETS[one]?.includes(target)) ?? null;
  return { bootDevice: device, persistent: enabled === null ? null : enabled === 'Continuous' };
}

/** Sets the device and reads it back. Throws 400 for a device that is none or that the BMC does not have. */
export async function setBootDevice(bmc: RedfishBmc, device: string, persistent: boolean): Promise<void> {
  if (TARGETS[device] === undefined) {
    throw errors.InvalidParameterValue(
      `Invalid boot device ${device} specified: it must be one of ${BOOT_DEVICES.join(', ')}.`,
    );
  }
  let first = true;
  await bmc.patiently(async () => {
    const system = await (first ? bmc.systemJustRead() : bmc.system());
    first = false;
    const quirks = await bmc.quirks(system);
    const boot = objectAt(system.body, 'Boot');
    const enabledValues = textsOf(boot['BootSourceOverrideEnabled@Redfish.AllowableValues']);
    const forGood = persistent && (enabledValues.length === 0 || enabledValues.includes('Continuous'));
    const wish: Wish = {
      target: targetOf(device, boot, quirks),
      enabled: forGood ? 'Continuous' : 'Once',
      mode: textOf(boot['BootSourceOverrideMode']),
    };
    let eachTime = persistent && !forGood;
    try {
      await write(bmc, system, wish, quirks);
    } catch (error) {
      // the list of values is missing or a lie
      if (!forGood || !isRefusal(error, 'PropertyValueNotInList', 'PropertyValueConflict')) throw error;
      await write(bmc, await bmc.system(), { ...wish, enabled: 'Once' }, quirks);
      eachTime = true;
    }
    if (quirks.mediaBootByAttributes) await setMediaBoot(bmc, system, device, persistent);
    if (quirks.bootJobMs !== undefined) bmc.holdStart(quirks.bootJobMs);
    bmc.call.notes.internal({ [REAPPLY_NOTE]: eachTime ? device : undefined });
  });
}

/**
 * Makes the next start an HTTP boot of `url`. The URL goes first: it is refused by BMCs that know none, and the
 * target alone would boot what DHCP says. Throws 400 for a BMC without HTTP boot.
 */
export async function setHttpBoot(bmc: RedfishBmc, url: string): Promise<void> {
  const system = await bmc.systemJustRead();
  targetOf('uefihttp', objectAt(system.body, 'Boot'), await bmc.quirks(system));
  try {
    await bmc.client.patch(system, { Boot: { HttpBootUri: url } }, bmc.ask);
  } catch (error) {
    if (!isRefusal(error, 400, 403, 405, 422)) throw error;
    throw errors.InvalidParameterValue('This BMC takes no URL for HTTP boot.');
  }
  await setBootDevice(bmc, 'uefihttp', false);
}

/** Leaves booting to the UEFI boot order where the make wants that; false where it does not. */
export async function leaveBootToFirmware(bmc: RedfishBmc): Promise<boolean> {
  return await bmc.patiently(async () => {
    const system = await bmc.system();
    const boot = objectAt(system.body, 'Boot');
    const { firmwareOrderOnly } = await bmc.quirks(system);
    if (firmwareOrderOnly !== true || boot['BootSourceOverrideMode'] === 'Legacy') return false;
    bmc.call.notes.internal({ [REAPPLY_NOTE]: undefined });
    if (textOf(boot['BootSourceOverrideEnabled']) !== 'Disabled')
      await bmc.client.patch(system, { Boot: { BootSourceOverrideEnabled: 'Disabled' } }, bmc.ask);
    return true;
  });
}

/** Before power on: sets again what the BMC forgot. */
export async function reapplyBootDevice(bmc: RedfishBmc): Promise<void> {
  const device = bmc.call.node.driverInternalInfo?.[REAPPLY_NOTE];
  if (typeof device !== 'string') return;
  const system = await bmc.system();
  if (textOf(objectAt(system.body, 'Boot')['BootSourceOverrideEnabled']) !== 'Disabled') return;
  await setBootDevice(bmc, device, true);
}

interface Wish {
  target: string;
  enabled: 'Once' | 'Continuous';
  /** As it was and shall stay. */
  mode: string | null;
}

function targetOf(device: string, boot: Json, quirks: QuirkFlags): string {
  const names = TARGETS[device] ?? [];
  const listed = textsOf(boot['BootSourceOverrideTarget@Redfish.AllowableValues']);
  const wished = device === 'cdrom' && quirks.mediaTarget !== undefined ? [quirks.mediaTarget, ...names] : names;
  if (listed.length === 0) return wished[0] ?? device;
  const found = wished.find((one) => listed.includes(one));
  if (found !== undefined) return found;
  throw errors.InvalidParameterValue(
    `Invalid boot device ${device} specified: this BMC boots from ${listed.join(', ')} only.`,
  );
}

/**
 * Makes differ in what must and what must not go along with the target, and say it only by refusing or by doing
 * something else. So: the mildest request first, then fuller ones, until what is read back is what was wished.
 */
async function write(bmc: RedfishBmc, before: Resource, wish: Wish, quirks: QuirkFlags): Promise<void> {
  let refusal: unknown;
  let system = before;
  for (const [at, form] of forms(objectAt(before.body, 'Boot'), wish, quirks).entries()) {
    // After a form that was refused or not kept its ETag may be another.
    if (at > 0) system = await bmc.system();
    const place = quirks.bootOnSettings ? ((await settingsWithBoot(bmc, system)) ?? system) : system;
    try {
      await bmc.client.patch(place, { Boot: form }, bmc.ask);
    } catch (error) {
      if (!isRefusal(error, 400, 403, 405, 409, 422)) throw error;
      if (isRefusal(error, 'PropertyNotWritable') && !quirks.bootOnSettings) {
        const settings = await settingsWithBoot(bmc, before);
        if (settings !== undefined) return write(bmc, before, wish, { ...quirks, bootOnSettings: true });
      }
      refusal = error;
      continue;
    }
    if (await isSo(bmc, wish)) return;
  }
  throw refusal ?? redfishErrors.RedfishShape(`accepts the boot device ${wish.target}, but does not keep it`);
}

function forms(boot: Json, wish: Wish, quirks: QuirkFlags): Json[] {
  const target = { BootSourceOverrideTarget: wish.target };
  const enabled = { ...target, BootSourceOverrideEnabled: wish.enabled };
  const full = wish.mode === null ? enabled : { ...enabled, BootSourceOverrideMode: wish.mode };
  // most refuse Enabled when it does not change
  const mild = boot['BootSourceOverrideEnabled'] === wish.enabled ? target : enabled;
  if (quirks.fullBootRequest) return [full, enabled, target];
  return quirks.alwaysSendEnabled ? [enabled, full, target] : [mild, enabled, full];
}

async function isSo(bmc: RedfishBmc, wish: Wish): Promise<boolean> {
  for (let look = 0; look < 2; look++) {
    if (look > 0) await bmc.clock.sleep(READ_BACK_MS, bmc.ask.signal);
    const boot = objectAt((await bmc.system()).body, 'Boot');
    const mode = textOf(boot['BootSourceOverrideMode']);
    const isTarget = boot['BootSourceOverrideTarget'] === wish.target;
    if (isTarget && boot['BootSourceOverrideEnabled'] === wish.enabled && mode === wish.mode) return true;
  }
  return false;
}

/** The system's Settings resource, where Boot can be written on it. */
export async function settingsWithBoot(bmc: RedfishBmc, system: Resource): Promise<Resource | undefined> {
  const settings = objectAt(system.body, '@Redfish.Settings');
  const found = await bmc.client.follow(settings['SettingsObject'], bmc.ask);
  return found !== undefined && 'Boot' in found.body ? found : undefined;
}
