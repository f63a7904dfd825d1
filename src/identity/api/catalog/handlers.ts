import type { Handler, HandlerInput, RequestContext } from '#http/contract';
import {
  createEndpoint,
  createRegion,
  createService,
  deleteEndpoint,
  deleteRegion,
  deleteService,
  type EndpointBody,
  type RegionBody,
  type ServiceBody,
  updateEndpoint,
  updateRegion,
  updateService,
} from '../../app/catalog-entries.ts';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { withExtra } from '../../model/extra.ts';
import { type Condition, findRow, findRows, type Table } from '../../store/rows.ts';
import { type EndpointRow, endpoints, type RegionRow, regions, type ServiceRow, services } from '../../store/tables.ts';
import { enabledFilter, linkTo, listReply, pageOf, textFilters } from '../listing.ts';

function showRegion(context: RequestContext, row: RegionRow): Record<string, unknown> {
  return withExtra(row.extra, {
    id: row.id,
    description: row.description,
    parent_region_id: row.parent_region_id,
    links: { self: linkTo(context, 'regions', row.id) },
  });
}

function showService(context: RequestContext, row: ServiceRow): Record<string, unknown> {
  return withExtra(row.extra, {
    id: row.id,
    type: row.type,
    enabled: row.enabled,
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.description === null ? {} : { description: row.description }),
    links: { self: linkTo(context, 'services', row.id) },
  });
}

function showEndpoint(context: RequestContext, row: EndpointRow): Record<string, unknown> {
  return withExtra(row.extra, {
    id: row.id,
    service_id: row.service_id,
    interface: row.interface,
    region: row.region_id,
    region_id: row.region_id,
    // The other placeholders stay: they depend on the project that asks.
    url: row.url.replace(/[$%]\(public_endpoint\)s/, context.baseUrl),
    enabled: row.enabled,
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.description === null ? {} : { description: row.description }),
    links: { self: linkTo(context, 'endpoints', row.id) },
  });
}

/** What differs between the three resources of the catalog. */
interface Resource<R extends { id: string }, B> {
  noun: string;
  table: Table;
  sort: string;
  show(context: RequestContext, row: R): Record<string, unknown>;
  filters(query: Record<string, unknown>): Condition[];
  create(room: Room, body: B): Promise<R>;
  update(room: Room, id: string, body: B): Promise<R>;
  remove(room: Room, id: string): Promise<void>;
}

function handlersOf<R extends { id: string }, B>(room: Room, it: Resource<R, B>): Record<string, Handler> {
  const { noun } = it;
  const id = (input: HandlerInput) => input.params[`${noun}_id`] ?? '';
  const body = (input: HandlerInput) => (input.body as Record<string, B>)[noun] as B;
  return {
    [`${noun}.list`]: async (context, input) => {
      const page = pageOf(input, it.sort);
      const rows = await findRows<R>(room.store, it.table, it.filters(input.query), page);
      return listReply(context, input, `${noun}s`, `/${noun}s`, rows, (row) => it.show(context, row), page);
    },
    [`${noun}.create`]: async (context, input) => ({
      body: { [noun]: it.show(context, await it.create(room, body(input))) },
    }),
    [`${noun}.get`]: async (context, input) => {
      const row = await findRow<R>(room.store, it.table, id(input));
      if (row === undefined) throw errors.NotFound(noun, id(input));
      return { body: { [noun]: it.show(context, row) } };
    },
    [`${noun}.update`]: async (context, input) => ({
      body: { [noun]: it.show(context, await it.update(room, id(input), body(input))) },
    }),
    [`${noun}.delete`]: async (_context, input) => {
      await it.remove(room, id(input));
      return {};
    },
  };
}

export function catalogHandlers(room: Room): Record<string, Handler> {
  return {
    ...handlersOf<RegionRow, RegionBody>(room, {
      noun: 'region',
      table: regions,
      sort: 'id',
      show: showRegion,
      filters: (query) => textFilters(query, ['parent_region_id', 'description']),
      create: createRegion,
      update: updateRegion,
      remove: deleteRegion,
    }),
    'region.put': async (context, input) => {
      const { region } = input.body as { region: RegionBody };
      const id = input.params['region_id'] ?? '';
      if (region.id !== undefined && region.id !== id)
        throw errors.Invalid('The id in the URL and in the body differ.');
      return { body: { region: showRegion(context, await createRegion(room, { ...region, id })) } };
    },
    ...handlersOf<ServiceRow, ServiceBody>(room, {
      noun: 'service',
      table: services,
      sort: 'type',
      show: showService,
      filters: (query) => [...textFilters(query, ['type', 'name', 'id']), ...enabledFilter(query)],
      create: createService,
      update: updateService,
      remove: deleteService,
    }),
    ...handlersOf<EndpointRow, EndpointBody>(room, {
      noun: 'endpoint',
      table: endpoints,
      sort: 'id',
      show: showEndpoint,
      filters: (query) => [
        ...textFilters(query, ['service_id', 'region_id', 'interface', 'url', 'name']),
        ...enabledFilter(query),
      ],
      create: createEndpoint,
      update: updateEndpoint,
      remove: deleteEndpoint,
    }),
  };
}
