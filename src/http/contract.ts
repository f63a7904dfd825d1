import type { TSchema } from 'typebox';

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
  /** Minor number of the negotiated microversion; 0 for services without microversions. */
  readonly version: number;
  readonly caller: Caller;
  /** `http://host:port` as the client sees it, for links; no trailing slash. */
  readonly baseUrl: string;
  /** Aborted when the client went away or the request's time is over. */
  readonly signal: AbortSignal;
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

/** What a handler gives back. Exactly one of `body` and `json`, or neither for an empty reply. */
export interface Reply {
  /** Default: the route's `success`. */
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** JSON already made, sent as it is (spliced lists). */
  json?: string;
}

/**
 * One door of the API, as data: importing a route table imports no handler and no database. The OpenAPI
 * file, the SDK, the authorisation matrix and the fuzz test are all made from these.
 */
export interface Route {
  /** Unique name, `node.list`; OpenAPI's operationId. */
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify's syntax: `/v1/nodes/:node_ident/states/power`. */
  path: string;
  /** Minor microversion it appeared with; 0 or 1 = always there. */
  since: number;
  /** Status when the requested version is older. Default 404. */
  below?: 404 | 405 | 406;
  /** Rule that guards it; null only for public routes. */
  policy: string | null;
  summary: string;
  params?: TSchema;
  query?: TSchema;
  body?: TSchema;
  /** Status of success. */
  success: number;
  response?: TSchema;
  /** Bytes of the body; default 1 MiB. */
  bodyLimit?: number;
  /** The body may be absent. */
  bodyOptional?: boolean;
}

export interface HandlerInput {
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  headers: Record<string, string | string[] | undefined>;
}

export type Handler = (context: RequestContext, input: HandlerInput) => Promise<Reply> | Reply;

/** Handlers by route id. Binding a table with a route missing, or one too many, fails at start. */
export type Handlers<R extends readonly Route[]> = { [K in R[number]['id']]: Handler };

/** Who may do what; plugged in by the composition root. */
export interface Authoriser {
  /** Throws IngotError 401. */
  authenticate(headers: Record<string, string | string[] | undefined>, source: string): Promise<Caller> | Caller;
  allows(rule: string, caller: Caller, target?: PolicyTarget): boolean;
}

/** One service's part of the server: its prefix, its versions, its shape of errors. */
export interface Door {
  name: string;
  /** '' for Bare Metal, '/identity', '/network', … */
  prefix: string;
  routes: readonly Route[];
  handlers: Record<string, Handler>;
  versions?: {
    min: number;
    max: number;
    /** Version when the client asks for none. */
    fallback: number;
  };
  /** The body for an error; the shared server calls it for every error, router errors included. */
  errorBody(
    error: { status: number; code: string; message: string; details?: Record<string, unknown> },
    fromRouter: boolean,
  ): unknown;
}
