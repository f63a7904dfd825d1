import { type Resource, isRefusal } from '#protocols/redfish/client';
import { errors as redfishErrors } from '#protocols/redfish/errors';
import { type Json, objectAt, textOf, textsOf } from '#protocols/redfish/json';
import { IngotError } from '#kernel/errors';
import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { RedfishBmc } from './bmc.ts';
import { attachMedia } from './dell.ts';

/** Ironic's device types and what slots call them; some have only DVD (Cisco). */
const TYPES: Record<string, readonly string[]> = {
  cdrom: ['CD', 'DVD'],
  dvd: ['DVD', 'CD'],
  usb: ['USBStick'],
  disk: ['USBStick'],
  floppy: ['Floppy', 'USBStick'],
};

const INSERT_FOR_MS = 45_000;
const PAUSE_MS = 1_000;

async function slots(bmc: RedfishBmc): Promise<Resource[]> {
  const system = await bmc.systemJustRead();
  const own = await bmc.client.members(system.body['VirtualMedia'], bmc.ask);
  if (own.length > 0) return own;
  const managers = await bmc.managers(system);
  const found = await Promise.all(managers.map((one) => bmc.client.members(one.body['VirtualMedia'], bmc.ask)));
  return found.flat();
}

export async function listMedia(bmc: RedfishBmc): Promise<Document[]> {
  return (await slots(bmc)).map(({ body }) => ({
    id: textOf(body['Id']),
    media_types: textsOf(body['MediaTypes']),
    image: textOf(body['Image']),
    image_name: textOf(body['ImageName']),
    inserted: body['Inserted'] === true,
    write_protected: body['WriteProtected'] === true,
  }));
}

/**
 * Inserts an image into the first slot of the kind that takes it: makes list slots that have no way to be used.
 * What is in the slot goes out first, whatever the BMC says is in it. Throws 400 for a kind there is none of.
 */
export async function insertMedia(bmc: RedfishBmc, deviceType: string, url: string): Promise<void> {
  const kinds = kindsOf(deviceType);
  const system = await bmc.systemJustRead();
  const quirks = await bmc.quirks(system);
  if (quirks.mediaAttachByAttributes) await attachMedia(bmc, system);
  if (quirks.plainMediaUrl && (/[?=]/.test(url) || !url.endsWith('.iso'))) {
    throw errors.InvalidParameterValue(
      `This BMC takes image URLs only that end in ".iso" and have no "?" or "=": ${url.split('?')[0]}.`,
    );
  }
  const fitting = (await slots(bmc)).filter((slot) => textsOf(slot.body['MediaTypes']).some((t) => kinds.includes(t)));
  // where some have the action, those without are for other clients (a viewer on a desk), whatever a PATCH is answered
  fitting.sort((a, b) => Number(insertTarget(b) !== null) - Number(insertTarget(a) !== null));
  if (fitting.length === 0) throw errors.InvalidParameterValue(`The BMC has no virtual media of type ${deviceType}.`);
  let refusal: unknown;
  for (const slot of fitting) {
    try {
      const isAsRead = !(await ejectSlot(bmc, slot));
      await insertInto(bmc, slot.path, url, quirks.insertImageOnly === true, isAsRead ? slot : undefined);
      return;
    } catch (error) {
      if (!isRefusal(error, 400, 404, 405, 501)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** No device types: all. */
export async function ejectMedia(bmc: RedfishBmc, deviceTypes: readonly string[]): Promise<void> {
  const kinds = deviceTypes.flatMap((type) => kindsOf(type));
  for (const slot of await slots(bmc)) {
    const types = textsOf(slot.body['MediaTypes']);
    if (kinds.length === 0 || types.some((type) => kinds.includes(type))) await ejectSlot(bmc, slot);
  }
}

function kindsOf(deviceType: string): readonly string[] {
  const kinds = TYPES[deviceType.toLowerCase()];
  if (kinds !== undefined) return kinds;
  throw errors.InvalidParameterValue(
    `Invalid device type ${deviceType}: it must be one of ${Object.keys(TYPES).join(', ')}.`,
  );
}

const insertTarget = ({ body }: Resource) => textOf(objectAt(body, 'Actions', '#VirtualMedia.InsertMedia')['target']);

const isFull = ({ body }: Resource) => body['Inserted'] === true || textOf(body['Image']) !== null;

/** False: there was nothing in it. */
async function ejectSlot(bmc: RedfishBmc, slot: Resource): Promise<boolean> {
  if (!isFull(slot)) return false;
  const target = textOf(objectAt(slot.body, 'Actions', '#VirtualMedia.EjectMedia')['target']);
  // an empty object: without a body HPE finds the media type unsupported
  if (target !== null) await bmc.client.post(target, {}, bmc.ask);
  else await bmc.client.patch(slot, { Image: null, Inserted: false }, bmc.ask);
  return true;
}

/**
 * One insert, worded as this BMC wants it, tried while it says that it is still busy with the last one. `known`: the slot
 * as it was just read.
 */
async function insertInto(
  bmc: RedfishBmc,
  path: string,
  url: string,
  imageOnly: boolean,
  known: Resource | undefined,
): Promise<void> {
  const until = bmc.clock.monotonic() + INSERT_FOR_MS;
  let body: Json = { Image: url };
  for (let look = 0; ; look++) {
    const slot = look === 0 && known !== undefined ? known : await bmc.client.get(path, bmc.ask);
    if (slot.body['Inserted'] === true && slot.body['Image'] === url) return;
    try {
      const target = insertTarget(slot);
      if (target !== null) await bmc.client.post(target, body, bmc.ask);
      else await bmc.client.patch(slot, { ...body, Inserted: true }, bmc.ask);
    } catch (error) {
      const fuller = isRefusal(error, 400, 422) && !imageOnly ? worded(body, error, url) : undefined;
      if (fuller === undefined) {
        // inserting the same image again does no harm, so an answer that was lost or late is asked for again
        if (!isLater(error) || bmc.clock.monotonic() > until) throw error;
        await bmc.clock.sleep(PAUSE_MS, bmc.ask.signal);
      } else body = fuller;
      continue;
    }
    if (await isIn(bmc, path)) return;
    if (bmc.clock.monotonic() > until) throw redfishErrors.RedfishShape('accepted the image, but shows no medium');
  }
}

const isLater = (error: unknown) =>
  error instanceof IngotError && (error.status === 504 || isRefusal(error, 500, 502, 503, 'ResourceInUse'));

async function isIn(bmc: RedfishBmc, path: string): Promise<boolean> {
  for (let look = 0; look < 5; look++) {
    if (isFull(await bmc.client.get(path, bmc.ask))) return true;
    await bmc.clock.sleep(PAUSE_MS, bmc.ask.signal);
  }
  return false;
}

/** The request with what the refusal misses; undefined when nothing is left to add. */
function worded(body: Json, error: IngotError, url: string): Json | undefined {
  const add: [RegExp, Json][] = [
    [/TransferProtocolType/i, { TransferProtocolType: url.startsWith('https:') ? 'HTTPS' : 'HTTP' }],
    [/TransferMethod/i, { TransferMethod: 'Stream' }],
    [/user ?name|password|credential/i, { UserName: 'none', Password: 'none' }],
    [/inserted/i, { Inserted: true }],
    [/write ?protected/i, { WriteProtected: true }],
  ];
  for (const [pattern, members] of add) {
    if (pattern.test(error.message) && !Object.keys(members).every((key) => key in body))
      return { ...body, ...members };
  }
  return undefined;
}
