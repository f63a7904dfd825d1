import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fetchFile } from '../../fetch-file.ts';
import { type FirmwareItem, readFirmwareImage } from '../../firmware.ts';
import { refuse } from '../../refusal.ts';
import type { Task } from '../../tasks.ts';
import { multipart } from '../multipart.ts';
import {
  accepted,
  type Ask,
  collection,
  head,
  type Json,
  onlyKnown,
  ref,
  refs,
  type Reply,
  type Resource,
  status,
  stringOf,
} from '../resource.ts';

const SERVICE = '/redfish/v1/UpdateService';
const MAX_IMAGE = 256 * 1024 * 1024;
/** How long a BMC is away after its own firmware was changed, unless a quirk says otherwise. */
const REBOOT_MS = 1_000;

const itemPath = (id: string) => `${SERVICE}/FirmwareInventory/${id}`;

function service(ask: Ask): Json {
  return {
    ...head(SERVICE, 'UpdateService.v1_14_0', 'UpdateService', 'Update Service'),
    ServiceEnabled: true,
    Status: status(),
    MaxImageSizeBytes: MAX_IMAGE,
    HttpPushUri: `${SERVICE}/push`,
    MultipartHttpPushUri: `${SERVICE}/upload`,
    FirmwareInventory: ref(`${SERVICE}/FirmwareInventory`),
    SoftwareInventory: ref(`${SERVICE}/SoftwareInventory`),
    Actions: {
      '#UpdateService.SimpleUpdate': {
        target: `${SERVICE}/Actions/UpdateService.SimpleUpdate`,
        'TransferProtocol@Redfish.AllowableValues': ['HTTP', 'HTTPS'],
        'Targets@Redfish.AllowableValues': ask.bmc.firmware.list().map((i) => itemPath(i.id)),
      },
    },
  };
}

function item(ask: Ask): Json | undefined {
  const found = ask.bmc.firmware.get(ask.params[0] ?? '');
  if (found === undefined) return undefined;
  return {
    ...head(itemPath(found.id), 'SoftwareInventory.v1_10_2', found.id, found.name),
    SoftwareId: `LAB-${found.kind}`,
    Manufacturer: 'Ingot Lab',
    Version: found.version,
    Updateable: true,
    Status: status(),
    RelatedItem: refs([found.kind === 'BIOS' ? `${ask.paths.system}/Bios` : ask.paths.manager]),
  };
}

/** Where the image comes from. */
type Source = { uri: string; user: string | undefined; password: string | undefined } | { bytes: Buffer };

/** Fetches, checks and installs as one task; BIOS images may wait for the machine's next start. */
function update(ask: Ask, source: Source, targets: readonly string[], body: Json): Reply {
  const { bmc } = ask;
  if (bmc.settings.flashStuck) throw refuse('ServiceTemporarilyUnavailable', '60');
  for (const target of targets) {
    const known =
      bmc.firmware.list().some((i) => itemPath(i.id) === target) ||
      [ask.paths.system, ask.paths.manager].includes(target);
    if (!known) throw refuse('ActionParameterValueNotInList', target, 'Targets', 'UpdateService.SimpleUpdate');
  }
  const name = 'Firmware update';
  bmc.ledger.add(bmc.name, 'action', ask.caller, 'firmware.update', {
    source: 'uri' in source ? source.uri : 'push',
    targets,
  });
  const task: Task = bmc.tasks.start(name, { uri: ask.path, method: 'POST', body }, async () => {
    try {
      const image = await readImage(bmc.mediaDir ?? tmpdir(), bmc.name, source);
      const items = bmc.firmware
        .list()
        .filter((i) => i.kind === image.kind && (targets.length === 0 || targets.includes(itemPath(i.id))));
      if (
        items.length === 0 &&
        targets.length > 0 &&
        !targets.some((t) => t === ask.paths.system || t === ask.paths.manager)
      ) {
        throw new Error('The image is not for that target.');
      }
      const chosen = items.length > 0 ? items : bmc.firmware.list().filter((i) => i.kind === image.kind);
      await install(ask, chosen, image.version, task);
    } catch (error) {
      if (bmc.traits.stuckInFlashModeAfterFailure) bmc.settings.flashStuck = true;
      throw error;
    }
  });
  return accepted(ask, task);
}

async function install(ask: Ask, items: readonly FirmwareItem[], version: string, task: Task): Promise<void> {
  const { bmc } = ask;
  const kind = items[0]?.kind;
  if (kind === 'BIOS' && bmc.traits.biosUpdateNeedsReset) {
    for (const i of items) i.staged = version;
    task.state = 'Pending';
    await new Promise<void>((resolve) => bmc.atNextStart(task, resolve));
    return;
  }
  for (const i of items) bmc.firmware.install(i, version);
  bmc.ledger.add(bmc.name, 'action', ask.caller, 'firmware.installed', { items: items.map((i) => i.id), version });
  const away = kind === 'BMC' ? bmc.traits.updateRebootMs || REBOOT_MS : bmc.traits.updateRebootMs;
  if (away > 0) bmc.clock.after(200, () => bmc.reboot(away, ask.caller));
}

async function readImage(dir: string, name: string, source: Source): ReturnType<typeof readFirmwareImage> {
  await mkdir(dir, { recursive: true });
  const file = `${dir}/firmware-${name}.bin`;
  try {
    if ('bytes' in source) {
      await writeFile(file, source.bytes);
      return await readFirmwareImage(file, 'the pushed image');
    }
    await fetchFile(source.uri, file, {
      maxBytes: MAX_IMAGE,
      timeoutMs: 120_000,
      verifyCertificate: false,
      user: source.user,
      password: source.password,
    });
    return await readFirmwareImage(file, source.uri);
  } finally {
    await rm(file, { force: true });
  }
}

function targetsOf(body: Json): string[] {
  const targets = body['Targets'];
  if (targets === undefined) return [];
  if (!Array.isArray(targets) || targets.some((t) => typeof t !== 'string')) {
    throw refuse('ActionParameterValueTypeError', JSON.stringify(targets), 'Targets', 'UpdateService.SimpleUpdate');
  }
  return targets as string[];
}

export const updateResources: readonly Resource[] = [
  { path: '/UpdateService', get: service },
  {
    path: '/UpdateService/Actions/UpdateService.SimpleUpdate',
    post: (ask, body) => {
      onlyKnown(body, ['ImageURI', 'Targets', 'TransferProtocol', 'Username', 'Password', 'ForceUpdate']);
      const uri = stringOf(body, 'ImageURI');
      if (uri === undefined) throw refuse('ActionParameterMissing', 'UpdateService.SimpleUpdate', 'ImageURI');
      const protocol = stringOf(body, 'TransferProtocol');
      const full = /^[a-z]+:\/\//i.test(uri) ? uri : `${(protocol ?? 'http').toLowerCase()}://${uri}`;
      if (!/^https?:\/\//i.test(full))
        throw refuse('ActionParameterValueNotInList', uri, 'ImageURI', 'UpdateService.SimpleUpdate');
      return update(
        ask,
        { uri: full, user: stringOf(body, 'Username'), password: stringOf(body, 'Password') },
        targetsOf(body),
        body,
      );
    },
  },
  { path: '/UpdateService/push', post: (ask) => update(ask, { bytes: ask.raw }, [], {}) },
  {
    path: '/UpdateService/upload',
    post: (ask) => {
      const parts = multipart(ask.headers['content-type'] ?? '', ask.raw);
      const file = parts.get('UpdateFile');
      const parameters = parts.get('UpdateParameters');
      if (file === undefined) throw refuse('CreateFailedMissingReqProperties', 'UpdateFile');
      let body: Json = {};
      try {
        if (parameters !== undefined) body = JSON.parse(parameters.toString('utf8')) as Json;
      } catch {
        throw refuse('MalformedJSON');
      }
      return update(ask, { bytes: file }, targetsOf(body), body);
    },
  },
  {
    path: '/UpdateService/FirmwareInventory',
    get: (ask) =>
      collection(
        `${SERVICE}/FirmwareInventory`,
        'SoftwareInventoryCollection',
        'Firmware',
        ask.bmc.firmware.list().map((i) => itemPath(i.id)),
      ),
  },
  { path: '/UpdateService/FirmwareInventory/{item}', get: item },
  {
    path: '/UpdateService/SoftwareInventory',
    get: () => collection(`${SERVICE}/SoftwareInventory`, 'SoftwareInventoryCollection', 'Software', []),
  },
];
