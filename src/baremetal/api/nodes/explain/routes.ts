import { Type } from 'typebox';
import type { Route } from '#http/contract';
import { nodeParams } from '../routes.ts';

/** Why a machine did not boot, or how it did. Not in Ironic. */
export const explainRoutes = [
  {
    id: 'node.boot.explain',
    method: 'GET',
    path: '/v1/nodes/:node_ident/boot',
    since: 78,
    policy: 'baremetal:node:timeline:get',
    guard: 'handler',
    summary: 'Explain how the last boot of a node went and where it stopped',
    params: nodeParams,
    success: 200,
    response: Type.Object({}, { additionalProperties: true }),
  },
] as const satisfies readonly Route[];
