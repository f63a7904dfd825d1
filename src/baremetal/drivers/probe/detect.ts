import { BmcHttp } from '#protocols/bmc-http/client';
import { type IpmiPresence, ipmiPresence } from '#protocols/ipmi/presence';
import { isJson, textOf } from '#protocols/redfish/json';
import type { BmcPlace } from '../../model/bmc-ranges.ts';
import type { ProbeParts } from './contract.ts';

export const IPMI_PORT = 623;

/** Who answers at a place, before any login. */
export interface Detected {
  redfish: { origin: string; port: number; fingerprint: string | null; vendor: string | null } | null;
  ipmi: { presence: IpmiPresence; port: number } | null;
}

/** Asks a place for both protocols at once; no account is touched. Throws only when told to stop. */
export async function detect(place: BmcPlace, parts: ProbeParts): Promise<Detected> {
  const wants = (protocol: 'redfish' | 'ipmi') => parts.protocols.includes(protocol);
  const [redfish, ipmi] = await Promise.all([
    wants('redfish') ? redfishRoot(place, parts) : null,
    wants('ipmi') && place.scheme === null ? ipmiAt(place, parts) : null,
  ]);
  parts.signal.throwIfAborted();
  return { redfish, ipmi };
}

async function ipmiAt(place: BmcPlace, { clock, waitMs, signal }: ProbeParts): Promise<Detected['ipmi']> {
  const port = place.port ?? IPMI_PORT;
  const presence = await ipmiPresence(place.host, port, { clock, waitMs: waitMs / 2, signal }).catch(() => undefined);
  return presence === undefined ? null : { presence, port };
}

/** The service root, which is for everybody. Null: there is none. */
async function redfishRoot(place: BmcPlace, { clock, waitMs, signal }: ProbeParts): Promise<Detected['redfish']> {
  const scheme = place.scheme ?? 'https';
  const port = place.port ?? (scheme === 'https' ? 443 : 80);
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  const { origin } = new URL(`${scheme}://${host}:${port}`);
  const http = new BmcHttp({
    clock,
    access: {
      origin,
      username: null,
      password: null,
      auth: 'none',
      trust: scheme === 'https' ? { kind: 'pin', fingerprint: null } : { kind: 'none' },
      tlsMinimum: 'TLSv1.2',
      tlsCiphers: null,
    },
    limits: { connectMs: waitMs, readMs: 5 * waitMs, retries: 0, bodyBytes: 256 * 1024 },
  });
  try {
    const { status, body } = await http.request({ method: 'GET', link: '/redfish/v1/', signal });
    if (status !== 200 || !isJson(body) || textOf(body['RedfishVersion']) === null) return null;
    return { origin, port, fingerprint: http.pin, vendor: textOf(body['Vendor']) };
  } catch {
    return null; // nothing listens, or something else does
  } finally {
    await http.close();
  }
}
