import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { recordRoutes } from '../records/routes.ts';
import { fieldsArgument, resourceSchema } from '../schema/table-schema.ts';
import { ALLOCATIONS } from '../versions/beside.ts';
import { allocationDoor } from './door.ts';

const nodeParams = Type.Object({ node_ident: Type.String({ description: 'UUID or name of the node.' }) });

/** A new allocation may name the node it describes (backfill, 1.58). */
const withNode = (route: Route): Route =>
  route.id === 'allocation.create' && route.body !== undefined
    ? {
        ...route,
        body: {
          ...route.body,
          properties: {
            ...(route.body as unknown as { properties: Record<string, unknown> }).properties,
            node: { type: 'string', description: 'Active node to describe (1.58).', 'x-since': '1.58' },
          },
        } as NonNullable<Route['body']>,
      }
    : route;

export const allocationRoutes: readonly Route[] = [
  ...recordRoutes(allocationDoor).map(withNode),
  {
    id: 'node.allocation',
    method: 'GET',
    path: '/v1/nodes/:node_ident/allocation',
    since: 52,
    policy: 'baremetal:allocation:get',
    guard: 'handler',
    summary: 'Show the allocation of a node',
    params: nodeParams,
    query: Type.Object({ fields: fieldsArgument }, { additionalProperties: false }),
    success: 200,
    response: resourceSchema(ALLOCATIONS),
  },
  {
    id: 'node.allocation-delete',
    method: 'DELETE',
    path: '/v1/nodes/:node_ident/allocation',
    since: 52,
    below: 405,
    policy: 'baremetal:allocation:delete',
    guard: 'handler',
    summary: 'Delete the allocation of a node',
    params: nodeParams,
    success: 204,
  },
];
