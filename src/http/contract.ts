import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { TSchema } from 'typebox';
import type { Log } from '#platform/log';

/** Who calls. Made by the authenticator from headers it verified itself; client-sent identity headers are ignored. */
export interface Caller {
  /** null when nobody logged in (public routes, or auth none before it is given its admin). */
  userId: string | null;
  userName: string | null;
  projectId: string | null;
  domainId: string | null;
  /** True for a token with system scope. */
  system: boolean;
  /** Names of roles, implied ones included. */
  roles: ReadonlySet<string>;
  /** Application credential or token facts that policy or audit want. */
  auditId: string | null;
}

/** What a handler knows of its request. */
export interface RequestContext {
  readonly requestId: string;
  /** The caller's own id for a chain of requests (`X-Openstack-Request-Id`), for logs only. */
  readonly globalRequestId: string | null;
  /** Minor number of the negotiated microversion; 0 for services without microversions. */
  readonly version: number;
  readonly caller: Caller;
  /** `http://host:port` as the client sees it, for links; no trailing slash. Safe to put into JSON as it is. */
  readonly baseUrl: string;
  /** Address of the client, as the socket (or a trusted proxy) says. */
  readonly source: string;
  /** Aborted when the client went away or the request's time is over. */
  readonly signal: AbortSignal;
  /** Carries the request id. */
  readonly log: Log;
  /**
   * May the caller do `rule` to `target`? The target comes from the database, never from the body.
   */
  allows(rule: string, target?: PolicyTarget): boolean;
}

/** The facts of a resource that policy looks at. */
export interface PolicyTarget {
  owner?: string | null;
  lessee?: string | null;
  /** Of allocations and runbooks. */
  public?: boolean;
  [fact: string]: unknown;
}

/** What a handler gives back. At most one of `body`, `json`, `content` and `raw`; none for an empty reply. */
export interface Reply {
  /** Default: the route's `success`. */
  status?: number;
  headers?: Record<string, string>;
  /** Made into JSON by the server. */
  body?: unknown;
  /** JSON already made, sent as it is (spliced lists). */
  json?: string;
  /** Anything that is not JSON; give its `Content-Type` in `headers`. */
  content?: string | Buffer | Readable;
  /** Called once nobody reads `content` any more: it was sent, or never will be. Its memory may be used again. */
  released?: () => void;
  /** Takes over after the head was written: event streams. Must end the response. */
  raw?: (response: ServerResponse, signal: AbortSignal) => void;
}

/**
 * One door of the API, as data: importing a route table imports no handler and no database. The OpenAPI
 * file, the SDK, the authorisation matrix and the fuzz test are all made from these.
 */
export interface Route {
  /** Unique name, `node.list`; OpenAPI's operationId. */
  id: string;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify's syntax: `/v1/nodes/:node_ident/states/power`. */
  path: string;
  /** Minor microversion it appeared with; 0 or 1 = always there. */
  since: number;
  /** Status when the requested version is older. Default 404. */
  below?: 404 | 405 | 406;
  /** Rule that guards it; null only for public routes. */
  policy: string | null;
  /**
   * Who asks for `policy`. Default `server`: before the handler runs, without a target (403 when refused).
   * `handler`: the rule needs facts of the resource, so the handler calls `context.allows` with a target; a
   * handler that replies with success without ever asking is a bug, answered with 500 and told in the log.
   * `caller`: whoever is known may; what the reply holds is filtered by other rules (event stream).
   */
  guard?: 'server' | 'handler' | 'caller';
  summary: string;
  /** Longer text for the OpenAPI file, Markdown. */
  description?: string;
  params?: TSchema;
  /** An object schema; arguments it does not name are refused. Left out: none are accepted. */
  query?: TSchema;
  /** Absent on a POST, PUT or PATCH: the body is read, guarded, and ignored. */
  body?: TSchema;
  /** What becomes of a JSON body before it is checked: for services whose clients send numbers as text. */
  lenient?: (schema: TSchema, body: unknown) => unknown;
  /** `stream`: the handler gets the body as a Readable that fails with 413 past `bodyLimit` (default: none). Default `json`. */
  bodyKind?: 'json' | 'stream';
  /** Status of success. */
  success: number;
  response?: TSchema;
  /** Content type of the reply; default `application/json`. Not asked of `Accept`. */
  produces?: string;
  /** Bytes of the body; default 1 MiB for JSON. */
  bodyLimit?: number;
  /** The body may be absent. */
  bodyOptional?: boolean;
  /** Milliseconds the handler may take before the client gets 503. Default 60,000; 0 = no end, the default of streams. */
  timeoutMs?: number;
  /** A version the server does not know is no reason to refuse (discovery documents). */
  anyVersion?: boolean;
  /** false: not recorded in the audit log although it changes state (heartbeats of machines). */
  audit?: false;
}

export interface HandlerInput {
  params: Record<string, string>;
  query: Record<string, unknown>;
  /** Parsed and validated; undefined when absent. A Readable when `bodyKind` is `stream`. */
  body: unknown;
  headers: Record<string, string | string[] | undefined>;
}

export type Handler = (context: RequestContext, input: HandlerInput) => Promise<Reply> | Reply;

/** Handlers by route id. Binding a table with a route missing, or one too many, fails at start. */
export type Handlers<R extends readonly Route[]> = { [K in R[number]['id']]: Handler };

/** Who may do what; plugged in by the composition root. */
export interface Authoriser {
  /** Throws IngotError 401. Not called for public routes. */
  authenticate(
    headers: Record<string, string | string[] | undefined>,
    source: string,
    /** What is asked for: some credentials are good for certain requests only. */
    request?: { method?: string | undefined; url?: string | undefined },
  ): Promise<Caller> | Caller;
  allows(rule: string, caller: Caller, target?: PolicyTarget): boolean;
  /** `WWW-Authenticate` of a 401: `Basic realm="Baremetal API"`, `Keystone uri="…"`. */
  readonly challenge?: string;
}

/** What happened to one state-changing call. */
export interface AuditFacts {
  /** Milliseconds since the epoch, when the request came. */
  at: number;
  requestId: string;
  /** null when the caller could not be authenticated. */
  caller: Caller | null;
  source: string;
  userAgent: string | null;
  method: string;
  /** Path without the query. */
  path: string;
  /** Route id; null when no route matched. */
  route: string | null;
  /** Name of the door. */
  service: string;
  /** Path parameters. */
  target: Readonly<Record<string, string>>;
  status: number;
  /** Stable code of the error, when it failed. */
  error: string | null;
  durationMs: number;
}

/** Where facts of state-changing calls go before their reply is sent. Never rejects. */
export interface RequestAudit {
  record(facts: AuditFacts): Promise<void>;
}

/** Takes over connections that ask to become something else (WebSocket). Path and authentication are its own. */
export interface UpgradeTaker {
  wants(request: IncomingMessage): boolean;
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The names a service uses for its microversions. */
export interface VersionHeaders {
  /** Word before the number in `OpenStack-API-Version: baremetal 1.50`. */
  service: string;
  /** The service's own header, asked and answered: `X-OpenStack-Ironic-API-Version`. */
  own?: string;
  /** Lowest and highest version, on each reply. */
  min?: string;
  max?: string;
  /** True: `OpenStack-API-Version` is answered too. */
  standard?: boolean;
}

/** The microversions of a door. */
export interface DoorVersions {
  /** Default 1. */
  major?: number;
  min: number;
  max: number;
  /** Version when the client asks for none. */
  fallback: number;
  /** Default: Ironic's. */
  headers?: VersionHeaders;
  /** Requests that ask for an older version have `.json` cut off the end of their path. */
  jsonSuffixBelow?: number;
  /** From this version on replies carry `X-Openstack-Request-Id` beside `Openstack-Request-Id`. Default: always. */
  requestIdSince?: number;
}

/** What a door is told of an error to make its body of. */
export interface ErrorFacts {
  status: number;
  code: string;
  message: string;
  details?: Record<string, unknown>;
}

/** What can be known of a door without any handler: enough for OpenAPI, the SDK and the tests. */
export interface DoorTable {
  name: string;
  /** For people: `Bare Metal`. */
  title?: string;
  /** '' for Bare Metal, '/identity', '/network', … */
  prefix: string;
  routes: readonly Route[];
  versions?: DoorVersions;
}

/** One service's part of the server: its prefix, its versions, its shape of errors. */
export interface Door extends DoorTable {
  handlers: Record<string, Handler>;
  /** Leading path that may be left out: '/v1' lets `/nodes` mean `/v1/nodes`, as Ironic does. */
  impliedPath?: string;
  /** The body for an error; the shared server calls it for every error, router errors included. */
  errorBody(error: ErrorFacts, fromRouter: boolean): unknown;
}
