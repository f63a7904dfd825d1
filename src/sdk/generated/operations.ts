// Generated from the route table of operations by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface HealthGetResponse {
  ready: boolean;
  reasons: string[];
}

export interface EventsStreamQuery {
  topics?: string[] | undefined;
}

/** Every operation of the service, by name. */
export const operations = {
  /** Is this process ready to serve? */
  healthGet: { id: 'health.get', method: 'GET', path: '/healthcheck' } as Operation<undefined, undefined, undefined, HealthGetResponse>,
  /** Metrics in the text format of Prometheus */
  metricsGet: { id: 'metrics.get', method: 'GET', path: '/metrics' } as Operation<undefined, undefined, undefined, unknown>,
  /** Changes as they happen (server-sent events) */
  eventsStream: { id: 'events.stream', method: 'GET', path: '/events' } as Operation<undefined, EventsStreamQuery, undefined, unknown>,
  /** A page to browse the API with */
  docsPage: { id: 'docs.page', method: 'GET', path: '/docs' } as Operation<undefined, undefined, undefined, unknown>,
  /** The services that have an OpenAPI document */
  docsList: { id: 'docs.list', method: 'GET', path: '/docs/api' } as Operation<undefined, undefined, undefined, unknown>,
  /** The OpenAPI 3.1 document of a service */
  docsGet: { id: 'docs.get', method: 'GET', path: '/docs/api/:service' } as Operation<{ service: string }, undefined, undefined, unknown>,
};
