import type { Handler, Handlers, RequestContext } from '#http/contract';
import type { Json } from '#work/contract';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import type { DriverOffer } from '../../model/driver-catalogue.ts';
import { INTERFACE_KINDS } from '../../model/interfaces.ts';
import { accessOf } from '../access.ts';
import { shown } from '../input/value.ts';
import { vendorMethod, vendorReply } from '../vendor-call.ts';
import { DRIVER_FIELDS, DRIVER_RULES } from '../versions/drivers.ts';
import { sinceOf } from '../versions/resource.ts';
import type { driverRoutes } from './routes.ts';

/** Handlers of `/v1/drivers`, served from what live conductors offer. */
export function driverHandlers(deps: BaremetalDeps): Handlers<typeof driverRoutes> {
  const offerOf = async (params: Record<string, string>): Promise<DriverOffer> => {
    const name = params['driver_name'] as string;
    const known = deps.catalogue.offer(name);
    if (known !== undefined) return known;
    await deps.catalogue.refresh();
    const offer = deps.catalogue.offer(name);
    if (offer === undefined) throw errors.DriverNotFound(shown(name));
    return offer;
  };
  const passthru =
    (httpMethod: string): Handler =>
    async (context, { params, query, body }) => {
      const offer = await offerOf(params);
      const facts = vendorMethod(offer.vendorMethods, query['method'], httpMethod);
      const call = {
        driver: offer.name,
        method: query['method'] as string,
        httpMethod,
        data: (body ?? {}) as Json,
      };
      const { actor } = accessOf(context);
      return vendorReply(
        facts,
        await deps.verbs.driverVendorCall(deps, actor, call, deps.config.api.driverCallDeadlineMs),
      );
    };

  return {
    'driver.list': async (context, { query }) => {
      const { type, detail, fields } = query as { type?: string; detail?: boolean; fields?: string[] };
      const { version } = context;
      if (fields !== undefined && detail === true) {
        throw errors.InvalidParameterValue('Can not specify ?detail=True and fields in the same request.');
      }
      if (detail !== undefined && version < DRIVER_RULES.detail) throw errors.NotAcceptableBelow(DRIVER_RULES.detail);
      if (type !== undefined && version < DRIVER_RULES.type) throw errors.NotAcceptableBelow(DRIVER_RULES.type);
      if (type !== undefined && type !== 'classic' && type !== 'dynamic') {
        throw errors.Invalid('"type" filter must be one of "classic" or "dynamic", if specified.');
      }
      const chosen = readFields(fields, version);
      // Classic drivers ended with Ironic's Rocky: there are none.
      const offers = type === 'classic' ? [] : deps.catalogue.offers();
      return { body: { drivers: offers.map((offer) => driverBody(context, offer, chosen, detail === true)) } };
    },
    'driver.show': async (context, { params, query }) => {
      const chosen = readFields(query['fields'] as string[] | undefined, context.version);
      return { body: driverBody(context, await offerOf(params), chosen, true) };
    },
    'driver.properties': async (_context, { params }) => ({ body: (await offerOf(params)).properties }),
    'driver.raid-properties': async (_context, { params }) => {
      const offer = await offerOf(params);
      if (offer.raidProperties === null) throw errors.RaidNotSupported(offer.name);
      return { body: offer.raidProperties };
    },
    'driver.passthru.methods': async (_context, { params }) => ({ body: (await offerOf(params)).vendorMethods }),
    'driver.passthru.get': passthru('GET'),
    'driver.passthru.post': passthru('POST'),
    'driver.passthru.put': passthru('PUT'),
    'driver.passthru.patch': passthru('PATCH'),
    'driver.passthru.delete': passthru('DELETE'),
  };
}

function readFields(fields: readonly string[] | undefined, version: number): readonly string[] | null {
  if (fields === undefined) return null;
  if (version < DRIVER_RULES.fields) throw errors.NotAcceptable();
  const known = (name: string) =>
    name === 'links' || (Object.hasOwn(DRIVER_FIELDS, name) && sinceOf(DRIVER_FIELDS[name] ?? {}) <= version);
  const unknown = fields.filter((name) => !known(name));
  if (unknown.length > 0) throw errors.InvalidFields(unknown.map(shown).join(', '));
  return fields;
}

function driverBody(
  { baseUrl, version }: RequestContext,
  offer: DriverOffer,
  fields: readonly string[] | null,
  detail: boolean,
): Record<string, unknown> {
  const path = `drivers/${encodeURIComponent(offer.name)}`;
  const links = (tail: string) => [
    { href: `${baseUrl}/v1/${path}${tail}`, rel: 'self' },
    { href: `${baseUrl}/${path}${tail}`, rel: 'bookmark' },
  ];
  const values: Record<string, unknown> = {
    name: offer.name,
    hosts: [...new Set(offer.hosts.map((entry) => entry.host))],
    properties: links('/properties'),
    type: 'dynamic',
  };
  for (const kind of INTERFACE_KINDS) {
    values[`default_${kind}_interface`] = offer.defaults[kind];
    values[`enabled_${kind}_interfaces`] = offer.enabled[kind];
  }
  const shownFields = Object.entries(DRIVER_FIELDS)
    .filter(([, spec]) => sinceOf(spec) <= version)
    .filter(([name, spec]) => (fields === null ? detail || spec.detail !== true : fields.includes(name)))
    .map(([name]) => [name, values[name]]);
  return { ...Object.fromEntries(shownFields), links: links('') };
}
