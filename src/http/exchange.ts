import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '#platform/log';
import type { Authoriser, Caller, PolicyTarget, RequestContext } from './contract.ts';
import { HttpErrors } from './errors.ts';
import type { ServedRoute } from './served-route.ts';
import type { Negotiated } from './version.ts';

/** The caller of a route that asks nobody who they are. */
export const NOBODY: Caller = Object.freeze({
  userId: null,
  userName: null,
  projectId: null,
  domainId: null,
  system: false,
  roles: new Set<string>(),
  auditId: null,
});

const NO_PARAMS: Record<string, string> = Object.freeze({});
const GLOBAL_ID = /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One request while it is served: what handlers see of it, and where its reply goes. What costs is made when asked. */
export class Exchange implements RequestContext {
  readonly requestId: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** null for paths no route has. */
  readonly served: ServedRoute | null;
  readonly negotiated: Negotiated;
  readonly startedAt: number;
  readonly version: number;
  caller: Caller = NOBODY;
  /** Path parameters. */
  params: Record<string, string> = NO_PARAMS;
  /** Bytes of the body, taken from the server's budget until the exchange is over. */
  bodyBytes = 0;
  /** True once the handler asked whether the caller may do something. */
  asked = false;
  /** True once a reply was written, or nobody waits for one. */
  answered = false;
  readonly #authoriser: Authoriser;
  readonly #environment: ExchangeEnvironment;
  #signal: AbortController | undefined;
  #log: Log | undefined;

  constructor(
    requestId: string,
    request: IncomingMessage,
    response: ServerResponse,
    served: ServedRoute | null,
    negotiated: Negotiated,
    environment: ExchangeEnvironment,
  ) {
    this.requestId = requestId;
    this.request = request;
    this.response = response;
    this.served = served;
    this.negotiated = negotiated;
    this.version = negotiated.minor;
    this.startedAt = environment.monotonic();
    this.#authoriser = environment.authoriser;
    this.#environment = environment;
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController();
      this.#signal = controller;
      const onClose = () => {
        if (!this.response.writableFinished) controller.abort(HttpErrors.ClientGone());
      };
      if (this.response.closed) onClose();
      else this.response.once('close', onClose);
    }
    return this.#signal.signal;
  }

  /** Tells whoever listens to `signal` to stop. */
  abort(reason: Error): void {
    this.#signal?.abort(reason);
  }

  get baseUrl(): string {
    return this.#environment.baseUrl(this.request);
  }

  get source(): string {
    return this.#environment.source(this.request);
  }

  get globalRequestId(): string | null {
    const given = this.request.headers['x-openstack-request-id'];
    return typeof given === 'string' && GLOBAL_ID.test(given) ? given : null;
  }

  get log(): Log {
    if (this.#log === undefined) {
      const fields: Record<string, string> = { requestId: this.requestId };
      const global = this.globalRequestId;
      if (global !== null) fields['globalRequestId'] = global;
      this.#log = this.#environment.log.child(fields);
    }
    return this.#log;
  }

  allows(rule: string, target?: PolicyTarget): boolean {
    this.asked = true;
    return this.#authoriser.allows(rule, this.caller, target);
  }
}

/** What all exchanges of a server share. */
export interface ExchangeEnvironment {
  readonly authoriser: Authoriser;
  readonly log: Log;
  monotonic(): number;
  baseUrl(request: IncomingMessage): string;
  source(request: IncomingMessage): string;
}
