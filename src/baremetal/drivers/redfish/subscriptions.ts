import { errors as redfishErrors } from '#protocols/redfish/errors';
import { isJson, textOf, textsOf } from '#protocols/redfish/json';
import type { Resource } from '#protocols/redfish/client';
import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import type { DriverCall, VendorMethod } from '../contract.ts';
import type { RedfishBmc } from './bmc.ts';

/** What is shown of a subscription, as in Ironic; never its headers, which may hold a password. */
const SHOWN = ['Id', 'Context', 'Protocol', 'Destination', 'EventTypes'];

const show = (body: Document): Document =>
  Object.fromEntries(Object.entries(body).filter(([name]) => SHOWN.includes(name)));

/**
 * Subscriptions to a BMC's events, by Ironic's names: baremetal-operator makes them. They are named by their ids,
 * which are looked up among those the BMC lists; no URI is made of what a caller says.
 */
export function subscriptionMethods(reading: Open, writing: Open): VendorMethod[] {
  const shape = { async: false, attach: false, requireExclusiveLock: true };
  return [
    {
      ...shape,
      name: 'create_subscription',
      httpMethods: ['POST'],
      description:
        'Subscribe to events of the BMC: Destination, a URL; optional: Context, Protocol, EventTypes, HttpHeaders.',
      call: async (call, _name, input) => create(writing(call), readWish(input)),
    },
    {
      ...shape,
      name: 'delete_subscription',
      httpMethods: ['DELETE'],
      description: 'End a subscription: id.',
      async call(call, _name, input) {
        const id = readId(input);
        const bmc = writing(call);
        await bmc.client.delete((await member(bmc, id)).path, bmc.ask);
        return null;
      },
    },
    {
      ...shape,
      requireExclusiveLock: false,
      name: 'get_all_subscriptions',
      httpMethods: ['GET'],
      description: 'List subscriptions of the BMC.',
      call: async (call) => (await collection(reading(call))).body,
    },
    {
      ...shape,
      requireExclusiveLock: false,
      name: 'get_subscription',
      httpMethods: ['GET'],
      description: 'Show a subscription: id.',
      async call(call, _name, input) {
        const id = readId(input);
        return show((await member(reading(call), id)).body);
      },
    },
  ];
}

type Open = (call: DriverCall) => RedfishBmc;

interface Wish {
  Destination: string;
  Protocol: string;
  Context: string;
  EventTypes?: string[];
  HttpHeaders?: unknown[];
}

/** Reads what is asked for, before a BMC is. Throws 400. */
function readWish(input: Document): Wish {
  const { Destination, Context = '', Protocol = 'Redfish', EventTypes, HttpHeaders } = input;
  const bad = (name: string, why: string) => errors.InvalidParameterValue(`${name} ${why}`);
  if (typeof Destination !== 'string' || !URL.canParse(Destination) || new URL(Destination).host === '') {
    throw bad('Destination', 'is not a valid URI');
  }
  if (typeof Context !== 'string') throw bad('Context', 'is not a valid string');
  if (typeof Protocol !== 'string') throw bad('Protocol', 'is not a string');
  if (HttpHeaders !== undefined && HttpHeaders !== null && !(Array.isArray(HttpHeaders) && HttpHeaders.every(isJson))) {
    throw bad('HttpHeaders', 'is not a list of headers');
  }
  const types: unknown[] | null = Array.isArray(EventTypes) ? EventTypes : null;
  if (EventTypes !== undefined && EventTypes !== null && !types?.every((one) => typeof one === 'string')) {
    throw bad('EventTypes', 'is not a valid value: a list of texts is wanted');
  }
  return {
    Destination,
    Protocol,
    Context,
    ...(types === null ? {} : { EventTypes: types as string[] }),
    ...(Array.isArray(HttpHeaders) && HttpHeaders.length > 0 ? { HttpHeaders } : {}),
  };
}

function readId(input: Document): string {
  const { id } = input;
  if (typeof id !== 'string' || id === '') throw errors.InvalidParameterValue("id can't be None");
  return id;
}

async function service(bmc: RedfishBmc): Promise<Resource> {
  const found = await bmc.service('EventService');
  if (found === undefined) throw errors.UnsupportedDriverExtension(bmc.call.node.driver, 'events of this BMC');
  return found;
}

async function collection(bmc: RedfishBmc): Promise<Resource> {
  const found = await bmc.client.follow((await service(bmc)).body['Subscriptions'], bmc.ask);
  if (found === undefined) throw redfishErrors.RedfishShape('offers no subscriptions');
  return found;
}

async function member(bmc: RedfishBmc, id: string): Promise<Resource> {
  const all = await bmc.client.members((await service(bmc)).body['Subscriptions'], bmc.ask);
  const found = all.find(({ body, path }) => (textOf(body['Id']) ?? path.split('/').findLast(Boolean)) === id);
  if (found === undefined) throw errors.NotFound();
  return found;
}

async function create(bmc: RedfishBmc, wish: Wish): Promise<Document> {
  const known = textsOf((await service(bmc)).body['EventTypesForSubscription']);
  const odd = known.length === 0 ? undefined : wish.EventTypes?.find((one) => !known.includes(one));
  if (odd !== undefined) {
    throw errors.InvalidParameterValue(
      `EventTypes ${odd.slice(0, 64)} is not a valid value, allowed values ${known.join(', ')}`,
    );
  }
  const { path } = await collection(bmc);
  const made = await bmc.client.post(path, { EventTypes: ['Alert'], ...wish }, bmc.ask);
  // Some answer with the subscription, some only with where it is.
  if (isJson(made.body) && textOf(made.body['Id']) !== null) return show(made.body);
  if (made.location === null) throw redfishErrors.RedfishShape('does not say which subscription it made');
  return show((await bmc.client.get(made.location, bmc.ask)).body);
}
