import { Type } from 'typebox';
import type { DoorTable, Route } from '#http/contract';

const params = Type.Object({ node: Type.String({ description: 'UUID or name of the node.' }) });
const open = Type.Object({}, { additionalProperties: true });
const status = Type.Object({
  uuid: Type.String(),
  state: Type.String(),
  finished: Type.Boolean(),
  error: Type.Union([Type.String(), Type.Null()]),
  started_at: Type.Union([Type.String(), Type.Null()]),
  finished_at: Type.Union([Type.String(), Type.Null()]),
  links: Type.Array(Type.Object({ href: Type.String(), rel: Type.String() })),
});
const shared = { since: 0, guard: 'handler' } as const;

/**
 * ironic-inspector's API, version 1, as a view of the inspections of the Bare Metal service: what an older client
 * or an older ramdisk knows how to call.
 */
export const introspectionRoutes = [
  {
    id: 'introspection.root',
    method: 'GET',
    path: '/',
    since: 0,
    policy: null,
    summary: 'Show the versions',
    anyVersion: true,
    success: 200,
    response: open,
  },
  {
    id: 'introspection.v1',
    method: 'GET',
    path: '/v1',
    since: 0,
    policy: null,
    summary: 'Show the resources',
    success: 200,
    response: open,
  },
  {
    ...shared,
    id: 'introspection.list',
    method: 'GET',
    path: '/v1/introspection',
    policy: 'introspection:status',
    summary: 'List inspections',
    query: Type.Object(
      {
        limit: Type.Optional(Type.Integer()),
        marker: Type.Optional(Type.String()),
        state: Type.Optional(Type.String()),
      },
      { additionalProperties: false },
    ),
    success: 200,
    response: Type.Object({ introspection: Type.Array(status) }),
  },
  {
    ...shared,
    id: 'introspection.start',
    method: 'POST',
    path: '/v1/introspection/:node',
    policy: 'introspection:start',
    summary: 'Inspect a node',
    params,
    query: Type.Object({ manage_boot: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
    bodyOptional: true,
    success: 202,
  },
  {
    ...shared,
    id: 'introspection.show',
    method: 'GET',
    path: '/v1/introspection/:node',
    policy: 'introspection:status',
    summary: 'Show how the inspection of a node stands',
    params,
    success: 200,
    response: status,
  },
  {
    ...shared,
    id: 'introspection.abort',
    method: 'POST',
    path: '/v1/introspection/:node/abort',
    policy: 'introspection:abort',
    summary: 'Abort an inspection',
    params,
    bodyOptional: true,
    success: 202,
  },
  {
    ...shared,
    id: 'introspection.data',
    method: 'GET',
    path: '/v1/introspection/:node/data',
    policy: 'introspection:data',
    summary: 'Show what was found',
    params,
    success: 200,
    response: open,
  },
  {
    id: 'introspection.continue',
    method: 'POST',
    path: '/v1/continue',
    since: 0,
    policy: null,
    summary: 'Take the report of a ramdisk',
    body: open,
    bodyLimit: 16 * 1024 * 1024,
    success: 200,
    response: Type.Object({ uuid: Type.String() }),
    audit: false,
  },
] as const satisfies readonly Route[];

export const introspectionTable: DoorTable = {
  name: 'introspection',
  title: 'Bare Metal Introspection',
  prefix: '/introspection',
  routes: introspectionRoutes,
  versions: {
    min: 0,
    max: 18,
    fallback: 18,
    headers: {
      service: 'introspection',
      own: 'X-OpenStack-Ironic-Inspector-API-Version',
      min: 'X-OpenStack-Ironic-Inspector-API-Minimum-Version',
      max: 'X-OpenStack-Ironic-Inspector-API-Maximum-Version',
    },
  },
};
