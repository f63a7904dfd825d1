import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { AnyQuery, Id, OptionalId, OptionalText } from '../schemas.ts';

const query = AnyQuery;
const since = 0;
const Amount = Type.Integer({ minimum: -1, maximum: 2147483647 });
const Resource = Type.String({ minLength: 1, maxLength: 255 });

const list = (key: string, item: ReturnType<typeof Type.Object>) =>
  Type.Object({ [key]: Type.Array(item, { minItems: 1, maxItems: 100 }) }, { additionalProperties: false });
const one = (key: string, properties: Parameters<typeof Type.Object>[0]) =>
  Type.Object(
    { [key]: Type.Object(properties, { additionalProperties: false, minProperties: 1 }) },
    { additionalProperties: false },
  );

export const limitRoutes = [
  {
    id: 'registered_limit.list',
    method: 'GET',
    path: '/v3/registered_limits',
    since,
    policy: 'identity:list_registered_limits',
    summary: 'List registered limits',
    query,
    success: 200,
  },
  {
    id: 'registered_limit.create',
    method: 'POST',
    path: '/v3/registered_limits',
    since,
    policy: 'identity:create_registered_limits',
    summary: 'Create registered limits',
    query,
    body: list(
      'registered_limits',
      Type.Object(
        {
          service_id: Id,
          region_id: Type.Optional(OptionalId),
          resource_name: Resource,
          default_limit: Amount,
          description: Type.Optional(OptionalText),
        },
        { additionalProperties: false },
      ),
    ),
    success: 201,
  },
  {
    id: 'registered_limit.get',
    method: 'GET',
    path: '/v3/registered_limits/:limit_id',
    since,
    policy: 'identity:get_registered_limit',
    summary: 'Show a registered limit',
    query,
    success: 200,
  },
  {
    id: 'registered_limit.update',
    method: 'PATCH',
    path: '/v3/registered_limits/:limit_id',
    since,
    policy: 'identity:update_registered_limit',
    summary: 'Change a registered limit',
    query,
    body: one('registered_limit', {
      service_id: Type.Optional(Id),
      region_id: Type.Optional(OptionalId),
      resource_name: Type.Optional(Resource),
      default_limit: Type.Optional(Amount),
      description: Type.Optional(OptionalText),
    }),
    success: 200,
  },
  {
    id: 'registered_limit.delete',
    method: 'DELETE',
    path: '/v3/registered_limits/:limit_id',
    since,
    policy: 'identity:delete_registered_limit',
    summary: 'Delete a registered limit',
    query,
    success: 204,
  },
  {
    id: 'limit.model',
    method: 'GET',
    path: '/v3/limits/model',
    since,
    policy: 'identity:get_limit_model',
    summary: 'How limits are enforced',
    query,
    success: 200,
  },
  {
    id: 'limit.list',
    method: 'GET',
    path: '/v3/limits',
    since,
    policy: 'identity:list_limits',
    guard: 'handler',
    summary: 'List limits',
    query,
    success: 200,
  },
  {
    id: 'limit.create',
    method: 'POST',
    path: '/v3/limits',
    since,
    policy: 'identity:create_limits',
    summary: 'Create limits',
    query,
    body: list(
      'limits',
      Type.Object(
        {
          service_id: Id,
          project_id: Type.Optional(OptionalId),
          domain_id: Type.Optional(OptionalId),
          region_id: Type.Optional(OptionalId),
          resource_name: Resource,
          resource_limit: Amount,
          description: Type.Optional(OptionalText),
        },
        { additionalProperties: false },
      ),
    ),
    success: 201,
  },
  {
    id: 'limit.get',
    method: 'GET',
    path: '/v3/limits/:limit_id',
    since,
    policy: 'identity:get_limit',
    guard: 'handler',
    summary: 'Show a limit',
    query,
    success: 200,
  },
  {
    id: 'limit.update',
    method: 'PATCH',
    path: '/v3/limits/:limit_id',
    since,
    policy: 'identity:update_limit',
    summary: 'Change a limit',
    query,
    body: one('limit', {
      resource_limit: Type.Optional(Amount),
      description: Type.Optional(OptionalText),
    }),
    success: 200,
  },
  {
    id: 'limit.delete',
    method: 'DELETE',
    path: '/v3/limits/:limit_id',
    since,
    policy: 'identity:delete_limit',
    summary: 'Delete a limit',
    query,
    success: 204,
  },
] as const satisfies readonly Route[];
