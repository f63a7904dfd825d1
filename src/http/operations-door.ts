import type { Clock } from '#kernel/clock';
import { messageOf } from '#kernel/errors';
import type { Log } from '#platform/log';
import type { Metrics } from '#platform/metrics';
import type { Authoriser, Door, DoorTable, Handlers, Reply } from './contract.ts';
import { docsPage } from './docs-page.ts';
import { HttpErrors } from './errors.ts';
import { keystoneErrorBody } from './errors-keystone.ts';
import { EventHub, type EventSource, type HubLimits } from './event-hub.ts';
import { openapiOf } from './openapi.ts';
import { operationsRoutes } from './operations-routes.ts';

/** What the operators' doors need. */
export interface Operations {
  /** Can this process serve? Reasons are shown to anyone: no secrets. Asked at most once a second. */
  ready(): Promise<{ ready: boolean; reasons: readonly string[] }>;
  /** Where `/events` takes its events from; without it there is no `/events`. */
  events?: EventSource;
  eventLimits?: Partial<HubLimits>;
  /** May this address read `/metrics`? Default: this machine only. */
  metricsFor?(source: string): boolean;
  /** `/healthcheck` and `/metrics`, and nothing else. */
  statusOnly?: boolean;
}

/** What the operators' doors take from the server they are part of. */
interface Parts {
  doors: readonly DoorTable[];
  authoriser: Authoriser;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  draining(): boolean;
}

/** Milliseconds after which a readiness check that does not answer counts as a no. */
const READY_MS = 5000;
const READY_CACHE_MS = 1000;

const STATUS_ROUTES: ReadonlySet<string> = new Set(['health.get', 'metrics.get']);

/** The door of `/healthcheck`, `/metrics`, `/events` and `/docs`. */
export function operationsDoor(operations: Operations, parts: Parts): { door: Door; drain(): void; close(): void } {
  const { clock, metrics } = parts;
  const hub = operations.events && new EventHub(operations.events, parts, operations.eventLimits);
  const readiness = cachedReadiness(operations, clock);
  const documents = new Map<string, string>();
  const documentOf = (table: DoorTable) => {
    const made = documents.get(table.name) ?? JSON.stringify(openapiOf(table));
    documents.set(table.name, made);
    return made;
  };
  const tables = () => [...parts.doors, door];

  const handlers: Handlers<typeof operationsRoutes> = {
    'health.get': async () => {
      const { ready, reasons } = parts.draining() ? { ready: false, reasons: ['stopping'] } : await readiness();
      return { status: ready ? 200 : 503, body: { ready, reasons }, headers: { 'Cache-Control': 'no-store' } };
    },
    'metrics.get': async (context) => {
      // 404 and not 403: whether there are metrics is nobody's business either.
      if (!(operations.metricsFor ?? isLoopback)(context.source)) throw HttpErrors.UrlUnknown();
      const { contentType, text } = await metrics.render();
      return { content: text, headers: { 'Content-Type': contentType } };
    },
    'events.stream': (context, { query, headers }) => {
      if (hub === undefined) throw HttpErrors.UrlUnknown();
      if (hub.full) throw HttpErrors.TooManyStreams(hub.maxStreams);
      const topics = query['topics'] === undefined ? null : new Set(query['topics'] as string[]);
      const last = headers['last-event-id'];
      return {
        headers: {
          'Content-Type': 'text/event-stream',
          'Cache-Control': 'no-store',
          'X-Accel-Buffering': 'no', // nginx would hold events back
        },
        raw: (response) => hub.open(response, context.caller, topics, typeof last === 'string' ? last : undefined),
      };
    },
    'docs.page': () => docsPage(),
    'docs.list': () => ({ body: tables().map(({ name, title, prefix }) => ({ name, title: title ?? name, prefix })) }),
    'docs.get': (_context, { params }): Reply => {
      const table = tables().find(({ name }) => name === params['service']);
      if (table === undefined) throw HttpErrors.UrlUnknown();
      return { json: documentOf(table), headers: { 'Cache-Control': 'no-cache' } };
    },
  };
  const isThere = (id: string) => operations.statusOnly !== true || STATUS_ROUTES.has(id);
  const door: Door = {
    name: 'operations',
    title: 'Operations',
    prefix: '',
    routes: operationsRoutes.filter(({ id }) => isThere(id)),
    handlers: Object.fromEntries(Object.entries(handlers).filter(([id]) => isThere(id))),
    errorBody: keystoneErrorBody,
  };
  return { door, drain: () => hub?.drain(), close: () => hub?.close() };
}

/** One question at a time, its answer kept for a second: probes must not load the database they ask about. */
function cachedReadiness(operations: Operations, clock: Clock) {
  let answer: Promise<{ ready: boolean; reasons: readonly string[] }> | undefined;
  let until = 0;
  return () => {
    if (answer !== undefined && clock.monotonic() < until) return answer;
    let cancel = () => {};
    const late = new Promise<{ ready: boolean; reasons: string[] }>((resolve) => {
      cancel = clock.after(READY_MS, () => resolve({ ready: false, reasons: ['the check did not answer in time'] }));
    });
    answer = Promise.race([Promise.resolve().then(() => operations.ready()), late])
      .catch((error: unknown) => ({ ready: false, reasons: [messageOf(error)] }))
      .finally(() => {
        cancel();
        until = clock.monotonic() + READY_CACHE_MS;
      });
    until = Number.POSITIVE_INFINITY;
    return answer;
  };
}

function isLoopback(source: string): boolean {
  return source === '::1' || source.startsWith('127.') || source.startsWith('::ffff:127.');
}
