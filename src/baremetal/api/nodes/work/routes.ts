import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { nodeParams } from '../routes.ts';

const anyObject = Type.Object({}, { additionalProperties: true });
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Rows at most, newest first.' }));

/** How work on a node went: where its time was spent, and what proves that it was cleaned. Not in Ironic. */
export const workRoutes = [
  {
    id: 'node.timeline.list',
    method: 'GET',
    path: '/v1/nodes/:node_ident/timeline',
    since: 78,
    policy: 'baremetal:node:timeline:get',
    guard: 'handler',
    summary: 'List how operations spent their time, and how far the one in hand is',
    params: nodeParams,
    query: Type.Object(
      { limit, operation: Type.Optional(Type.String({ description: 'Only deploy, clean, inspect…' })) },
      { additionalProperties: false },
    ),
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.proofs.list',
    method: 'GET',
    path: '/v1/nodes/:node_ident/proofs',
    since: 78,
    policy: 'baremetal:node:proof:get',
    guard: 'handler',
    summary: 'List what proves that a node was cleaned',
    params: nodeParams,
    query: Type.Object({ limit }, { additionalProperties: false }),
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.baseline.show',
    method: 'GET',
    path: '/v1/nodes/:node_ident/baseline',
    since: 78,
    policy: 'baremetal:node:proof:get',
    guard: 'handler',
    summary: "Show what a node's firmware is to be like between instances",
    params: nodeParams,
    success: 200,
    response: anyObject,
  },
  {
    id: 'node.baseline.delete',
    method: 'DELETE',
    path: '/v1/nodes/:node_ident/baseline',
    since: 78,
    policy: 'baremetal:node:baseline:delete',
    guard: 'handler',
    summary: 'Forget it: the next cleaning records anew',
    params: nodeParams,
    success: 204,
  },
  {
    id: 'node.deploy-plan',
    method: 'POST',
    path: '/v1/nodes/:node_ident/deploy_plan',
    since: 78,
    policy: 'baremetal:node:set_provision_state',
    guard: 'handler',
    summary: 'Say what a deploy would do, what is missing, and how long it will take; touches nothing',
    params: nodeParams,
    body: Type.Object(
      {
        instance_info: Type.Optional(
          Type.Object({}, { additionalProperties: true, description: "Over the node's own." }),
        ),
      },
      { additionalProperties: false },
    ),
    success: 200,
    response: anyObject,
    audit: false,
  },
] as const satisfies readonly Route[];
