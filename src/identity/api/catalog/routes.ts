import { type TSchema, Type } from 'typebox';
import type { Route } from '#http/contract';
import { AnyQuery, Id, ListQuery, OptionalText, wrapped } from '../schemas.ts';

const OptionalName = Type.Union([Type.String({ maxLength: 255 }), Type.Null()]);
const RegionId = Type.String({ maxLength: 255, pattern: '^[^/]*$' });
const OptionalRegion = Type.Union([Type.String({ minLength: 1, maxLength: 255, pattern: '^[^/]+$' }), Type.Null()]);

const region = {
  description: Type.Optional(OptionalText),
  parent_region_id: Type.Optional(OptionalRegion),
};
const service = {
  name: Type.Optional(OptionalName),
  description: Type.Optional(OptionalText),
  enabled: Type.Optional(Type.Boolean()),
};
const Type_ = Type.String({ minLength: 1, maxLength: 255 });
const Interface = Type.Union([Type.Literal('public'), Type.Literal('internal'), Type.Literal('admin')]);
const Url = Type.String({ minLength: 1, maxLength: 2048, pattern: '^([$%]\\(public_endpoint\\)s|https?://[^\\s]+)' });
const endpoint = {
  region: Type.Optional(OptionalRegion),
  region_id: Type.Optional(OptionalRegion),
  name: Type.Optional(OptionalName),
  description: Type.Optional(OptionalText),
  enabled: Type.Optional(Type.Boolean()),
};

const query = AnyQuery;
const since = 0;

/** The five usual routes of a resource that only operators change. */
function resource(noun: string, create: TSchema, update: TSchema, policyOfReads = noun): Route[] {
  const path = `/v3/${noun}s`;
  const one = `${path}/:${noun}_id`;
  return [
    {
      id: `${noun}.list`,
      method: 'GET',
      path,
      since,
      policy: `identity:list_${policyOfReads}s`,
      summary: `List ${noun}s`,
      query: ListQuery,
      success: 200,
    },
    {
      id: `${noun}.create`,
      method: 'POST',
      path,
      since,
      policy: `identity:create_${noun}`,
      summary: `Create a ${noun}`,
      query,
      body: create,
      success: 201,
    },
    {
      id: `${noun}.get`,
      method: 'GET',
      path: one,
      since,
      policy: `identity:get_${policyOfReads}`,
      summary: `Show a ${noun}`,
      query,
      success: 200,
    },
    {
      id: `${noun}.update`,
      method: 'PATCH',
      path: one,
      since,
      policy: `identity:update_${noun}`,
      summary: `Change a ${noun}`,
      query,
      body: update,
      success: 200,
    },
    {
      id: `${noun}.delete`,
      method: 'DELETE',
      path: one,
      since,
      policy: `identity:delete_${noun}`,
      summary: `Delete a ${noun}`,
      query,
      success: 204,
    },
  ];
}

export const catalogRoutes: readonly Route[] = [
  ...resource(
    'region',
    wrapped('region', { id: Type.Optional(Type.Union([RegionId, Type.Null()])), ...region }),
    wrapped('region', { id: Type.Optional(RegionId), ...region }),
  ),
  {
    id: 'region.put',
    method: 'PUT',
    path: '/v3/regions/:region_id',
    since,
    policy: 'identity:create_region',
    summary: 'Create a region with an id of choice',
    query,
    body: wrapped('region', { id: Type.Optional(RegionId), ...region }),
    success: 201,
  },
  ...resource(
    'service',
    wrapped('service', { type: Type_, ...service }),
    wrapped('service', { id: Type.Optional(Id), type: Type.Optional(Type_), ...service }),
  ),
  ...resource(
    'endpoint',
    wrapped('endpoint', { service_id: Id, interface: Interface, url: Url, ...endpoint }),
    wrapped('endpoint', {
      id: Type.Optional(Id),
      service_id: Type.Optional(Id),
      interface: Type.Optional(Interface),
      url: Type.Optional(Url),
      ...endpoint,
    }),
  ),
];
