import { Type } from 'typebox';
import type { Route } from './contract.ts';

/** The doors of people and of operators' tools, beside the services' own. */
export const operationsRoutes = [
  {
    id: 'health.get',
    method: 'GET',
    path: '/healthcheck',
    since: 0,
    policy: null,
    summary: 'Is this process ready to serve?',
    description: '200 when it is; 503 when it is not, or when it is stopping.',
    success: 200,
    produces: 'application/json',
    response: Type.Object({ ready: Type.Boolean(), reasons: Type.Array(Type.String()) }),
  },
  {
    id: 'metrics.get',
    method: 'GET',
    path: '/metrics',
    since: 0,
    policy: null,
    summary: 'Metrics in the text format of Prometheus',
    success: 200,
    produces: 'text/plain',
  },
  {
    id: 'events.stream',
    method: 'GET',
    path: '/events',
    since: 0,
    policy: 'ingot:events:stream',
    guard: 'caller',
    summary: 'Changes as they happen (server-sent events)',
    description:
      'Each event is named after its topic and carries `{ id, data }` of a row the caller may see. `resync` asks to ' +
      'read everything again, `dropped` ends a stream whose reader is too slow, `bye` one that grew old.',
    success: 200,
    produces: 'text/event-stream',
    query: Type.Object({
      topics: Type.Optional(Type.Array(Type.String(), { maxItems: 32, description: 'Only these topics' })),
    }),
    timeoutMs: 0,
  },
  {
    id: 'docs.page',
    method: 'GET',
    path: '/docs',
    since: 0,
    policy: null,
    summary: 'A page to browse the API with',
    success: 200,
    produces: 'text/html',
  },
  {
    id: 'docs.list',
    method: 'GET',
    path: '/docs/api',
    since: 0,
    policy: null,
    summary: 'The services that have an OpenAPI document',
    success: 200,
  },
  {
    id: 'docs.get',
    method: 'GET',
    path: '/docs/api/:service',
    since: 0,
    policy: null,
    summary: 'The OpenAPI 3.1 document of a service',
    success: 200,
  },
] as const satisfies readonly Route[];
