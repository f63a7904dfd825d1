import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { fieldsArgument } from '../../schema/table-schema.ts';
import { nodeParams } from '../routes.ts';

const anyObject = Type.Object({}, { additionalProperties: true });
const detail = Type.Optional(Type.Boolean({ description: 'Show all fields.' }));

/** What was found out about a node: firmware settings and versions, inventory, history. */
export const foundRoutes = [
  {
    id: 'node.bios.list',
    method: 'GET',
    path: '/v1/nodes/:node_ident/bios',
    since: 40,
    policy: 'baremetal:node:bios:get',
    guard: 'handler',
    summary: 'List BIOS settings',
    params: nodeParams,
    query: Type.Object({ detail, fields: fieldsArgument }, { additionalProperties: false }),
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.bios.show',
    method: 'GET',
    path: '/v1/nodes/:node_ident/bios/:setting',
    since: 40,
    policy: 'baremetal:node:bios:get',
    guard: 'handler',
    summary: 'Show a BIOS setting',
    params: Type.Object({ node_ident: Type.String(), setting: Type.String() }),
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.firmware.list',
    method: 'GET',
    path: '/v1/nodes/:node_ident/firmware',
    since: 86,
    policy: 'baremetal:node:firmware:get',
    guard: 'handler',
    summary: 'List firmware components',
    params: nodeParams,
    query: Type.Object({ detail, fields: fieldsArgument }, { additionalProperties: false }),
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.inventory.show',
    method: 'GET',
    path: '/v1/nodes/:node_ident/inventory',
    since: 81,
    policy: 'baremetal:node:inventory:get',
    guard: 'handler',
    summary: 'Show what inspection found',
    params: nodeParams,
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.history.list',
    method: 'GET',
    path: '/v1/nodes/:node_ident/history',
    since: 78,
    policy: 'baremetal:node:history:get',
    guard: 'handler',
    summary: 'List what happened to a node',
    params: nodeParams,
    query: Type.Object(
      {
        detail,
        marker: Type.Optional(Type.String({ description: 'uuid of the last entry of the page before.' })),
        limit: Type.Optional(Type.Integer()),
        sort_key: Type.Optional(Type.String({ description: 'created_at (default), severity, event_type, conductor' })),
        sort_dir: Type.Optional(Type.String({ description: 'asc or desc.' })),
      },
      { additionalProperties: false },
    ),
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.history.show',
    method: 'GET',
    path: '/v1/nodes/:node_ident/history/:event',
    since: 78,
    policy: 'baremetal:node:history:get',
    guard: 'handler',
    summary: 'Show one entry of the history',
    params: Type.Object({ node_ident: Type.String(), event: Type.String() }),
    success: 200,
    response: anyObject,
  },
] as const satisfies readonly Route[];
