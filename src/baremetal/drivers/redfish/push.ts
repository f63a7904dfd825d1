import { IngotError } from '#kernel/errors';
import { type RedfishCall, type Resource, isRefusal } from '#protocols/redfish/client';
import { type Json, objectAt, textOf, textsOf } from '#protocols/redfish/json';
import type { BmcEars, EventInbox } from '../contract.ts';
import type { RedfishBmc } from './bmc.ts';

/** The test event must be here by then; BMCs send it within a second or not at all. Milliseconds. */
const PROOF_MS = 15_000;
const PROOF_LOOK_MS = 100;
/** Is the subscription still there? BMCs lose them with factory resets, and end those they could not deliver to. */
const CHECK_MS = 15 * 60_000;
const GOODBYE_MS = 10_000;
/** Of the kinds a BMC lists, those that tell of its machine. */
const KINDS = ['StatusChange', 'ResourceUpdated', 'Alert'];

/** How it went: over after it worked, or this way leads nowhere. */
export type Pushed = 'over' | 'no way';

/**
 * Subscribes to the BMC's events (DSP0266, 12), has it send one to see that they arrive, and hears them until the
 * subscription is gone. `mayDoubt`: it is kept although the BMC can send no test, and counts once something arrives.
 */
export async function hearByPush(
  bmc: RedfishBmc,
  service: Resource,
  inbox: EventInbox,
  ears: Pick<BmcEars, 'opened' | 'comesBack'> & { heard(body: unknown): void },
  mayDoubt: boolean,
): Promise<Pushed> {
  const path = await subscribed(bmc, service, inbox);
  if (path === undefined) return 'no way';
  let arrived = false;
  inbox.onEvent((body) => {
    if (arrived) ears.heard(body);
    else ears.opened();
    arrived = true;
  });
  let keep = false;
  try {
    const sent = await sendTest(bmc, service);
    if (sent) {
      const until = bmc.clock.monotonic() + PROOF_MS;
      while (!arrived && bmc.clock.monotonic() < until) await bmc.clock.sleep(PROOF_LOOK_MS, bmc.ask.signal);
    }
    if (!arrived && (sent || !mayDoubt)) return 'no way';
    for (;;) {
      await bmc.clock.sleep(CHECK_MS, bmc.ask.signal);
      if (!(await isThere(bmc, path))) {
        keep = true;
        return 'over';
      }
    }
  } finally {
    keep ||= ears.comesBack;
    if (!keep) await unsubscribe(bmc, path);
  }
}

/** The path of our subscription: the one that is there, or a new one. What other conductors left is ended. */
async function subscribed(bmc: RedfishBmc, service: Resource, inbox: EventInbox): Promise<string | undefined> {
  try {
    const collection = await bmc.client.follow(service.body['Subscriptions'], bmc.ask);
    if (collection === undefined) return undefined;
    let found: string | undefined;
    for (const { path, body } of await bmc.client.members(service.body['Subscriptions'], bmc.ask)) {
      const destination = textOf(body['Destination']) ?? '';
      if (!inbox.isOurs(destination)) continue;
      if (destination.replace(/\/+$/, '') === inbox.url && found === undefined && isEnabled(body)) found = path;
      else await bmc.client.delete(path, bmc.ask);
    }
    return found ?? (await subscribe(bmc, service, collection.path, inbox.url));
  } catch (error) {
    bmc.ask.signal?.throwIfAborted();
    if (isRefusal(error) || (error instanceof IngotError && error.code === 'RedfishShape')) return undefined;
    throw error;
  }
}

/** Older services want kinds of events, newer ones refuse them: what it lists, then none, then Ironic's `Alert`. */
async function subscribe(bmc: RedfishBmc, service: Resource, path: string, url: string): Promise<string | undefined> {
  const listed = textsOf(service.body['EventTypesForSubscription']);
  const kinds = KINDS.filter((one) => listed.includes(one));
  const plain: Json = { Destination: url, Protocol: 'Redfish', Context: 'ingot' };
  const forms = [
    ...(kinds.length > 0 ? [{ ...plain, EventTypes: kinds }] : []),
    plain,
    { ...plain, EventTypes: ['Alert'] },
  ];
  for (const [i, form] of forms.entries()) {
    try {
      const made = await bmc.client.post(path, form, bmc.ask);
      const link = made.location ?? textOf((made.body as Json | null)?.['@odata.id']);
      return link === null ? undefined : bmc.client.http.path(link);
    } catch (error) {
      if (i === forms.length - 1 || !isRefusal(error, 400, 422, 501)) throw error;
    }
  }
  return undefined;
}

/** True when the BMC says that it sends a test event. */
async function sendTest(bmc: RedfishBmc, service: Resource): Promise<boolean> {
  const target = textOf(objectAt(service.body, 'Actions', '#EventService.SubmitTestEvent')['target']);
  if (target === null) return false;
  const whole: Json = {
    EventType: 'Alert',
    EventId: 'ingot',
    Severity: 'OK',
    Message: 'Do events arrive?',
    MessageId: 'ResourceEvent.1.0.TestMessage',
    OriginOfCondition: '/redfish/v1/EventService',
  };
  for (const body of [whole, {}]) {
    try {
      await bmc.client.post(target, body, bmc.ask);
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return false;
}

async function isThere(bmc: RedfishBmc, path: string): Promise<boolean> {
  try {
    const found = await bmc.client.find(path, bmc.ask);
    return found !== undefined && isEnabled(found.body);
  } catch (error) {
    bmc.ask.signal?.throwIfAborted();
    return error instanceof IngotError; // it cannot be asked just now
  }
}

const isEnabled = (body: Json) =>
  !['Disabled', 'UnavailableOffline'].includes(textOf(objectAt(body, 'Status')['State']) ?? '');

/** As far as it goes: the node may be somebody else's by now, or its BMC away. */
async function unsubscribe(bmc: RedfishBmc, path: string): Promise<void> {
  const ask: RedfishCall = { signal: AbortSignal.timeout(GOODBYE_MS), beforeWrite: () => {} };
  await bmc.client.delete(path, ask).catch(() => {});
}
