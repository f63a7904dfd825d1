import { type Clock, systemClock } from '#kernel/clock';
import { type Random, systemRandom } from '#kernel/random';
import type { Auth, AuthTools, EndpointWish } from './auth/contract.ts';
import { errorSentence } from './error-body.ts';
import { errors, SdkError } from './errors.ts';
import type { Fetch } from './fetch.ts';
import type { Microversion } from './microversion.ts';
import { type InputOf, type LooseInput, type Operation, type ResponseOf, targetOf } from './operation.ts';

export interface ConnectionParts {
  auth: Auth;
  fetch: Fetch;
  /** Which endpoint of the catalog. */
  wish: EndpointWish;
  /** The prefix under which this product serves it and others do not: `/identity`. */
  mount?: string;
  /** Only Bare Metal has microversions. */
  version?: Microversion;
  /** Milliseconds of one request. Default 60,000. */
  timeoutMs?: number;
  /** How often a locked node (409) or a busy server (503) is asked again. Default 5. */
  retries?: number;
  clock?: Clock;
  random?: Random;
  userAgent?: string;
}

/** Milliseconds before the first repetition where the server names none; doubles each time. */
const FIRST_WAIT_MS = 500;
/** A server that wants us to wait longer than this is told to the caller instead. */
const LONGEST_WAIT_MS = 30_000;

/** Calls the operations of one service. */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #clock: Clock;
  readonly #tools: AuthTools;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#tools = { fetch: parts.fetch, now: () => this.#clock.now(), timeoutMs: parts.timeoutMs ?? 60_000 };
  }

  get clock(): Clock {
    return this.#clock;
  }

  /** Minor number of the microversion spoken; 0 for services without. */
  get minor(): number {
    return this.#parts.version?.minor ?? 0;
  }

  /** Calls an operation; gives its reply. Throws SdkError. */
  call<O extends Operation>(operation: O, input: InputOf<O>): Promise<ResponseOf<O>> {
    return this.loose(operation, input as LooseInput) as Promise<ResponseOf<O>>;
  }

  /** Calls an operation chosen while the program runs. Undefined for an empty reply, text where it is no JSON. */
  async loose(operation: Operation, input: LooseInput): Promise<unknown> {
    const response = await this.send(operation, input);
    const text = await response.text();
    if (text === '') return undefined;
    return response.headers.get('Content-Type')?.includes('json') === true ? JSON.parse(text) : text;
  }

  /** Sends until it is answered for good. The body of the reply is not yet read. */
  async send(operation: Operation, input: LooseInput, extra: Record<string, string> = {}): Promise<Response> {
    const target = targetOf(operation, input).slice(this.#parts.mount?.length ?? 0);
    const { retries = 5, version } = this.#parts;
    for (let attempt = 0; ; attempt++) {
      input.signal?.throwIfAborted();
      const response = await this.#once(operation, target, input, extra);
      if (response.ok) return response;
      if (response.status === 406 && version?.settle(response.headers) === true) {
        await response.body?.cancel();
        this.#mustKnow(operation);
        continue;
      }
      if (response.status === 401 && attempt === 0 && this.#parts.auth.renew()) {
        await response.body?.cancel();
        continue;
      }
      const waitMs = attempt < retries ? this.#waitFor(response, attempt) : undefined;
      if (waitMs === undefined) throw await this.#refusal(response);
      await response.body?.cancel();
      await this.#clock.sleep(waitMs, input.signal);
    }
  }

  /** Where the service is. */
  endpoint(): Promise<string> {
    return this.#parts.auth.endpoint(this.#parts.wish, this.#tools);
  }

  async #once(operation: Operation, target: string, input: LooseInput, extra: Record<string, string>) {
    const base = await this.endpoint();
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'User-Agent': this.#parts.userAgent ?? 'ingot-sdk',
      ...this.#parts.version?.headers(),
      ...(await this.#parts.auth.headers(this.#tools)),
      ...extra,
    };
    const timeoutMs = input.timeoutMs ?? this.#tools.timeoutMs;
    const limits = [
      ...(timeoutMs === 0 ? [] : [AbortSignal.timeout(timeoutMs)]),
      ...(input.signal ? [input.signal] : []),
    ];
    const init: RequestInit = { method: operation.method, headers, redirect: 'error', signal: AbortSignal.any(limits) };
    if (input.body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = JSON.stringify(input.body);
    }
    try {
      return await this.#parts.fetch(`${pathless(base, target)}${target}`, init);
    } catch (cause) {
      input.signal?.throwIfAborted();
      const late = cause instanceof Error && cause.name === 'TimeoutError';
      const why = late ? `did not answer within ${timeoutMs / 1000} s` : `does not answer: ${reasonOf(cause)}`;
      throw new SdkError(late ? 'TooLate' : 'Unreachable', 0, `${base} ${why}.`, { cause });
    }
  }

  /** Milliseconds until asking again makes sense; undefined when it does not. */
  #waitFor(response: Response, attempt: number): number | undefined {
    const after = Number(response.headers.get('Retry-After') ?? Number.NaN);
    const named = Number.isFinite(after) ? Math.max(after * 1000, 50) : undefined;
    // A conflict that passes by itself says when (a locked node); any other one stays.
    if (response.status === 409 && named === undefined) return undefined;
    if (response.status !== 409 && response.status !== 503) return undefined;
    const waitMs = named ?? FIRST_WAIT_MS * 2 ** attempt;
    if (waitMs > LONGEST_WAIT_MS) return undefined;
    // Those who were refused together shall not come back together.
    return waitMs * (1 + (this.#parts.random ?? systemRandom).next() * 0.2);
  }

  #mustKnow(operation: Operation): void {
    if ((operation.since ?? 0) <= this.minor) return;
    throw errors.TooOld(operation.id, `1.${operation.since}`, `1.${this.minor}`);
  }

  async #refusal(response: Response): Promise<SdkError> {
    const text = await response.text().catch(() => '');
    const after = Number(response.headers.get('Retry-After') ?? Number.NaN);
    return new SdkError(
      `Http${response.status}`,
      response.status,
      errorSentence(text) || `${response.status} ${response.statusText}`,
      {
        requestId:
          response.headers.get('X-Openstack-Request-Id') ?? response.headers.get('Openstack-Request-Id') ?? undefined,
        ...(Number.isFinite(after) ? { retryAfter: after } : {}),
      },
    );
  }
}

/** An endpoint may end with the first part of the operation's path: `/v1` of the catalog, `/identity/v3`. */
function pathless(base: string, target: string): string {
  const { pathname } = new URL(base);
  for (let path = pathname.replace(/\/+$/, ''); path !== ''; path = path.slice(path.indexOf('/', 1))) {
    if (target.startsWith(`${path}/`)) return base.slice(0, base.length - path.length);
    if (path.indexOf('/', 1) < 0) break;
  }
  return base;
}

function reasonOf(error: unknown): string {
  const inner = error instanceof Error ? (error.cause as { code?: string; message?: string } | undefined) : undefined;
  if (inner?.code === 'ECONNREFUSED') return 'nothing listens there';
  return inner?.code ?? inner?.message ?? (error instanceof Error ? error.message : String(error));
}
