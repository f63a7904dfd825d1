import { lookup } from 'node:dns/promises';
import { type BlockList, isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { IngotError, messageOf } from '#kernel/errors';
import { networks, refusedAddress } from './addresses.ts';
import { outboundErrors as errors } from './errors.ts';

export interface OutboundRules {
  /** Networks that may be fetched from although they are this machine's or link-local. */
  allowed?: readonly string[];
  maxRedirects?: number;
  connectTimeoutMs?: number;
  /** Milliseconds without a byte after which a server counts as gone. */
  stallMs?: number;
  /** PEM of authorities beside the system's. */
  ca?: string;
  /** Name → addresses; for tests of names that change. */
  resolve?: (host: string) => Promise<readonly string[]>;
}

export interface OutboundRequest {
  signal: AbortSignal;
  headers?: Readonly<Record<string, string>>;
  /** Sent to this origin only, and never after a redirect to another. */
  credentials?: { origin: string; headers: Readonly<Record<string, string>> };
  method?: 'GET' | 'HEAD' | 'POST';
  body?: string;
}

export interface OutboundReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Readable;
  /** Where the answer came from, after redirects. */
  url: URL;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The guard of requests to servers that others name. Resolves a name, refuses addresses that must not be asked, and
 * connects to exactly the address it looked at; each redirect is looked at again. Nothing of the environment
 * (proxies, cookies) is used.
 */
export class Outbound {
  readonly #allowed: BlockList;
  readonly #agent: Agent;
  readonly #maxRedirects: number;
  readonly #stallMs: number;

  constructor(rules: OutboundRules = {}) {
    this.#allowed = networks(rules.allowed ?? []);
    this.#maxRedirects = rules.maxRedirects ?? 5;
    this.#stallMs = rules.stallMs ?? 30_000;
    const resolve = rules.resolve ?? resolveAll;
    this.#agent = new Agent({
      connections: 32,
      maxRedirections: 0,
      connect: {
        timeout: rules.connectTimeoutMs ?? 15_000,
        lookup: this.#lookup(resolve),
        autoSelectFamily: true,
        ...(rules.ca === undefined ? {} : { ca: rules.ca }),
      },
    } as Agent.Options);
  }

  /** Sends a request; follows redirects of a GET. Throws the errors of this room; other statuses are the caller's. */
  async send(address: string | URL, options: OutboundRequest): Promise<OutboundReply> {
    let url = this.#checked(address);
    const first = url;
    for (let hops = 0; ; hops++) {
      const reply = await this.#once(url, options);
      const to = reply.headers['location'];
      if (!REDIRECTS.has(reply.status) || to === undefined || options.method === 'POST') return { ...reply, url };
      reply.body.destroy();
      if (hops >= this.#maxRedirects) throw errors.OutboundRedirects(first.host, 'too often');
      const next = this.#checked(URL.canParse(to, url.href) ? new URL(to, url.href) : '');
      if (url.protocol === 'https:' && next.protocol === 'http:')
        throw errors.OutboundRedirects(url.host, 'to a place without TLS');
      url = next;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #once(url: URL, options: OutboundRequest): Promise<Omit<OutboundReply, 'url'>> {
    const { credentials } = options;
    const secret = credentials !== undefined && credentials.origin === url.origin ? credentials.headers : {};
    try {
      const reply: Dispatcher.ResponseData = await request(url, {
        method: options.method ?? 'GET',
        dispatcher: this.#agent,
        signal: options.signal,
        headersTimeout: this.#stallMs,
        bodyTimeout: this.#stallMs,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'ingot', ...options.headers, ...secret },
        ...(options.body === undefined ? {} : { body: options.body }),
      });
      // Who reads the body hears of it; who throws it away does not want to.
      reply.body.on('error', () => {});
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(reply.headers))
        headers[name] = Array.isArray(value) ? value.join(', ') : String(value);
      return { status: reply.statusCode, headers, body: reply.body };
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      const known = [error, (error as { cause?: unknown }).cause].find((one) => one instanceof IngotError);
      if (known !== undefined) throw known;
      throw errors.OutboundUnreachable(url.host, messageOf(error), { cause: error });
    }
  }

  #checked(address: string | URL): URL {
    if (!URL.canParse(String(address))) throw errors.OutboundUrl('it is no URL');
    const url = new URL(String(address));
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw errors.OutboundScheme(url.protocol.replace(':', ''));
    if (url.username !== '' || url.password !== '') throw errors.OutboundUrl('it holds a name or a password');
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) this.#demand(host, url.host);
    return url;
  }

  #demand(address: string, host: string): void {
    const why = refusedAddress(address, this.#allowed);
    if (why !== undefined) throw errors.OutboundAddress(host, why);
  }

  /** Names are resolved here, looked at, and connected to: nobody can answer differently in between. */
  #lookup(resolve: NonNullable<OutboundRules['resolve']>): LookupFunction {
    return (host, options, tell) => {
      const failed = (error: unknown) => tell(error as NodeJS.ErrnoException, '', 0);
      const found = (addresses: readonly string[]) => {
        const all = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = all;
        if (first === undefined) failed(errors.OutboundUnreachable(host, 'it has no address'));
        else if (options.all === true) tell(null, all as never);
        else tell(null, first.address, first.family);
      };
      this.#addresses(host, resolve).then(found, failed);
    };
  }

  async #addresses(host: string, resolve: NonNullable<OutboundRules['resolve']>): Promise<readonly string[]> {
    const addresses = await resolve(host);
    for (const address of addresses) this.#demand(address, host);
    return addresses;
  }
}

async function resolveAll(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
