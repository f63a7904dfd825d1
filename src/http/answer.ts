import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { Log } from '#platform/log';
import type { Authoriser, Door, Reply } from './contract.ts';
import { announcesBody } from './body-reader.ts';
import type { Exchange } from './exchange.ts';
import { type Failure, failureOf } from './failure.ts';
import type { RequestMeter } from './meter.ts';

/** Which requests get a line at `info`; the others get one at `debug`. */
export type AccessLog = 'all' | 'changes' | 'errors';

/** Codes that Ironic's router raises, not its API: they have a body of another shape. */
const ROUTER_CODES = new Set([
  'UrlUnknown',
  'MethodNotAllowed',
  'VersionUnreadable',
  'VersionUnknown',
  'NotAcceptable',
  'BadUrl',
  'UrlTooLong',
]);

export interface AnswererOptions {
  log: Log;
  authoriser: Authoriser;
  accessLog: AccessLog;
  /** Milliseconds from which a request is slow, and logged. */
  slowMs: number;
  monotonic(): number;
  /** Counts requests that no route took. */
  strayMeter: RequestMeter;
  /** True while the server stops: connections are then closed after the reply. */
  draining(): boolean;
  /** Called when an exchange is over. */
  done(exchange: Exchange): void;
}

/** Writes replies and errors, with the headers that all of them have, and accounts for them. */
export class Answerer {
  readonly #options: AnswererOptions;

  constructor(options: AnswererOptions) {
    this.#options = options;
  }

  /** Writes what a handler gave. Throws, with nothing written, when it cannot be made into JSON. */
  answer(exchange: Exchange, reply: Reply): void {
    if (exchange.answered) return;
    const served = exchange.served;
    const status = reply.status ?? served?.route.success ?? 200;
    const json = reply.json ?? (reply.body === undefined ? undefined : JSON.stringify(reply.body));
    const headers = this.#commonHeaders(exchange, served?.served.requestIdSince ?? 0);
    if (reply.headers !== undefined) {
      for (const name in reply.headers) headers.push(name, reply.headers[name] as string);
    }
    const { content, raw } = reply;
    if (json === undefined && content === undefined && raw === undefined) {
      this.#end(exchange, status, headers, null);
    } else if (json !== undefined) {
      headers.push('Content-Type', 'application/json');
      this.#end(exchange, status, headers, json);
    } else if (typeof content === 'string' || Buffer.isBuffer(content)) {
      this.#end(exchange, status, headers, content);
    } else {
      this.#flow(exchange, status, headers, reply);
    }
  }

  /** Writes an error in the door's shape. Never throws. */
  refuse(exchange: Exchange, error: unknown, door: Door, requestIdSince: number, extra: readonly string[] = []): void {
    if (exchange.answered) return;
    const failure = failureOf(error, exchange.requestId);
    // A reply whose headers could not be written may have left some behind.
    for (const name of exchange.response.getHeaderNames()) exchange.response.removeHeader(name);
    if (failure.ours) this.#tellOurs(exchange, failure, error);
    const headers = this.#commonHeaders(exchange, requestIdSince);
    headers.push(...extra);
    if (failure.retryAfter !== undefined) headers.push('Retry-After', String(Math.ceil(failure.retryAfter)));
    const { challenge } = this.#options.authoriser;
    if (failure.status === 401 && challenge !== undefined) headers.push('WWW-Authenticate', challenge);
    headers.push('Content-Type', 'application/json');
    this.#end(exchange, failure.status, headers, errorText(door, failure), failure);
  }

  #commonHeaders(exchange: Exchange, requestIdSince: number): string[] {
    const { requestId, negotiated } = exchange;
    const headers = ['Openstack-Request-Id', requestId];
    if (negotiated.minor >= requestIdSince) headers.push('X-Openstack-Request-Id', requestId);
    const versions = negotiated.headers;
    for (let i = 0; i < versions.length; i++) headers.push(versions[i] as string);
    return headers;
  }

  /** Writes head and payload at once. */
  #end(
    exchange: Exchange,
    status: number,
    headers: string[],
    payload: string | Buffer | null,
    failure?: Failure,
  ): void {
    const { response } = exchange;
    if (payload !== null) headers.push('Content-Length', String(Buffer.byteLength(payload)));
    else if (status !== 204 && status !== 304) headers.push('Content-Length', '0');
    if (this.#mustClose(exchange)) headers.push('Connection', 'close');
    if (!response.headersSent && !response.destroyed) {
      setHead(response, status, headers);
      exchange.answered = true;
      if (payload === null) response.end();
      else response.end(payload);
    }
    exchange.answered = true;
    this.#account(exchange, status, failure);
  }

  /** Hands the response to a stream or to the handler's own writer. */
  #flow(exchange: Exchange, status: number, headers: string[], reply: Reply): void {
    const { response, signal } = exchange;
    if (this.#mustClose(exchange)) headers.push('Connection', 'close');
    setHead(response, status, headers);
    exchange.answered = true;
    response.once('close', () => this.#account(exchange, status));
    if (reply.raw !== undefined) {
      response.flushHeaders();
      reply.raw(response, signal);
      return;
    }
    pipeline(reply.content as NodeJS.ReadableStream, response, (error) => {
      // The head is out: all that can be done for a broken source is to break the connection visibly.
      if (error) exchange.log.warn({ err: error, route: exchange.served?.route.id }, 'reply stream broke');
    });
  }

  /** A body nobody read would be taken for the next request, or hold the socket for as long as it trickles. */
  #mustClose(exchange: Exchange): boolean {
    return this.#options.draining() || (announcesBody(exchange.request) && !exchange.request.readableEnded);
  }

  #account(exchange: Exchange, status: number, failure?: Failure): void {
    const { log, accessLog, slowMs } = this.#options;
    const ms = this.#options.monotonic() - exchange.startedAt;
    (exchange.served?.meter ?? this.#options.strayMeter).observe(status, ms / 1000);
    this.#options.done(exchange);
    const method = exchange.request.method;
    const notable =
      status >= 500 ||
      (accessLog !== 'errors' && (ms >= slowMs || (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'))) ||
      accessLog === 'all';
    const level = notable ? 'info' : 'debug';
    if (!log.enabled(level)) return;
    const fields: Record<string, unknown> = {
      requestId: exchange.requestId,
      method,
      path: pathOf(exchange.request.url),
      route: exchange.served?.route.id,
      status,
      ms: Math.round(ms * 100) / 100,
      source: exchange.source,
    };
    if (exchange.globalRequestId !== null) fields['globalRequestId'] = exchange.globalRequestId;
    if (exchange.caller.userId !== null) fields['user'] = exchange.caller.userId;
    if (exchange.caller.projectId !== null) fields['project'] = exchange.caller.projectId;
    if (failure !== undefined) fields['code'] = failure.code;
    log[level](fields, 'request');
  }

  #tellOurs(exchange: Exchange, failure: Failure, error: unknown): void {
    const fields = {
      err: error,
      route: exchange.served?.route.id,
      method: exchange.request.method,
      code: failure.code,
    };
    // 503 is the service's weather (database away, stopping), not a fault in the code.
    if (failure.status === 503) exchange.log.warn(fields, 'request refused for now');
    else exchange.log.error(fields, 'request failed');
  }
}

function setHead(response: ServerResponse, status: number, headers: readonly string[]): void {
  response.statusCode = status;
  for (let i = 0; i < headers.length; i += 2) response.setHeader(headers[i] as string, headers[i + 1] as string);
}

function errorText(door: Door, failure: Failure): string {
  const { status, code, message, details } = failure;
  const facts = details === undefined ? { status, code, message } : { status, code, message, details };
  try {
    return JSON.stringify(door.errorBody(facts, ROUTER_CODES.has(code)));
  } catch {
    return JSON.stringify({ error: { code: status, message } });
  }
}

/** The path without its query, which may hold tokens; never megabytes of it. */
function pathOf(url: string | undefined): string {
  const path = url?.split('?', 1)[0] ?? '';
  return path.length > 256 ? `${path.slice(0, 256)}…` : path;
}
