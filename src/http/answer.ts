import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { pipeline } from 'node:stream';
import type { Clock } from '#kernel/clock';
import { announcesBody } from './body-reader.ts';
import type { Authoriser, Door, Reply, RequestAudit } from './contract.ts';
import { type Exchange, NOBODY } from './exchange.ts';
import { type Failure, failureOf } from './failure.ts';
import { endAfterBody } from './linger.ts';
import type { RequestAccount } from './request-account.ts';

/** Codes that Ironic's router raises, not its API: they have a body of another shape. */
const ROUTER_CODES = new Set([
  'UrlUnknown',
  'MethodNotAllowed',
  'VersionUnreadable',
  'VersionUnknown',
  'AcceptRefused',
  'NotYet',
  'BadUrl',
  'UrlTooLong',
]);

/** Methods whose calls are recorded before their reply leaves. */
const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

export interface AnswererOptions {
  authoriser: Authoriser;
  account: RequestAccount;
  audit: RequestAudit | undefined;
  clock: Clock;
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

  /** Writes what a handler gave. Throws, with nothing written, when it cannot be made into a reply. */
  answer(exchange: Exchange, reply: Reply): void {
    if (exchange.answered) return;
    const { served } = exchange;
    const status = reply.status ?? served?.route.success ?? 200;
    const json = reply.json ?? (reply.body === undefined ? undefined : JSON.stringify(reply.body));
    const headers = this.#commonHeaders(exchange, served?.served.requestIdSince ?? 0);
    if (reply.headers !== undefined) {
      for (const name in reply.headers) {
        const value = reply.headers[name] as string;
        validateHeaderName(name);
        validateHeaderValue(name, value);
        headers.push(name, value);
      }
    }
    const { content, raw, released } = reply;
    if (released !== undefined) exchange.response.once('close', released);
    if (json !== undefined) {
      headers.push('Content-Type', 'application/json');
      this.#end(exchange, status, headers, json);
    } else if (content === undefined && raw === undefined) {
      this.#end(exchange, status, headers, null);
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
    if (failure.ours) this.#options.account.tellFailure(exchange, failure, error);
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

  /** Records the call when it is one to record, then writes head and payload at once. */
  #end(exchange: Exchange, status: number, headers: string[], payload: Payload, failure?: Failure): void {
    exchange.answered = true;
    const { audit } = this.#options;
    if (audit === undefined || !isAudited(exchange)) {
      this.#write(exchange, status, headers, payload, failure);
      return;
    }
    // No client may see a success that left no record, so the reply waits for it.
    const write = () => this.#write(exchange, status, headers, payload, failure);
    audit.record(this.#auditFacts(exchange, status, failure)).then(write, write);
  }

  #write(exchange: Exchange, status: number, headers: string[], payload: Payload, failure?: Failure): void {
    const { response } = exchange;
    if (payload !== null) headers.push('Content-Length', String(Buffer.byteLength(payload)));
    else if (status !== 204 && status !== 304) headers.push('Content-Length', '0');
    const unread = hasUnreadBody(exchange);
    if (unread || this.#options.draining()) headers.push('Connection', 'close');
    if (!response.headersSent && !response.destroyed) {
      setHead(response, status, headers);
      if (unread && status !== 408) {
        if (payload === null) response.flushHeaders();
        else response.write(payload);
        endAfterBody(exchange.request, response, this.#options.clock);
      } else if (payload === null) response.end();
      else response.end(payload);
    }
    this.#over(exchange, status, failure);
  }

  /** Hands the response to a stream or to the handler's own writer. */
  #flow(exchange: Exchange, status: number, headers: string[], reply: Reply): void {
    exchange.answered = true;
    const { response, signal } = exchange;
    // A stream lives longer than any keep-alive is for.
    if (reply.raw !== undefined || hasUnreadBody(exchange) || this.#options.draining())
      headers.push('Connection', 'close');
    setHead(response, status, headers);
    response.once('close', () => this.#over(exchange, status));
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

  #over(exchange: Exchange, status: number, failure?: Failure): void {
    this.#options.account.close(exchange, status, this.#options.clock.monotonic() - exchange.startedAt, failure);
    this.#options.done(exchange);
  }

  #auditFacts(exchange: Exchange, status: number, failure: Failure | undefined) {
    const { request, served } = exchange;
    const durationMs = this.#options.clock.monotonic() - exchange.startedAt;
    return {
      at: Math.round(this.#options.clock.now() - durationMs),
      requestId: exchange.requestId,
      caller: exchange.caller === NOBODY ? null : exchange.caller,
      source: exchange.source,
      userAgent: request.headers['user-agent'] ?? null,
      method: request.method ?? '',
      path: request.url?.split('?', 1)[0] ?? '',
      route: served?.route.id ?? null,
      service: served?.served.door.name ?? '',
      target: exchange.params,
      status,
      error: failure?.code ?? null,
      durationMs,
    };
  }
}

/** A body nobody reads would hold the connection for as long as it trickles. */
function hasUnreadBody({ request }: Exchange): boolean {
  return announcesBody(request) && !request.readableEnded;
}

type Payload = string | Buffer | null;

/** Calls of no route change nothing and are not recorded: anyone could fill the log with them. */
function isAudited({ request, served }: Exchange): boolean {
  return served !== null && served.route.audit !== false && CHANGING.has(request.method ?? '');
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
