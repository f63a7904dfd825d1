import { Client, type Dispatcher, Pool } from 'undici';
import { type Clock, systemClock } from '#kernel/clock';
import { IngotError, messageOf } from '#kernel/errors';
import { type BmcAccess, type BmcLimits, DEFAULT_LIMITS } from './access.ts';
import { parseBody, readBody, readEventLines } from './body.ts';
import { Breaker } from './breaker.ts';
import { errors } from './errors.ts';
import { IDLE_MS, Lines } from './line.ts';
import { Login } from './login.ts';
import { makeBase, makeConnector } from './trust.ts';
import { Turns } from './turns.ts';

/** An answer whose status may say no. */
export interface BmcAnswer {
  status: number;
  headers: Record<string, string>;
  /** Parsed JSON; null when there was none. */
  body: unknown;
}

export interface BmcRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** A path below /redfish, or a link as the BMC gave it. */
  link: string;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** For writes: called in the tick in which the bytes leave; what it throws stops them. */
  beforeWrite?: () => void;
}

export interface BmcHttpParts {
  access: BmcAccess;
  limits?: Partial<BmcLimits>;
  clock?: Clock;
}

/** Statuses of reads that are worth another attempt. */
const LATER = new Set([429, 502, 503, 504]);
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/**
 * The polite way to one BMC: few requests at once, kept-alive connections and one session for reading, limits on
 * everything, and nothing sent elsewhere. Reads are tried again; a write never is, because nobody can know what
 * became of it. A write goes over a connection that is new, or that answered the write before a moment ago: one that
 * the BMC dropped silently would leave us not knowing whether it was carried out.
 */
export class BmcHttp {
  readonly origin: string;
  readonly #access: BmcAccess;
  readonly #limits: BmcLimits;
  readonly #clock: Clock;
  readonly #login: Login;
  readonly #turns: Turns;
  readonly #breaker: Breaker;
  #pool: Pool | undefined;
  #base: ReturnType<typeof makeBase> | undefined;
  /** Where requests go that come one after the other; reads beside them have the pool. */
  readonly #lines: Lines;
  #pin: string | null;
  #streams = 0;
  /** Some answer 406 to an Accept-Encoding of identity (HPE Gen10 Plus). */
  #anyEncoding = false;

  constructor(parts: BmcHttpParts) {
    this.#access = parts.access;
    this.#limits = { ...DEFAULT_LIMITS, ...parts.limits };
    this.#clock = parts.clock ?? systemClock;
    this.origin = new URL(parts.access.origin).origin;
    this.#turns = new Turns(this.#limits.requests);
    this.#breaker = new Breaker(this.#clock, this.#limits.failures, this.#limits.restMs);
    this.#pin = parts.access.trust.kind === 'pin' ? parts.access.trust.fingerprint : null;
    this.#lines = new Lines(this.#clock, (connected) => {
      return new Client(this.origin, { connect: this.#connector(connected), pipelining: 1, ...this.#timeouts() });
    });
    const open = (method: 'GET' | 'POST' | 'DELETE') => (link: string, body?: unknown, headers?: object) =>
      this.#send({ method, link, body, headers: { ...headers } }, {});
    this.#login = new Login(
      parts.access,
      {
        get: open('GET'),
        post: open('POST'),
        delete: (link, headers) => open('DELETE')(link, undefined, headers),
        path: (link) => this.path(link),
      },
      this.#clock,
    );
  }

  /** The fingerprint of the certificate that was pinned; null before the first connection, or without pinning. */
  get pin(): string | null {
    return this.#pin;
  }

  /**
   * A link of this BMC as a path. Throws BmcForeignLink for everything that leads elsewhere: another host, port
   * or scheme, or out of the Redfish tree.
   */
  path(link: string): string {
    let url: URL;
    try {
      url = new URL(link, `${this.origin}/`);
    } catch (cause) {
      throw errors.BmcForeignLink(link, this.origin, { cause });
    }
    const inside = url.pathname === '/redfish' || url.pathname.startsWith('/redfish/');
    if (url.origin !== this.origin || url.username !== '' || !inside) throw errors.BmcForeignLink(link, this.origin);
    return url.pathname + url.search;
  }

  /**
   * One request. Answers of any status come back; throws what happens below: BmcUnreachable, BmcTimeout, BmcBroken
   * (all of them transient), BmcNotTrusted, BmcLoginRefused, BmcForeignLink, BmcBadAnswer, BmcTooLarge.
   */
  async request(request: BmcRequest): Promise<BmcAnswer> {
    this.path(request.link); // before anybody logs in for it
    return this.#turns.run(request.signal, async () => {
      for (let relogin = true; ; relogin = false) {
        const credentials = await this.#login.headers();
        const answer = await (request.method === 'GET'
          ? this.#read(request, credentials)
          : this.#send(request, credentials));
        if (answer.status !== 401) return answer;
        if (!this.#login.refused(credentials) || !relogin) throw errors.BmcLoginRefused(this.origin);
      }
    });
  }

  /**
   * Reads a stream of events (`text/event-stream`) over a connection of its own until it ends: `opened` is called when the
   * BMC has agreed, `data` for each line of data. Resolves when the BMC ended it. Throws what `request` throws;
   * BmcBadAnswer when there is no such stream.
   */
  async stream(link: string, signal: AbortSignal, told: { opened(): void; data(text: string): void }): Promise<void> {
    const path = this.path(link);
    const credentials = await this.#login.headers();
    this.#streams++;
    const single = new Client(this.origin, {
      connect: this.#connector(),
      pipelining: 1,
      headersTimeout: this.#limits.readMs,
      bodyTimeout: 0, // a quiet BMC says nothing for days
    });
    try {
      const headers = { accept: 'text/event-stream', 'accept-encoding': 'identity', ...credentials };
      const answer = await single.request({ method: 'GET', path, headers, signal });
      const kind = String(answer.headers['content-type'] ?? '');
      if (answer.statusCode === 401) this.#login.refused(credentials);
      if (answer.statusCode !== 200 || !kind.startsWith('text/event-stream')) {
        throw errors.BmcBadAnswer(`GET ${path}`, `it is no stream of events (${answer.statusCode} ${kind})`);
      }
      told.opened();
      await readEventLines(`GET ${path}`, answer.body, (text) => told.data(text));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof IngotError) throw error;
      throw errors.BmcBroken(`GET ${path}`, this.origin, messageOf(error), { cause: error });
    } finally {
      this.#streams--;
      void single.destroy();
    }
  }

  /** True while a stream is read: the session is in use. */
  get streaming(): boolean {
    return this.#streams > 0;
  }

  /** Ends the session and the connections. */
  async close(): Promise<void> {
    await this.#login.close().catch(() => {}); // the BMC ends it by itself
    this.#lines.close();
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.destroy();
  }

  async #read(request: BmcRequest, credentials: Record<string, string>): Promise<BmcAnswer> {
    for (let attempt = 0; ; attempt++) {
      const last = attempt >= this.#limits.retries;
      let pause = PAUSE_MS * 2 ** attempt;
      try {
        const answer = await this.#follow(request, credentials);
        // a BMC that counts requests by the second needs more than one to forget them (ZT Systems)
        if (attempt >= this.#limits.retries + 2 || !LATER.has(answer.status)) return answer;
        const asked = Number(answer.headers['retry-after']) * 1000;
        if (asked > 0) pause = Math.min(asked, LONGEST_PAUSE_MS);
      } catch (error) {
        const again = error instanceof IngotError && ['BmcBroken', 'BmcUnreachable'].includes(error.code);
        if (last || !again) throw error;
      }
      await this.#clock.sleep(pause, request.signal);
    }
  }

  /** Redirects of reads, inside the BMC only. */
  async #follow(request: BmcRequest, credentials: Record<string, string>): Promise<BmcAnswer> {
    let link = request.link;
    for (let hops = 0; ; hops++) {
      const answer = await this.#send({ ...request, link }, credentials);
      if (answer.status === 406 && !this.#anyEncoding) {
        this.#anyEncoding = true;
        continue;
      }
      const to = answer.headers['location'];
      if (![301, 302, 303, 307, 308].includes(answer.status) || to === undefined) return answer;
      if (hops >= this.#limits.redirects) {
        throw errors.BmcBadAnswer(`GET ${request.link}`, `more than ${this.#limits.redirects} redirects`);
      }
      link = this.path(to);
    }
  }

  async #send(request: BmcRequest, credentials: Record<string, string>): Promise<BmcAnswer> {
    const path = this.path(request.link);
    const { method } = request;
    const call = `${method} ${path.split('?')[0] ?? path}`;
    const limitMs = method === 'GET' ? this.#limits.readMs : this.#limits.writeMs;
    if (!this.#breaker.mayTry()) {
      throw errors.BmcResting(call, this.origin, { retryAfter: Math.ceil(this.#breaker.restMs / 1000) });
    }
    const deadline = new AbortController();
    const cancel = this.#clock.after(limitMs, () => deadline.abort(errors.BmcTimeout(call, this.origin, limitMs)));
    const signals = request.signal === undefined ? [deadline.signal] : [deadline.signal, request.signal];
    const line = method === 'GET' ? this.#lines.forRead() : this.#lines.forWrite();
    let alive = false;
    try {
      const client = line?.client ?? this.#reading();
      const before = () => line?.use(request.beforeWrite);
      const answer = await this.#exchange(client, request, path, call, credentials, signals, before);
      this.#breaker.ended('answered');
      alive = true;
      return answer;
    } catch (error) {
      throw this.#told(error, call, request.signal, deadline.signal);
    } finally {
      cancel();
      if (line !== undefined && alive) this.#lines.keep(line);
      else if (line !== undefined) this.#lines.end(line);
    }
  }

  async #exchange(
    dispatcher: Dispatcher,
    request: BmcRequest,
    path: string,
    call: string,
    credentials: Record<string, string>,
    signals: AbortSignal[],
    before: () => void,
  ): Promise<BmcAnswer> {
    const { method, body } = request;
    before();
    const answer = await dispatcher.request({
      method,
      path,
      headers: {
        accept: 'application/json',
        'odata-version': '4.0',
        // compressed answers carry ETags that no longer match (iDRAC)
        ...(this.#anyEncoding ? {} : { 'accept-encoding': 'identity' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...credentials,
        ...request.headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any(signals),
    });
    const bytes = await readBody(call, answer.body, this.#limits.bodyBytes);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined) headers[name] = Array.isArray(value) ? (value[0] ?? '') : value;
    }
    return { status: answer.statusCode, headers, body: this.#parsed(call, answer.statusCode, bytes) };
  }

  /** The body of a failure may be anything: its status says enough. */
  #parsed(call: string, status: number, bytes: Buffer): unknown {
    const text = bytes.toString('utf8');
    if (text.trim() === '') return null;
    try {
      return parseBody(call, text, this.#limits.depth);
    } catch (error) {
      if (status >= 300) return null;
      throw error;
    }
  }

  /** What an exception below HTTP means, and whether the BMC is there. */
  #told(error: unknown, call: string, asked: AbortSignal | undefined, deadline: AbortSignal): unknown {
    if (asked?.aborted) {
      this.#breaker.ended('unknown');
      return asked.reason;
    }
    if (deadline.aborted) {
      this.#breaker.ended('failed');
      return deadline.reason;
    }
    if (error instanceof IngotError) {
      const there = ['BmcTooLarge', 'BmcBadAnswer', 'BmcNotTrusted'].includes(error.code);
      this.#breaker.ended(there ? 'answered' : 'unknown');
      return error;
    }
    this.#breaker.ended('failed');
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const options = { cause: error };
    if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) {
      return errors.BmcUnreachable(call, this.origin, messageOf(error), options);
    }
    return errors.BmcBroken(call, this.origin, messageOf(error), options);
  }

  #connector(beforeUse?: () => void): ReturnType<typeof makeConnector> {
    this.#base ??= makeBase({ access: this.#access, limits: this.#limits });
    return makeConnector(
      this.#base,
      {
        access: this.#access,
        limits: this.#limits,
        pin: () => this.#pin,
        pinned: (fingerprint) => {
          this.#pin = fingerprint;
        },
      },
      beforeUse,
    );
  }

  #reading(): Pool {
    this.#pool ??= new Pool(this.origin, {
      connect: this.#connector(),
      connections: this.#limits.requests,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      // whatever the BMC allows: looks are further apart than that, and thousands of idle connections cost memory
      keepAliveMaxTimeout: IDLE_MS,
      ...this.#timeouts(),
    });
    return this.#pool;
  }

  /** Undici's own limits; the deadline of the request is ours. */
  #timeouts() {
    return { headersTimeout: this.#limits.writeMs, bodyTimeout: this.#limits.writeMs, maxHeaderSize: 32 * 1024 };
  }
}
