import { objectAt, textOf, textsOf } from '#protocols/redfish/json';
import type { Resource } from '#protocols/redfish/client';
import type { BmcReport, BootAbility } from '../../model/bmc-report.ts';
import type { Document } from '../../model/node.ts';
import { RedfishBmc, type RedfishContext } from '../redfish/bmc.ts';
import { RedfishClients } from '../redfish/clients.ts';
import { redfishInspect } from '../redfish/inspect.ts';
import { redfishManagement } from '../redfish/management.ts';
import { redfishPower } from '../redfish/power.ts';
import { QUIRKS } from '../redfish/quirks.ts';
import { candidateNode, readingCall } from './candidate.ts';
import type { ProbeParts } from './contract.ts';
import type { Detected } from './detect.ts';

type Facts = Pick<
  BmcReport,
  | 'driver_info'
  | 'vendor'
  | 'model'
  | 'serial'
  | 'uuid'
  | 'firmware'
  | 'bios_version'
  | 'power_state'
  | 'health'
  | 'boot'
  | 'quirks'
  | 'properties'
  | 'macs'
  | 'notes'
>;

/** What can be read of each machine behind a Redfish service, with one login. Throws what the client throws. */
export async function probeRedfish(found: NonNullable<Detected['redfish']>, parts: ProbeParts): Promise<Facts[]> {
  const context: RedfishContext = { clients: new RedfishClients(parts.clock), clock: parts.clock };
  const { login } = parts;
  const info: Document = {
    redfish_address: found.origin,
    ...(login.username === null ? {} : { redfish_username: login.username }),
    ...trust(found, login.certificates),
  };
  try {
    const paths = await systems(context, info, parts);
    const facts: Facts[] = [];
    for (const path of paths) {
      facts.push(
        await readSystem(context, paths.length > 1 ? { ...info, redfish_system_id: path } : info, path, parts),
      );
    }
    return facts;
  } finally {
    await context.clients.close(); // the session ends with the visit
  }
}

function trust(found: NonNullable<Detected['redfish']>, wanted: ProbeParts['login']['certificates']): Document {
  if (!found.origin.startsWith('https:') || wanted === 'ca') return {};
  if (wanted === 'any' || found.fingerprint === null) return { redfish_verify_ca: false };
  return { redfish_tls_fingerprint: found.fingerprint };
}

/** Paths of the machines: physical ones where there are several. */
async function systems(context: RedfishContext, info: Document, parts: ProbeParts): Promise<string[]> {
  const bmc = new RedfishBmc(
    context,
    readingCall(candidateNode('redfish', info, parts.login.password), parts.lease, parts.signal),
  );
  const root = await bmc.client.get('/redfish/v1/', bmc.ask);
  const all = await bmc.client.members(root.body['Systems'], bmc.ask);
  const physical = all.filter((one) => [null, 'Physical'].includes(textOf(one.body['SystemType'])));
  return (physical.length > 0 ? physical : all).map((one) => one.path);
}

async function readSystem(context: RedfishContext, info: Document, path: string, parts: ProbeParts): Promise<Facts> {
  const noted: Document = {};
  const notes: string[] = [];
  const node = candidateNode('redfish', { ...info, redfish_system_id: path }, parts.login.password);
  const call = readingCall(node, parts.lease, parts.signal, noted);
  /** What a make does not offer or breaks on is no reason to know nothing of it. */
  const maybe = async <T>(what: string, read: () => Promise<T>, or: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      parts.signal.throwIfAborted();
      notes.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return or;
    }
  };
  const bmc = new RedfishBmc(context, call);
  const system = await bmc.system();
  const { body } = system;
  const management = redfishManagement(context);
  const [manager] = await maybe('manager', () => bmc.managers(system), []);
  await maybe('quirks', () => bmc.quirks(system), {});
  const ids = Array.isArray(noted['redfish_quirks']) ? (noted['redfish_quirks'] as unknown[]) : [];
  const inspected = await maybe('inventory', () => redfishInspect(context).collect(call), undefined);
  return {
    driver_info: info,
    vendor: textOf(body['Manufacturer']),
    model: textOf(body['Model']),
    serial: textOf(body['SerialNumber']) ?? textOf(body['SKU']),
    uuid: textOf(body['UUID'])?.toLowerCase() ?? null,
    firmware: textOf(manager?.body['FirmwareVersion']),
    bios_version: textOf(body['BiosVersion']),
    power_state: await maybe('power', () => redfishPower(context).get(call), null),
    health: await maybe('health', () => management.health(call), null),
    boot: await bootOf(system, {
      secure: () => maybe('Secure Boot', () => management.getSecureBoot(call), null),
      media: () => maybe('virtual media', async () => (await management.virtualMedia?.list(call)) ?? [], []),
    }),
    quirks: QUIRKS.filter((quirk) => ids.includes(quirk.id)).map(({ id, source }) => ({ id, source })),
    properties: inspected?.properties ?? {},
    macs: (inspected?.ports ?? []).map((port) => port.address),
    notes,
  };
}

async function bootOf(
  system: Resource,
  read: { secure: () => Promise<boolean | null>; media: () => Promise<readonly Document[]> },
): Promise<BootAbility> {
  const boot = objectAt(system.body, 'Boot');
  const targets = textsOf(boot['BootSourceOverrideTarget@Redfish.AllowableValues']);
  const modes: Record<string, string> = { UEFI: 'uefi', Legacy: 'bios' };
  const mode = modes[textOf(boot['BootSourceOverrideMode']) ?? ''] ?? null;
  const listed = textsOf(boot['BootSourceOverrideMode@Redfish.AllowableValues']).flatMap((one) => modes[one] ?? []);
  const media = (await read.media()).flatMap((slot) => textsOf(slot['media_types']));
  return {
    modes: listed.length > 0 ? listed : mode === null ? [] : [mode],
    mode,
    secure_boot: await read.secure(),
    devices: targets.filter((one) => one !== 'None'),
    virtual_media: [...new Set(media)],
    http: targets.includes('UefiHttp') && 'HttpBootUri' in boot,
  };
}
