import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { AnyQuery, Id, ListQuery, Options, OptionalText, Tags, wrapped } from '../schemas.ts';

const properties = {
  description: Type.Optional(OptionalText),
  enabled: Type.Optional(Type.Boolean()),
  tags: Type.Optional(Tags),
  options: Type.Optional(Options),
};
const DomainName = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' });
const query = AnyQuery;

export const domainRoutes = [
  {
    id: 'domain.list',
    method: 'GET',
    path: '/v3/domains',
    since: 0,
    policy: 'identity:list_domains',
    guard: 'handler',
    summary: 'List domains',
    query: ListQuery,
    success: 200,
  },
  {
    id: 'domain.create',
    method: 'POST',
    path: '/v3/domains',
    since: 0,
    policy: 'identity:create_domain',
    summary: 'Create a domain',
    query,
    body: wrapped('domain', {
      name: DomainName,
      explicit_domain_id: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })),
      ...properties,
    }),
    success: 201,
  },
  {
    id: 'domain.get',
    method: 'GET',
    path: '/v3/domains/:domain_id',
    since: 0,
    policy: 'identity:get_domain',
    guard: 'handler',
    summary: 'Show a domain',
    query,
    success: 200,
  },
  {
    id: 'domain.update',
    method: 'PATCH',
    path: '/v3/domains/:domain_id',
    since: 0,
    policy: 'identity:update_domain',
    summary: 'Change a domain',
    query,
    body: wrapped('domain', { id: Type.Optional(Id), name: Type.Optional(DomainName), ...properties }),
    success: 200,
  },
  {
    id: 'domain.delete',
    method: 'DELETE',
    path: '/v3/domains/:domain_id',
    since: 0,
    policy: 'identity:delete_domain',
    summary: 'Delete a domain',
    query,
    success: 204,
  },
] as const satisfies readonly Route[];
