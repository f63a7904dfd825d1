import { refuse } from '../../refusal.ts';
import type { Subscription } from '../events.ts';
import {
  type Ask,
  collection,
  head,
  isJson,
  type Json,
  onlyKnown,
  ref,
  type Resource,
  status,
  stringOf,
} from '../resource.ts';

const SERVICE = '/redfish/v1/EventService';
const path = (id: string) => `${SERVICE}/Subscriptions/${id}`;

function service(): Json {
  return {
    ...head(SERVICE, 'EventService.v1_10_3', 'EventService', 'Event Service'),
    ServiceEnabled: true,
    DeliveryRetryAttempts: 3,
    DeliveryRetryIntervalSeconds: 1,
    EventFormatTypes: ['Event'],
    RegistryPrefixes: ['ResourceEvent'],
    SSEFilterPropertiesSupported: {},
    ServerSentEventUri: `${SERVICE}/SSE`,
    Status: status(),
    Subscriptions: ref(`${SERVICE}/Subscriptions`),
    Actions: { '#EventService.SubmitTestEvent': { target: `${SERVICE}/Actions/EventService.SubmitTestEvent` } },
  };
}

function show(subscription: Subscription): Json {
  return {
    ...head(path(subscription.id), 'EventDestination.v1_15_0', subscription.id, 'Subscription'),
    Destination: subscription.destination,
    Context: subscription.context,
    Protocol: subscription.protocol,
    SubscriptionType: 'RedfishEvent',
    EventFormatType: 'Event',
    RegistryPrefixes: subscription.registryPrefixes,
    DeliveryRetryPolicy: 'SuspendRetries',
    HttpHeaders: [],
    Status: status(),
  };
}

function subscribe(ask: Ask, body: Json): { status: number; body: Json; headers: Record<string, string> } {
  onlyKnown(body, [
    'Destination',
    'Context',
    'Protocol',
    'EventTypes',
    'RegistryPrefixes',
    'ResourceTypes',
    'HttpHeaders',
    'EventFormatType',
    'SubscriptionType',
    'DeliveryRetryPolicy',
    'MessageIds',
    'SubordinateResources',
    'OriginResources',
    'VerifyCertificate',
  ]);
  const destination = stringOf(body, 'Destination');
  if (destination === undefined) throw refuse('CreateFailedMissingReqProperties', 'Destination');
  if (!/^https?:\/\/[^/]/.test(destination)) throw refuse('PropertyValueFormatError', destination, 'Destination');
  const protocol = stringOf(body, 'Protocol') ?? 'Redfish';
  if (protocol !== 'Redfish') throw refuse('PropertyValueNotInList', protocol, 'Protocol');
  const context = stringOf(body, 'Context') ?? null;
  if (ask.bmc.traits.eventsNeedContext && (context === null || context === ''))
    throw refuse('CreateFailedMissingReqProperties', 'Context');
  const made = ask.events.subscribe({
    destination,
    context,
    protocol,
    eventTypes: strings(body, 'EventTypes'),
    registryPrefixes: strings(body, 'RegistryPrefixes'),
    headers: headersOf(body['HttpHeaders']),
  });
  return { status: 201, body: show(made), headers: { location: path(made.id) } };
}

function strings(body: Json, key: string): string[] {
  const value = body[key];
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}

/** An object, or the array of objects that earlier versions took. */
function headersOf(value: unknown): Record<string, string> {
  const all: Record<string, string> = {};
  for (const part of Array.isArray(value) ? value : [value]) {
    if (!isJson(part)) continue;
    for (const [name, text] of Object.entries(part)) if (typeof text === 'string') all[name.toLowerCase()] = text;
  }
  return all;
}

export const eventResources: readonly Resource[] = [
  { path: '/EventService', get: service },
  { path: '/EventService/SSE', stream: (ask, response) => ask.events.stream(response) },
  {
    path: '/EventService/Subscriptions',
    get: (ask) =>
      collection(
        `${SERVICE}/Subscriptions`,
        'EventDestinationCollection',
        'Subscriptions',
        ask.events.list().map((s) => path(s.id)),
      ),
    post: subscribe,
  },
  {
    path: '/EventService/Subscriptions/{subscription}',
    get: (ask) => {
      const found = ask.events.get(ask.params[0] ?? '');
      return found === undefined ? undefined : show(found);
    },
    delete: (ask) => {
      ask.events.unsubscribe(ask.params[0] ?? '');
      return undefined;
    },
  },
  {
    path: '/EventService/Actions/EventService.SubmitTestEvent',
    post: (ask, body) => {
      const severity = stringOf(body, 'Severity') ?? 'OK';
      ask.bmc.tell(
        severity === 'Critical' || severity === 'Warning' ? severity : 'OK',
        'TestMessage',
        [],
        'EventService',
        {
          sensorType: 0x12,
          sensorNumber: 0,
          eventType: 0x6f,
          data: [0x02, 0xff, 0xff],
          deassert: false,
        },
      );
      return undefined;
    },
  },
];
