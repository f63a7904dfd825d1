import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { patchSchema } from '#http/patch';
import { createSchema, fieldsArgument, listQuery, listSchema, resourceSchema } from '../schema/table-schema.ts';
import { NODES } from '../versions/nodes.ts';

/** `:node_ident` is a UUID, or a name since 1.5. */
export const nodeParams = Type.Object({ node_ident: Type.String({ description: 'UUID or name (1.5) of the node.' }) });

const node = resourceSchema(NODES);

export const nodeRoutes = [
  {
    id: 'node.list',
    method: 'GET',
    path: '/v1/nodes',
    since: 1,
    policy: 'baremetal:node:list',
    guard: 'handler',
    summary: 'List nodes',
    query: listQuery(NODES),
    success: 200,
    response: listSchema(NODES),
  },
  {
    id: 'node.list-detail',
    method: 'GET',
    path: '/v1/nodes/detail',
    since: 1,
    policy: 'baremetal:node:list',
    guard: 'handler',
    summary: 'List nodes with all their fields',
    query: listQuery(NODES, true),
    success: 200,
    response: listSchema(NODES),
  },
  {
    id: 'node.create',
    method: 'POST',
    path: '/v1/nodes',
    since: 1,
    policy: 'baremetal:node:create',
    guard: 'handler',
    summary: 'Enrol a node',
    body: createSchema(NODES, ['driver']),
    success: 201,
    response: node,
  },
  {
    id: 'node.show',
    method: 'GET',
    path: '/v1/nodes/:node_ident',
    since: 1,
    policy: 'baremetal:node:get',
    guard: 'handler',
    summary: 'Show a node',
    params: nodeParams,
    query: Type.Object({ fields: fieldsArgument }, { additionalProperties: false }),
    success: 200,
    response: node,
  },
  {
    id: 'node.update',
    method: 'PATCH',
    path: '/v1/nodes/:node_ident',
    since: 1,
    policy: 'baremetal:node:update',
    guard: 'handler',
    summary: 'Change fields of a node by JSON patch',
    params: nodeParams,
    query: Type.Object(
      {
        reset_interfaces: Type.Optional(
          Type.Boolean({ 'x-since': '1.45', description: 'With a new driver: give all interfaces its defaults.' }),
        ),
      },
      { additionalProperties: false },
    ),
    body: patchSchema,
    success: 200,
    response: node,
  },
  {
    id: 'node.delete',
    method: 'DELETE',
    path: '/v1/nodes/:node_ident',
    since: 1,
    policy: 'baremetal:node:delete',
    guard: 'handler',
    summary: 'Forget a node',
    params: nodeParams,
    success: 204,
  },
] as const satisfies readonly Route[];
