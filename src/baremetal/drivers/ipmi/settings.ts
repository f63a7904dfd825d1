import { isIP } from 'node:net';
import { Secret } from '#kernel/secret';
import type { Bridge, IpmiTarget } from '#protocols/ipmi/target';
import { errors } from '../../errors.ts';
import type { Document, Node } from '../../model/node.ts';

/** Keys of driver_info, for the API's list of a driver's properties. */
export const IPMI_PROPERTIES: Record<string, string> = {
  ipmi_address: 'IP address or host name of the BMC. Required.',
  ipmi_port: 'UDP port. Default 623. Optional.',
  ipmi_username: 'User name at the BMC. Optional.',
  ipmi_password: 'Password of that user. Optional.',
  ipmi_hex_kg_key: 'K_g key as 40 hexadecimal digits. Optional.',
  ipmi_priv_level:
    'ADMINISTRATOR, OPERATOR, USER or CALLBACK. Default: ADMINISTRATOR is tried, then OPERATOR. Optional.',
  ipmi_protocol_version: '2.0 or 1.5. Default 2.0. Optional.',
  ipmi_cipher_suite: 'Number of the cipher suite. Default: 17 is tried, then 3. Optional.',
  ipmi_bridging: 'no, single or dual. Default no. Optional.',
  ipmi_local_address: 'Local IPMB address for bridged requests. Optional.',
  ipmi_transit_channel: 'Transit channel for dual bridging. Optional.',
  ipmi_transit_address: 'Transit address for dual bridging. Optional.',
  ipmi_target_channel: 'Target channel for bridged requests. Required for bridging.',
  ipmi_target_address: 'Target address for bridged requests. Required for bridging.',
  ipmi_force_boot_device: 'true: set the boot device again before each power on. Default false. Optional.',
  ipmi_disable_boot_timeout:
    'false: do not tell the BMC to keep boot flags longer than 60 s, which OpenBMC refuses. Default true. Optional.',
  ipmi_min_command_interval: 'Seconds between two commands to this BMC. Default 0. Optional.',
};

const PRIVILEGES = ['ADMINISTRATOR', 'OPERATOR', 'USER', 'CALLBACK'] as const;

/** Reads driver_info. Throws 400 with a sentence. Touches nothing. */
export function ipmiTarget(node: Node): IpmiTarget {
  const info = node.driverInfo;
  const address = info['ipmi_address'];
  if (typeof address !== 'string' || address.trim() === '') {
    throw errors.MissingParameterValue('Missing the following required driver_info: ipmi_address.');
  }
  if (isIP(address) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(address)) {
    throw errors.InvalidParameterValue(`Invalid ipmi_address "${address}": it must be an IP address or a host name.`);
  }
  const username = textAt(info, 'ipmi_username');
  if (username !== null && username.startsWith('-')) {
    throw errors.InvalidParameterValue('Invalid ipmi_username: it may not begin with "-".');
  }
  const password = secretAt(node, 'ipmi_password');
  const suite = info['ipmi_cipher_suite'];
  return {
    address,
    port: wholeAt(info, 'ipmi_port', 623, 1, 65_535),
    username,
    password,
    kg: kgOf(secretAt(node, 'ipmi_hex_kg_key')),
    privilege: textAt(info, 'ipmi_priv_level') === null ? null : oneOf(info, 'ipmi_priv_level', PRIVILEGES, 'USER'),
    protocol: oneOf(info, 'ipmi_protocol_version', ['2.0', '1.5'], '2.0'),
    cipherSuite: suite === undefined || suite === null ? null : wholeAt(info, 'ipmi_cipher_suite', 17, 0, 255),
    bridge: bridgeOf(info),
    intervalMs: wholeAt(info, 'ipmi_min_command_interval', 0, 0, 60) * 1000,
  };
}

function textAt(info: Document, key: string): string | null {
  const value = info[key];
  return value === undefined || value === null || value === '' ? null : String(value);
}

/** A secret that is kept sealed, or a key that is not known as one. */
function secretAt(node: Node, key: string): Secret | null {
  const value = node.secrets?.driverInfo[key]?.reveal() ?? node.driverInfo[key];
  return value === undefined || value === null || value === '' ? null : new Secret(String(value));
}

function kgOf(kg: Secret | null): Secret | null {
  if (kg === null || /^[0-9a-f]{40}$/i.test(kg.reveal())) return kg;
  throw errors.InvalidParameterValue('Invalid ipmi_hex_kg_key: it must be 40 hexadecimal digits.');
}

function wholeAt(info: Document, key: string, or: number, least: number, most: number): number {
  const text = textAt(info, key);
  if (text === null) return or;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw errors.InvalidParameterValue(`Invalid ${key} "${text}": it must be a whole number from ${least} to ${most}.`);
}

function oneOf<T extends string>(info: Document, key: string, values: readonly T[], or: T): T {
  const text = textAt(info, key);
  if (text === null) return or;
  const found = values.find((one) => one === text.toUpperCase());
  if (found !== undefined) return found;
  throw errors.InvalidParameterValue(`Invalid ${key} "${text}": it must be one of ${values.join(', ')}.`);
}

function bridgeOf(info: Document): Bridge | null {
  const kind = oneOf(info, 'ipmi_bridging', ['NO', 'SINGLE', 'DUAL'], 'NO');
  if (kind === 'NO') return null;
  const need = (key: string): string => {
    const text = addressAt(info, key);
    if (text === null) throw errors.MissingParameterValue(`Missing for ${kind.toLowerCase()} bridging: ${key}.`);
    return text;
  };
  const dual = kind === 'DUAL';
  return {
    localAddress: addressAt(info, 'ipmi_local_address'),
    transitChannel: dual ? need('ipmi_transit_channel') : null,
    transitAddress: dual ? need('ipmi_transit_address') : null,
    targetChannel: need('ipmi_target_channel'),
    targetAddress: need('ipmi_target_address'),
  };
}

/** Numbers only: they become arguments of a program. */
function addressAt(info: Document, key: string): string | null {
  const text = textAt(info, key);
  if (text === null || /^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(text)) return text;
  throw errors.InvalidParameterValue(`Invalid ${key} "${text}": it must be a number such as 0x20.`);
}
