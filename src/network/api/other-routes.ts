import { Type } from 'typebox';
import type { Route } from '#http/contract';

// What is no resource: versions, extensions, quotas.

const Word = Type.String({ maxLength: 255 });
const Any = Type.Object({}, { additionalProperties: true });
const project = Type.Object({ project_id: Word });
const Quota = Type.Object(
  {
    quota: Type.Record(
      Type.String(),
      Type.Union([Type.Integer({ minimum: -1, maximum: 2_147_483_647 }), Word, Type.Boolean()]),
    ),
  },
  { additionalProperties: false },
);
const guarded = { since: 0, guard: 'handler', query: Any } as const;

export const otherRoutes: readonly Route[] = [
  {
    id: 'versions',
    method: 'GET',
    path: '/',
    since: 0,
    policy: null,
    query: Any,
    summary: 'Versions of the network service',
    success: 200,
  },
  {
    id: 'version',
    method: 'GET',
    path: '/v2.0',
    since: 0,
    policy: null,
    query: Any,
    summary: 'What there is in this version',
    success: 200,
  },
  {
    id: 'extension.list',
    method: 'GET',
    path: '/v2.0/extensions',
    since: 0,
    policy: 'get_extensions',
    query: Any,
    summary: 'List extensions',
    success: 200,
  },
  {
    id: 'extension.get',
    method: 'GET',
    path: '/v2.0/extensions/:alias',
    params: Type.Object({ alias: Word }),
    since: 0,
    policy: 'get_extensions',
    query: Any,
    summary: 'Show an extension',
    success: 200,
  },
  {
    ...guarded,
    id: 'quota.list',
    method: 'GET',
    path: '/v2.0/quotas',
    policy: 'get_quota',
    summary: 'Quotas of projects that have some of their own',
    success: 200,
  },
  {
    ...guarded,
    id: 'quota.get',
    method: 'GET',
    path: '/v2.0/quotas/:project_id',
    params: project,
    policy: 'get_quota',
    summary: 'Quotas of a project',
    success: 200,
  },
  {
    ...guarded,
    id: 'quota.default',
    method: 'GET',
    path: '/v2.0/quotas/:project_id/default',
    params: project,
    policy: 'get_quota',
    summary: 'The usual quotas',
    success: 200,
  },
  {
    ...guarded,
    id: 'quota.details',
    method: 'GET',
    path: '/v2.0/quotas/:project_id/details',
    params: project,
    policy: 'get_quota',
    summary: 'Quotas of a project, with what it has',
    success: 200,
  },
  {
    ...guarded,
    id: 'quota.details_json',
    method: 'GET',
    path: '/v2.0/quotas/:project_id/details.json',
    params: project,
    policy: 'get_quota',
    summary: 'Quotas of a project, with what it has',
    success: 200,
  },
  {
    ...guarded,
    id: 'quota.update',
    method: 'PUT',
    path: '/v2.0/quotas/:project_id',
    params: project,
    body: Quota,
    policy: 'update_quota',
    summary: 'Change quotas of a project',
    success: 200,
  },
  {
    ...guarded,
    id: 'quota.delete',
    method: 'DELETE',
    path: '/v2.0/quotas/:project_id',
    params: project,
    policy: 'delete_quota',
    summary: 'Give a project the usual quotas again',
    success: 204,
  },
];
