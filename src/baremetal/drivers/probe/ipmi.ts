import { messageOf } from '#kernel/errors';
import { type BmcReport, NO_BOOT } from '../../model/bmc-report.ts';
import type { BmcPlace } from '../../model/bmc-ranges.ts';
import type { Document } from '../../model/node.ts';
import { IpmiBmc, IpmiTools } from '../ipmi/bmc.ts';
import { BOOT_DEVICES } from '../ipmi/boot-device.ts';
import { ipmiTarget } from '../ipmi/settings.ts';
import { candidateNode, readingCall } from './candidate.ts';
import type { ProbeParts } from './contract.ts';
import { type Detected, IPMI_PORT } from './detect.ts';

/** What FRU data tell of the machine, in ipmitool's words. */
const FRU = {
  vendor: /^\s*Product Manufacturer\s*:\s*(.+)$/m,
  model: /^\s*Product Name\s*:\s*(.+)$/m,
  serial: /^\s*Product Serial\s*:\s*(.+)$/m,
  board: /^\s*Board Mfg\s*:\s*(.+)$/m,
};

type Facts = Omit<BmcReport, 'place' | 'protocol' | 'protocols' | 'driver' | 'fingerprint' | 'error' | 'command'>;

/**
 * What can be read of a machine over IPMI: power, make, ids. NICs cannot. The cipher suite is chosen before the login, by what
 * the BMC says without one, and one privilege is asked for: trying more would be trying the password.
 */
export async function probeIpmi(
  place: BmcPlace,
  found: NonNullable<Detected['ipmi']>,
  parts: ProbeParts,
): Promise<Facts> {
  const { login, clock } = parts;
  const { suites } = found.presence;
  const suite = suites === null || suites.includes(17) ? 17 : 3;
  const info: Document = {
    ipmi_address: place.host,
    ...(found.port === IPMI_PORT ? {} : { ipmi_port: found.port }),
    ...(login.username === null ? {} : { ipmi_username: login.username }),
    ...(suite === 17 ? {} : { ipmi_cipher_suite: suite }),
  };
  const node = candidateNode(
    'ipmi',
    { ...info, ipmi_cipher_suite: suite, ipmi_priv_level: 'ADMINISTRATOR' },
    login.password,
  );
  const call = readingCall(node, parts.lease, parts.signal);
  const tools = new IpmiTools(clock);
  const bmc = new IpmiBmc(tools, call);
  const notes: string[] = [];
  // the first login; what it throws ends the visit
  const status = await bmc.status();
  const maybe = async <T>(what: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      parts.signal.throwIfAborted();
      notes.push(`${what}: ${messageOf(error)}`);
      return null;
    }
  };
  const id = await maybe('device id', () => bmc.read('device id', [0x06, 0x01]));
  const guid = await maybe('system GUID', () => bmc.read('system GUID', [0x06, 0x37]));
  const tool = tools.of(ipmiTarget(node));
  const fru = (await maybe('FRU', () => tool.command('fru', ['fru', 'print', '0'], readOnly(parts)))) ?? '';
  const told = (pattern: RegExp) => pattern.exec(fru)?.[1]?.trim() || null;
  notes.push('IPMI tells nothing of network cards, disks and virtual media: inspection has to boot the machine.');
  return {
    driver_info: info,
    vendor: told(FRU.vendor) ?? told(FRU.board),
    model: told(FRU.model),
    serial: told(FRU.serial),
    uuid: guid === null ? null : uuidOf(guid),
    firmware:
      id === null || id.length < 4 ? null : `${(id[2] ?? 0) & 0x7f}.${(id[3] ?? 0).toString(16).padStart(2, '0')}`,
    bios_version: null,
    power_state: status.on ? 'power on' : 'power off',
    health: status.powerFault || status.driveFault || status.coolingFault ? 'Warning' : 'OK',
    boot: { ...NO_BOOT, devices: [...BOOT_DEVICES] },
    quirks: [],
    properties: {},
    macs: [],
    notes,
  };
}

const readOnly = ({ signal }: ProbeParts) => ({ signal, beforeWrite: () => {} });

/**
 * A GUID as text. The standard wants it backwards (20.8), boards give it as SMBIOS has it or as it is printed: taken is the
 * first reading that is a UUID of a known version, for only that can be the machine's in SMBIOS.
 */
export function uuidOf(guid: Buffer): string | null {
  const bytes = guid.subarray(0, 16);
  if (bytes.length < 16 || bytes.every((byte) => byte === 0) || bytes.every((byte) => byte === 0xff)) return null;
  const swapped = Buffer.from(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  const readings = [swapped, Buffer.from(bytes).reverse(), bytes].map(dashed);
  return readings.find((one) => /^.{14}[1-5].{4}[89ab]/.test(one)) ?? readings[0] ?? null;
}

const dashed = (bytes: Buffer) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
