import { bootFlagBytes, readBootFlags } from '#protocols/ipmi/chassis';
import { errors as ipmiErrors } from '#protocols/ipmi/errors';
import { errors } from '../../errors.ts';
import type { Document, Node } from '../../model/node.ts';
import { type IpmiBmc, isCompletion, noteIpmiQuirks } from './bmc.ts';

/** Ironic's boot devices and the selectors of IPMI 2.0, table 28-14. */
const SELECTORS: Record<string, number> = { pxe: 0x04, disk: 0x08, safe: 0x0c, cdrom: 0x14, bios: 0x18 };
/** Supermicro boots a UEFI disk by its own selector (openstack/ironic, ipmitool.py). */
const SUPERMICRO_UEFI_DISK = 0x24;
/** IANA's number of Supermicro, in Get Device ID. */
const SUPERMICRO = 10_876;

export const BOOT_DEVICES: readonly string[] = Object.keys(SELECTORS);

/** The device to set again before each power on. In driver_internal_info. */
const REAPPLY_NOTE = 'ipmi_boot_device_each_time';

export async function getBootDevice(
  bmc: IpmiBmc,
): Promise<{ bootDevice: string | null; persistent: boolean | null; mode: 'uefi' | 'bios' | null }> {
  const data = await bmc.read('boot flags', [0x00, 0x09, 0x05, 0x00, 0x00]);
  const flags = readBootFlags(data);
  if (flags === undefined) throw ipmiErrors.IpmiGarbage('boot flags', data.toString('hex'));
  if (!flags.valid || flags.selector === 0) return { bootDevice: null, persistent: null, mode: null };
  const isSupermicroDisk = flags.uefi && flags.selector === SUPERMICRO_UEFI_DISK;
  const named = Object.keys(SELECTORS).find((one) => SELECTORS[one] === flags.selector) ?? null;
  const bootDevice = isSupermicroDisk ? 'disk' : named;
  return { bootDevice, persistent: flags.persistent, mode: flags.uefi ? 'uefi' : 'bios' };
}

/**
 * Sets device, duration and UEFI flag at once, in raw bytes: older ipmitools cannot combine them, and without the
 * flag many BMCs fall back to legacy boot. Throws 400 for a device that is none.
 */
export async function setBootDevice(bmc: IpmiBmc, device: string, persistent: boolean): Promise<void> {
  const usual = SELECTORS[device];
  if (usual === undefined) {
    throw errors.InvalidParameterValue(
      `Invalid boot device ${device} specified: it must be one of ${BOOT_DEVICES.join(', ')}.`,
    );
  }
  const { node, notes } = bmc.call;
  const uefi = wantsUefi(node);
  const selector = device === 'disk' && uefi && (await isSupermicro(bmc)) ? SUPERMICRO_UEFI_DISK : usual;
  if (isOn(node.driverInfo, 'ipmi_disable_boot_timeout', true)) await keepBootFlags(bmc);
  await bmc.set('set boot flags', [0x00, 0x08, 0x05, ...bootFlagBytes({ persistent, uefi, selector })]);
  const each = persistent && isOn(node.driverInfo, 'ipmi_force_boot_device', false);
  notes.internal({ [REAPPLY_NOTE]: each ? device : undefined });
}

/**
 * Lenovo stops at a question when the BMC was told a boot device and the UEFI boot entries changed (Ironic's release
 * note limit-boot-to-disk-calls-lenovo): takes the device back there. False for all others.
 */
export async function leaveBootToFirmware(bmc: IpmiBmc): Promise<boolean> {
  const { node, notes } = bmc.call;
  const vendor = node.properties?.['vendor'];
  if (typeof vendor !== 'string' || vendor.toLowerCase() !== 'lenovo' || !wantsUefi(node)) return false;
  notes.internal({ [REAPPLY_NOTE]: undefined });
  noteIpmiQuirks(bmc.call, ['lenovo-firmware-order']);
  if ((await getBootDevice(bmc)).bootDevice !== null)
    await bmc.set('clear boot flags', [0x00, 0x08, 0x05, 0, 0, 0, 0, 0]);
  return true;
}

/** Does its BMC forget the boot device with its power? */
export const forgetsBootDevice = (bmc: IpmiBmc) => typeof bmc.call.node.driverInternalInfo?.[REAPPLY_NOTE] === 'string';

/** Before power on: sets again what the BMC forgot with its power. */
export async function reapplyBootDevice(bmc: IpmiBmc): Promise<void> {
  const device = bmc.call.node.driverInternalInfo?.[REAPPLY_NOTE];
  if (typeof device === 'string') await setBootDevice(bmc, device, true);
}

/** Boot option 3: flags stay valid although the machine does not restart within 60 s. OpenBMC does not know it. */
async function keepBootFlags(bmc: IpmiBmc): Promise<void> {
  try {
    await bmc.set('keep boot flags', [0x00, 0x08, 0x03, 0x08]);
  } catch (error) {
    if (!isCompletion(error, 0x80, 0xc1, 0xc9, 0xcc)) throw error;
  }
}

/** As the node's capabilities say; UEFI when they say nothing. */
function wantsUefi(node: Node): boolean {
  const said = [node.instanceInfo?.['capabilities'], node.properties?.['capabilities']].map(bootModeOf);
  return said.find((one) => one !== undefined) !== 'bios';
}

/** Capabilities are text (`boot_mode:uefi,secure_boot:true`) or an object. */
function bootModeOf(capabilities: unknown): string | undefined {
  if (typeof capabilities === 'string') return /(?:^|,)\s*boot_mode:(\w+)/.exec(capabilities)?.[1];
  const value = (capabilities as Document | null | undefined)?.['boot_mode'];
  return typeof value === 'string' ? value : undefined;
}

async function isSupermicro(bmc: IpmiBmc): Promise<boolean> {
  const told = bmc.call.node.properties?.['vendor'];
  if (typeof told === 'string') return told.toLowerCase() === 'supermicro';
  const id = await bmc.read('device id', [0x06, 0x01]);
  const isIt = id.length >= 9 && id.readUIntLE(6, 3) === SUPERMICRO;
  if (isIt) noteIpmiQuirks(bmc.call, ['supermicro-uefi-disk']);
  return isIt;
}

function isOn(info: Document, key: string, or: boolean): boolean {
  const value = info[key];
  if (value === undefined || value === null || value === '') return or;
  return ['true', 't', 'yes', 'on', '1'].includes(String(value).toLowerCase());
}
