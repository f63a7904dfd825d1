import type { BmcAccess, BmcTrust } from '#protocols/bmc-http/access';
import { Secret } from '#kernel/secret';
import { errors } from '../../errors.ts';
import type { Node } from '../../model/node.ts';

/** Where the first certificate of a BMC that is pinned on first use is remembered, in driver_internal_info. */
export const PIN_NOTE = 'redfish_tls_pin';

/** Keys of driver_info, for the API's list of a driver's properties. */
export const REDFISH_PROPERTIES: Record<string, string> = {
  redfish_address: 'URL of the BMC, such as https://192.0.2.1; without a scheme https is meant. Required.',
  redfish_system_id:
    'Path of the system, such as /redfish/v1/Systems/1. Required only when the BMC has more than one. Optional.',
  redfish_username: 'User name at the BMC. Optional.',
  redfish_password: 'Password of that user. Optional.',
  redfish_verify_ca:
    'true: the certificate must be signed by an authority this host trusts. false: it is not looked at. A path: ' +
    'by the authorities in that PEM file. "pin": the first certificate seen is remembered and insisted on. ' +
    'Default true. Optional.',
  redfish_tls_fingerprint: 'SHA-256 fingerprint the certificate must have; goes before redfish_verify_ca. Optional.',
  redfish_auth_type: 'auto, session, basic or none. Default auto: a session, else basic. Optional.',
  redfish_tls_minimum_version: 'Lowest version of TLS: 1.0, 1.1, 1.2 or 1.3. Default 1.2. Optional.',
  redfish_tls_ciphers: 'Ciphers of TLS in the form of OpenSSL. Optional.',
};

const TLS = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const;
const AUTH = ['auto', 'session', 'basic', 'none'] as const;

/** What driver_info says of a node's Redfish service. */
export interface RedfishSettings {
  access: BmcAccess;
  /** Null: the only system there is. */
  systemPath: string | null;
}

/** Reads driver_info. Throws 400 with a sentence. Touches nothing. */
export function redfishSettings(node: Node): RedfishSettings {
  const info = node.driverInfo;
  const address = info['redfish_address'];
  if (typeof address !== 'string' || address.trim() === '') {
    throw errors.MissingParameterValue('Missing the following required driver_info: redfish_address.');
  }
  const username = info['redfish_username'];
  const password = node.secrets?.driverInfo['redfish_password']?.reveal();
  return {
    access: {
      origin: originOf(address.trim()),
      username: username === undefined || username === null || username === '' ? null : String(username),
      password: password === undefined ? null : new Secret(String(password)),
      auth: oneOf('redfish_auth_type', AUTH, info['redfish_auth_type'] ?? 'auto'),
      trust: trustOf(node),
      tlsMinimum: TLS[oneOf('redfish_tls_minimum_version', ['1.2', '1.3', '1.1', '1.0'], tlsVersion(node))],
      tlsCiphers: typeof info['redfish_tls_ciphers'] === 'string' ? info['redfish_tls_ciphers'] : null,
    },
    systemPath: systemOf(info['redfish_system_id']),
  };
}

function originOf(address: string): string {
  let url: URL;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(address) ? address : `https://${address}`);
  } catch (cause) {
    throw errors.InvalidParameterValue(`Invalid redfish_address "${address}": it is no URL.`, { cause });
  }
  if (!['https:', 'http:'].includes(url.protocol) || url.username !== '' || url.search !== '') {
    throw errors.InvalidParameterValue(`Invalid redfish_address "${address}": it must be http(s)://host[:port].`);
  }
  return url.origin;
}

function systemOf(id: unknown): string | null {
  if (id === undefined || id === null || id === '') return null;
  const text = String(id);
  if (/^\/redfish\/v1\/[^?#]+$/.test(text) && !text.includes('..')) return text;
  if (/^[\w.:-]+$/.test(text)) return `/redfish/v1/Systems/${text}`;
  throw errors.InvalidParameterValue(
    `Invalid redfish_system_id "${text}": it must be the path of a system, such as /redfish/v1/Systems/1.`,
  );
}

function trustOf(node: Node): BmcTrust {
  const info = node.driverInfo;
  const told = info['redfish_tls_fingerprint'];
  if (typeof told === 'string' && told !== '') {
    const plain = told.replaceAll(':', '').toLowerCase();
    if (/^[0-9a-f]{64}$/.test(plain)) return { kind: 'pin', fingerprint: plain };
    throw errors.InvalidParameterValue('Invalid redfish_tls_fingerprint: it must be 64 hexadecimal digits (SHA-256).');
  }
  const verify = info['redfish_verify_ca'] ?? true;
  const text = String(verify).toLowerCase();
  if (['true', 't', 'yes', 'on', '1'].includes(text)) return { kind: 'system' };
  if (['false', 'f', 'no', 'off', '0'].includes(text)) return { kind: 'none' };
  if (text === 'pin') {
    const known = node.driverInternalInfo?.[PIN_NOTE];
    return { kind: 'pin', fingerprint: typeof known === 'string' ? known : null };
  }
  if (typeof verify === 'string' && verify.startsWith('/')) return { kind: 'file', path: verify };
  throw errors.InvalidParameterValue(
    `Invalid redfish_verify_ca "${String(verify)}": it must be true, false, "pin" or the path of a PEM file.`,
  );
}

const tlsVersion = (node: Node) =>
  String(node.driverInfo['redfish_tls_minimum_version'] ?? '1.2').replace(/^TLSv?/i, '');

function oneOf<T extends string>(key: string, values: readonly T[], value: unknown): T {
  const found = values.find((one) => one === value);
  if (found !== undefined) return found;
  throw errors.InvalidParameterValue(`Invalid ${key} "${String(value)}": it must be one of ${values.join(', ')}.`);
}
