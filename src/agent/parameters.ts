import { Secret } from '#kernel/secret';

/** What the kernel command line tells the agent, in ironic-python-agent's names. */
export interface AgentParameters {
  /** Where Bare Metal APIs listen, without a slash at the end. */
  apiUrls: readonly string[];
  inspectionUrl: string | null;
  collectors: readonly string[];
  collectLldp: boolean;
  /** Do not look at the certificates of the API and of image servers. */
  insecure: boolean;
  /** PEM file of the authority of the API. */
  caFile: string | null;
  /** A token that came with the boot medium. */
  token: Secret | null;
  nodeUuid: string | null;
  /** MAC of the NIC that firmware booted from, lower case with colons. */
  bootMac: string | null;
  /** `BOOTIF` as it was given: inventories keep it so. */
  bootif: string | null;
  globalRequestId: string | null;
  port: number;
  /** The address to be called at, when it cannot be guessed. */
  advertiseHost: string | null;
  lookupTimeoutMs: number;
}

/** Words of a kernel command line: `name=value`, quoted where there are blanks; a bare word has the value ''. */
export function parseCommandLine(text: string): Map<string, string> {
  const words = new Map<string, string>();
  for (const [word] of text.matchAll(/(?:[^\s"]|"[^"]*")+/g)) {
    const plain = word.replaceAll('"', '');
    const at = plain.indexOf('=');
    if (at < 0) words.set(plain, '');
    else words.set(plain.slice(0, at), plain.slice(at + 1));
  }
  return words;
}

const isYes = (value: string | undefined) => value !== undefined && /^(|1|true|yes|on|t|y)$/i.test(value);
const list = (value: string | undefined) => (value ?? '').split(',').filter((part) => part !== '');

function httpUrls(value: string | undefined): string[] {
  return list(value)
    .filter((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
    .map((url) => url.replace(/\/+$/, ''));
}

function positive(value: string | undefined, otherwise: number): number {
  const n = Number(value);
  return value !== undefined && value !== '' && Number.isFinite(n) && n > 0 ? n : otherwise;
}

/** `01-52-54-00-00-00-01` → `52:54:00:00:00:01`; null for what is no Ethernet address. */
export function macOfBootif(value: string | undefined): string | null {
  const mac = (value ?? '').toLowerCase().replace(/^01-/, '').replaceAll('-', ':');
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac) ? mac : null;
}

/**
 * Reads the command line. Anything that does not fit is as if it was not given: the values are typed, none of them
 * reaches a shell. There is no multicast discovery: without `ipa-api-url` the agent has nobody to believe.
 */
export function readParameters(words: ReadonlyMap<string, string>): AgentParameters {
  const get = (name: string) => words.get(`ipa-${name}`);
  const token = get('agent-token');
  const inspection = httpUrls(get('inspection-callback-url'))[0];
  const collectors = list(get('inspection-collectors')).filter((name) => /^[a-z0-9-]+$/.test(name));
  const bootif = words.get('BOOTIF');
  const uuid = get('node-uuid');
  const advertise = get('advertise-host');
  return {
    apiUrls: httpUrls(get('api-url')),
    inspectionUrl: inspection ?? null,
    collectors: collectors.length === 0 ? ['default', 'logs'] : collectors,
    collectLldp: isYes(get('collect-lldp')),
    insecure: isYes(get('insecure')),
    caFile: get('cafile') ?? null,
    token: token === undefined || token === '' ? null : new Secret(token),
    nodeUuid: uuid === undefined || uuid === '' ? null : uuid,
    bootMac: macOfBootif(bootif),
    bootif: bootif ?? null,
    globalRequestId: get('global-request-id') ?? null,
    port: positive(get('listen-port'), 9999),
    advertiseHost: advertise === undefined || advertise === '' ? null : advertise,
    lookupTimeoutMs: positive(get('lookup-timeout'), 600) * 1000,
  };
}
