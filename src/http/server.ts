import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Clock, systemClock } from '#kernel/clock';
import { newRequestId } from '#kernel/ids';
import type { Log } from '#platform/log';
import type { Metrics } from '#platform/metrics';
import { type AccessLog, Answerer } from './answer.ts';
import { bindDoors } from './bind.ts';
import { type BodyPace, DEFAULT_PACE } from './body-reader.ts';
import { answerBrokenRequest } from './broken-request.ts';
import type { Authoriser, Door, Route } from './contract.ts';
import { HttpErrors } from './errors.ts';
import { Exchange, type ExchangeEnvironment } from './exchange.ts';
import { type Injected, type InjectRequest, injectInto } from './inject.ts';
import { RequestMeter } from './meter.ts';
import { baseUrlOf, type OriginOptions, sourceOf } from './origin.ts';
import { PathIndex } from './path-index.ts';
import { type Runner, serve } from './runner.ts';
import { ServedDoor, ServedRoute } from './served-route.ts';

/** Characters of a URL; more is refused with 414. */
const MAX_URL = 8192;
const MAX_HEADER_BYTES = 32 * 1024;

export interface ServerOptions {
  doors: readonly Door[];
  authoriser: Authoriser;
  log: Log;
  metrics: Metrics;
  clock?: Clock;
  /** Which requests are logged at `info`. Default `changes`: all but quick, successful reads. */
  accessLog?: AccessLog;
  /** Milliseconds from which a read counts as slow. Default 1000. */
  slowMs?: number;
  origin?: OriginOptions;
  limits?: Partial<ServerLimits>;
}

/** What a client may cost. Milliseconds and numbers. */
export interface ServerLimits {
  /** For the whole head of a request. */
  headersTimeoutMs: number;
  /** An idle kept-alive connection is closed after this. */
  keepAliveMs: number;
  /** A connection on which nothing moves in either direction is closed after this. */
  idleMs: number;
  maxConnections: number;
  pace: BodyPace;
}

const DEFAULT_LIMITS: ServerLimits = {
  headersTimeoutMs: 15_000,
  keepAliveMs: 75_000, // longer than the 60 s of common load balancers, so that they close first
  idleMs: 150_000,
  maxConnections: 10_000,
  pace: DEFAULT_PACE,
};

export interface ApiServer {
  /** Listens on an address, or on a socket somebody else opened (`fd`). Gives the address. */
  listen(at: { host: string; port: number } | { fd: number }): Promise<{ host: string; port: number }>;
  /** Where it listens; null before. */
  readonly address: { host: string; port: number } | null;
  /**
   * Drains: accepts nothing new, finishes what is in flight within `deadlineMs` (default 20,000), then cuts the
   * rest. Gives how many requests were cut.
   */
  close(deadlineMs?: number): Promise<number>;
  /** Serves a request without a socket. For tests. */
  inject(request: InjectRequest): Promise<Injected>;
  /** Requests being served. */
  readonly inFlight: number;
  /** Runs `fn` when draining begins (event streams end themselves). */
  onDrain(fn: () => void): void;
  /** Compiles all schemas now; throws when one is not a schema. For tests. */
  compile(): void;
}

/** Builds the server of all doors. Throws when tables and handlers do not fit together; opens no socket. */
export async function createServer(options: ServerOptions): Promise<ApiServer> {
  const clock = options.clock ?? systemClock;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const origin = options.origin ?? {};
  const bound = bindDoors(options.doors);
  const inFlight = new Set<Exchange>();
  const drainHooks: (() => void)[] = [];
  let draining = false;
  let address: { host: string; port: number } | null = null;

  const answerer = new Answerer({
    log: options.log,
    authoriser: options.authoriser,
    accessLog: options.accessLog ?? 'changes',
    slowMs: options.slowMs ?? 1000,
    monotonic: () => clock.monotonic(),
    strayMeter: new RequestMeter(options.metrics, 'none', 'any'),
    draining: () => draining,
    done: (exchange) => void inFlight.delete(exchange),
  });
  const environment: ExchangeEnvironment = {
    authoriser: options.authoriser,
    log: options.log,
    monotonic: () => clock.monotonic(),
    baseUrl: (request) => baseUrlOf(request, origin, address === null ? 'http://localhost' : urlOf(address)),
    source: (request) => sourceOf(request, origin),
  };
  // The longest prefix first: '' fits every path.
  const doors = options.doors
    .map((door) => ({ served: new ServedDoor(door), index: new PathIndex(door.routes) }))
    .sort((a, b) => b.served.door.prefix.length - a.served.door.prefix.length);
  const fallbackDoor = doors.at(-1);
  if (fallbackDoor === undefined) throw new Error('a server needs at least one door');
  const doorAt = (path: string) =>
    doors.find(({ served: { door } }) => path === door.prefix || path.startsWith(`${door.prefix}/`)) ?? fallbackDoor;

  const fastify = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: false,
    return503OnClosing: false,
    genReqId: () => '', // ours is made with the exchange
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.keepAliveMs,
    requestTimeout: 0, // bodies have a pace of their own, which suits 64 MiB over a slow line
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: 2000,
    },
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: MAX_URL,
      querystringParser: ((text: string) => text) as never, // ours is strict and knows the route
    },
    rewriteUrl: (request) => rewrite(request.url ?? '/', (path) => cutJsonSuffix(path, request.headers)),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, fallbackDoor.served.door),
    frameworkErrors: (error, request, reply) => stray(request, reply, error),
  });

  const runner: Runner = {
    authoriser: options.authoriser,
    clock,
    pace: limits.pace,
    answer: (exchange, reply) => answerer.answer(exchange, reply),
    refuse(exchange, error) {
      const served = (exchange.served as ServedRoute).served;
      answerer.refuse(exchange, error, served.door, served.requestIdSince);
    },
  };

  /** A request no route takes: 404, 405 with `Allow`, or 200 to OPTIONS. */
  function stray(request: FastifyRequest, reply: FastifyReply, error?: unknown): void {
    const { raw } = request;
    const path = (raw.url ?? '/').split('?', 1)[0] ?? '/';
    const { served, index } = doorAt(path);
    const negotiated = served.negotiate(raw.headers);
    const exchange = new Exchange(newRequestId(), raw, reply.raw, null, negotiated, environment);
    inFlight.add(exchange);
    const refuse = (reason: unknown, extra: string[] = []) =>
      answerer.refuse(exchange, reason, served.door, served.requestIdSince, extra);
    if ((raw.url?.length ?? 0) > MAX_URL) return refuse(HttpErrors.UrlTooLong(MAX_URL));
    if (error !== undefined) return refuse(error);
    const inside = path.slice(served.door.prefix.length) || '/';
    const here = index.at(inside).length > 0 ? index.at(inside) : index.at(`${served.door.impliedPath ?? ''}${inside}`);
    const visible = here.filter((route) => route.since <= negotiated.minor);
    if (negotiated.refusal !== undefined && here.length > 0) return refuse(negotiated.refusal);
    if (visible.length === 0) return refuse(HttpErrors.UrlUnknown());
    const allow = [...new Set([...visible.map((route) => route.method), 'OPTIONS'])].sort().join(', ');
    if (raw.method !== 'OPTIONS') return refuse(HttpErrors.MethodNotAllowed(allow), ['Allow', allow]);
    return answerer.answer(exchange, { status: 200, headers: { Allow: allow } });
  }

  function cutJsonSuffix(path: string, headers: Record<string, string | string[] | undefined>): string {
    const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
    if (!trimmed.endsWith('.json')) return path;
    const { served } = doorAt(path);
    const below = served.door.versions?.jsonSuffixBelow;
    const { minor, asked, refusal } = served.negotiate(headers);
    return below !== undefined && asked && refusal === undefined && minor < below ? trimmed.slice(0, -5) : path;
  }

  fastify.removeAllContentTypeParsers();
  // Bodies are read by us: limits by route, no 415, errors in the door's shape.
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  fastify.setNotFoundHandler((request, reply) => stray(request, reply));
  fastify.setErrorHandler((error, request, reply) => stray(request, reply, error));

  const servedRoutes: ServedRoute[] = [];
  for (const one of bound) {
    const { door, route } = one;
    const served = (doors.find((entry) => entry.served.door === door) ?? fallbackDoor).served;
    const servedRoute = new ServedRoute(
      one,
      served,
      new RequestMeter(options.metrics, `${door.name}:${route.id}`, route.method),
    );
    servedRoutes.push(servedRoute);
    for (const url of pathsOf(door, route)) addRoute(fastify, url, servedRoute);
  }

  function addRoute(instance: FastifyInstance, url: string, served: ServedRoute): void {
    const handler = (request: FastifyRequest, reply: FastifyReply) => {
      const { raw } = request;
      const negotiated = served.served.negotiate(raw.headers);
      const exchange = new Exchange(newRequestId(), raw, reply.raw, served, negotiated, environment);
      inFlight.add(exchange);
      if ((raw.url as string).length > MAX_URL) runner.refuse(exchange, HttpErrors.UrlTooLong(MAX_URL));
      else serve(runner, exchange, served, request.params as Record<string, string>, queryText(request.query));
    };
    instance.route({
      method: served.route.method,
      url,
      handler,
      // Fastify would refuse content types it cannot read; every body here is JSON whatever it calls itself.
      ...(served.takesBody ? { onRequest: forgetContentType } : {}),
    });
  }

  await fastify.ready();
  const { server } = fastify;
  server.maxConnections = limits.maxConnections;
  // Requests whose time is over; one look a second costs less than a timer a request.
  const stopSweep = clock.every(1000, () => {
    const now = clock.monotonic();
    for (const exchange of inFlight) {
      const limit = exchange.served?.timeoutMs ?? 0;
      if (limit === 0 || exchange.answered || now - exchange.startedAt < limit) continue;
      const error = HttpErrors.RequestTimeout(limit);
      exchange.abort(error);
      runner.refuse(exchange, error);
    }
  });

  return {
    async listen(at) {
      const listening = once(server, 'listening');
      server.listen('fd' in at ? { fd: at.fd } : { host: at.host, port: at.port });
      await listening;
      const { address: host, port } = server.address() as AddressInfo;
      address = { host, port };
      return address;
    },
    get address() {
      return address;
    },
    async close(deadlineMs = 20_000) {
      draining = true;
      for (const hook of drainHooks) hook();
      const closed = server.listening
        ? new Promise<void>((resolve) => server.close(() => resolve()))
        : Promise.resolve();
      server.closeIdleConnections();
      const end = clock.monotonic() + deadlineMs;
      while (inFlight.size > 0 && clock.monotonic() < end) await clock.sleep(10);
      const cut = inFlight.size;
      server.closeIdleConnections();
      if (cut > 0) {
        for (const exchange of inFlight) exchange.abort(HttpErrors.Draining());
      }
      // What is left are connections that still send us something, or do not take their last reply.
      const lastWrites = clock.sleep(cut > 0 ? 0 : 250).then(() => server.closeAllConnections());
      await Promise.all([closed, lastWrites]);
      stopSweep();
      await fastify.close();
      return cut;
    },
    inject: (request) => injectInto(fastify, request),
    get inFlight() {
      return inFlight.size;
    },
    onDrain: (fn) => void drainHooks.push(fn),
    compile() {
      for (const route of servedRoutes) route.compile();
    },
  };
}

/** All URLs of a route: with the door's prefix, and without what may be left out. */
function pathsOf(door: Door, route: Route): string[] {
  const { prefix, impliedPath } = door;
  const full = route.path === '/' && prefix !== '' ? prefix : `${prefix}${route.path}`;
  if (impliedPath === undefined || !route.path.startsWith(`${impliedPath}/`)) return [full];
  return [full, `${prefix}${route.path.slice(impliedPath.length)}`];
}

function forgetContentType(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  delete request.raw.headers['content-type'];
  done();
}

/** Applies `change` to the path of a URL and leaves the query alone. */
function rewrite(url: string, change: (path: string) => string): string {
  if (!url.includes('.json')) return url;
  const mark = url.indexOf('?');
  return mark < 0 ? change(url) : change(url.slice(0, mark)) + url.slice(mark);
}

function queryText(query: unknown): string {
  return typeof query === 'string' ? query : '';
}

function urlOf({ host, port }: { host: string; port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
