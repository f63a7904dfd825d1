import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Clock, systemClock } from '#kernel/clock';
import { newRequestId } from '#kernel/ids';
import type { Log } from '#platform/log';
import type { Metrics } from '#platform/metrics';
import { Answerer } from './answer.ts';
import { bindDoors } from './bind.ts';
import { BodyBudget } from './body-budget.ts';
import { answerBrokenRequest } from './broken-request.ts';
import type { Authoriser, Door, RequestAudit, Route, UpgradeTaker } from './contract.ts';
import { HttpErrors } from './errors.ts';
import { Exchange, type ExchangeEnvironment } from './exchange.ts';
import { DEFAULT_LIMITS, MAX_HEADER_BYTES, type ServerLimits } from './limits.ts';
import { type Injected, type InjectRequest, injectInto } from './inject.ts';
import { type Operations, operationsDoor } from './operations-door.ts';
import { baseUrlOf, type OriginOptions, sourceOf } from './origin.ts';
import { type AccessLog, RequestAccount, RequestMeter } from './request-account.ts';
import { type Runner, serve } from './runner.ts';
import { ServedRoute } from './served-route.ts';
import { Doors, MAX_URL } from './stray.ts';

export interface ServerOptions {
  doors: readonly Door[];
  authoriser: Authoriser;
  log: Log;
  metrics: Metrics;
  clock?: Clock;
  /** `/healthcheck`, `/metrics`, `/events`, `/docs/`. Left out: none of them. */
  operations?: Operations;
  /** Told of each state-changing call before its reply is sent. */
  audit?: RequestAudit;
  /** WebSockets. */
  upgrade?: UpgradeTaker;
  /** Which requests are logged at `info`. Default `changes`: all but quick, successful reads. */
  accessLog?: AccessLog;
  /** Milliseconds from which a read counts as slow. Default 1000. */
  slowMs?: number;
  origin?: OriginOptions;
  /** Plain HTTP without. */
  tls?: Certificate;
  /** Tells this server from others of the process in metrics. Default `main`. */
  name?: string;
  limits?: Partial<ServerLimits>;
}

/** PEM texts: the certificate with its chain, and its key. */
export interface Certificate {
  cert: string;
  key: string;
}

/** Where a server listens. */
export interface Address {
  host: string;
  port: number;
}

export interface ApiServer {
  /** Listens on an address, or on a socket somebody else opened (`fd`). Rejects when it cannot (port taken). */
  listen(at: Address | { fd: number }): Promise<Address>;
  /** Where it listens; null before. */
  readonly address: Address | null;
  /**
   * Drains: accepts nothing new, ends event streams, finishes what is in flight within `deadlineMs` (default
   * 20,000), then cuts the rest. Gives how many requests were cut.
   */
  close(deadlineMs?: number): Promise<number>;
  /** New connections get this certificate. Throws when the two do not fit together, or without TLS; the old stays. */
  renew(certificate: Certificate): void;
  /** Serves a request without a socket. For tests. */
  inject(request: InjectRequest): Promise<Injected>;
  /** Requests being served. */
  readonly inFlight: number;
  /** Compiles all schemas now; throws when one is not a schema. For tests. */
  compile(): void;
}

const TLS_MINIMUM = 'TLSv1.2';

/** Builds the server of all doors. Throws when tables and handlers do not fit together; opens no socket. */
export async function createServer(options: ServerOptions): Promise<ApiServer> {
  const clock = options.clock ?? systemClock;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const inFlight = new Set<Exchange>();
  const budget = new BodyBudget(limits.bodies);
  let draining = false;
  let address: Address | null = null;

  const operations =
    options.operations && operationsDoor(options.operations, { ...options, clock, draining: () => draining });
  const allDoors = operations === undefined ? options.doors : [...options.doors, operations.door];
  const bound = bindDoors(allDoors);
  const doors = new Doors(allDoors);
  const scheme = options.tls === undefined ? 'http' : 'https';
  const origin = options.origin ?? {};

  const labels = { listener: options.name ?? 'main' };
  const gauge = (name: string, help: string) => options.metrics.gauge(name, help, ['listener']).with(labels);
  const busy = gauge('ingot_http_requests_in_flight', 'Requests being served');
  const bodies = gauge('ingot_http_body_bytes', 'Bytes of request bodies held in memory');
  options.metrics.beforeRender(() => {
    busy.set(inFlight.size);
    bodies.set(budget.held);
  });
  const account = new RequestAccount(
    options.log,
    options.metrics,
    options.accessLog ?? 'changes',
    options.slowMs ?? 1000,
  );
  const answerer = new Answerer({
    authoriser: options.authoriser,
    account,
    audit: options.audit,
    clock,
    draining: () => draining,
    done(exchange) {
      inFlight.delete(exchange);
      budget.release(exchange.bodyBytes);
    },
  });
  const environment: ExchangeEnvironment = {
    authoriser: options.authoriser,
    log: options.log,
    monotonic: () => clock.monotonic(),
    baseUrl: (request) => baseUrlOf(request, origin, scheme, address === null ? 'localhost' : hostOf(address)),
    source: (request) => sourceOf(request, origin),
  };
  const runner: Runner = {
    authoriser: options.authoriser,
    clock,
    pace: limits.pace,
    budget,
    answer: (exchange, reply) => answerer.answer(exchange, reply),
    refuse(exchange, error) {
      const { served } = exchange.served as ServedRoute;
      answerer.refuse(exchange, error, served.door, served.requestIdSince);
    },
  };
  const track = (exchange: Exchange) => void inFlight.add(exchange);
  const stray = (request: FastifyRequest, reply: FastifyReply, error?: unknown) =>
    doors.answerStray(request.raw, reply.raw, environment, answerer, track, error);

  const nodeOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: 1000,
    // Node would keep the first of two `Authorization` and drop the other unseen; joined, neither is accepted.
    joinDuplicateHeaders: true,
    ...(options.upgrade && { shouldUpgradeCallback: options.upgrade.wants }),
  };
  const fastify = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: false,
    return503OnClosing: false,
    genReqId: () => '', // ours is made with the exchange
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.keepAliveMs,
    requestTimeout: 0, // bodies have a pace of their own, which suits 64 MiB over a slow line
    ...(options.tls === undefined
      ? { http: nodeOptions }
      : { https: { ...nodeOptions, ...options.tls, minVersion: TLS_MINIMUM } }),
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: MAX_URL,
      querystringParser: ((text: string) => text) as never, // ours is strict and knows the route
    },
    rewriteUrl: (request) => doors.withoutJsonSuffix(request.url ?? '/', request.headers),
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, doors.main),
    frameworkErrors: (error, request, reply) => stray(request, reply, error),
  }) as unknown as FastifyInstance;

  fastify.removeAllContentTypeParsers();
  // Bodies are read by us: limits by route, no 415, errors in the door's shape.
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  fastify.setNotFoundHandler((request, reply) => stray(request, reply));
  fastify.setErrorHandler((error, request, reply) => stray(request, reply, error));

  const servedRoutes = bound.map((one) => {
    const meter = new RequestMeter(options.metrics, `${one.door.name}:${one.route.id}`, one.route.method);
    const served = new ServedRoute(one, doors.of(one.door), meter);
    for (const url of pathsOf(one.door, one.route)) addRoute(url, served);
    return served;
  });

  function addRoute(url: string, served: ServedRoute): void {
    const handler = ({ raw, params, query }: FastifyRequest, reply: FastifyReply) => {
      const negotiated = served.served.negotiate(raw.headers);
      const exchange = new Exchange(newRequestId(), raw, reply.raw, served, negotiated, environment);
      exchange.params = params as Record<string, string>;
      inFlight.add(exchange);
      if (inFlight.size > limits.maxInFlight) runner.refuse(exchange, HttpErrors.Busy());
      else if ((raw.url as string).length > MAX_URL) runner.refuse(exchange, HttpErrors.UrlTooLong(MAX_URL));
      else serve(runner, exchange, served, typeof query === 'string' ? query : '');
    };
    // Fastify would refuse content types it cannot read; every body here is JSON whatever it calls itself.
    const early = served.takesBody ? { onRequest: forgetContentType } : {};
    fastify.route({ method: served.route.method, url, handler, ...early });
  }

  await fastify.ready();
  const { server } = fastify;
  server.maxConnections = limits.maxConnections;
  // Node forgets sockets that were upgraded or spoke no HTTP; the end of the server must not wait for those.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const { upgrade } = options;
  if (upgrade !== undefined) server.on('upgrade', (request, socket, head) => upgrade.take(request, socket, head));
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

  async function drain(deadlineMs: number): Promise<number> {
    draining = true;
    operations?.drain();
    const closed = server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : Promise.resolve();
    server.closeIdleConnections();
    const end = clock.monotonic() + deadlineMs;
    while (inFlight.size > 0 && clock.monotonic() < end) await clock.sleep(10);
    const cut = inFlight.size;
    for (const exchange of inFlight) exchange.abort(HttpErrors.Draining());
    server.closeIdleConnections();
    // What is left are connections that still send us something, or do not take their last reply.
    await Promise.race([closed, clock.sleep(cut > 0 ? 0 : 250)]);
    for (const socket of sockets) socket.destroy();
    await closed;
    stopSweep();
    operations?.close();
    await fastify.close();
    return cut;
  }

  let closing: Promise<number> | undefined;
  return {
    async listen(at) {
      server.listen('fd' in at ? { fd: at.fd } : { host: at.host, port: at.port });
      await once(server, 'listening');
      const bound = server.address() as AddressInfo;
      address = { host: bound.address, port: bound.port };
      return address;
    },
    get address() {
      return address;
    },
    close(deadlineMs = 20_000) {
      closing ??= drain(deadlineMs);
      return closing;
    },
    renew(certificate) {
      if (!('setSecureContext' in server)) throw new Error('this server speaks no TLS');
      (server as unknown as TlsServer).setSecureContext({ ...certificate, minVersion: TLS_MINIMUM });
    },
    inject: (request) => injectInto(fastify, request),
    get inFlight() {
      return inFlight.size;
    },
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
  const short = `${prefix}${route.path.slice(impliedPath.length)}`;
  return short === `${prefix}/` ? [full] : [full, short];
}

function forgetContentType(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  delete request.raw.headers['content-type'];
  done();
}

function hostOf({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
