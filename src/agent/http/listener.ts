import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Certificate } from '#kernel/certificate';
import { IngotError, messageOf } from '#kernel/errors';
import { errors } from '../errors.ts';
import { isObject } from '../commands/parameters.ts';
import type { CommandRunner } from '../commands/runner.ts';
import { readAll } from './request.ts';

/** A config drive of 64 MiB comes in a body, as base64. */
const MOST_BODY = 100 * 1024 * 1024;

/** Gives blocks of images to other machines: null when it has none of that hash for who shows that secret. */
export type BlockGiver = (hash: string, secret: string) => Promise<Buffer | null>;

export interface ListenerOptions {
  runner: CommandRunner;
  startedAt: number;
  version: string;
  /** The token that whoever calls must show; null: nobody may. */
  token(): string | null;
  /** Does an old conductor have to read results without the token? Ends with the first read that shows one. */
  openReads(): boolean;
  blocks: BlockGiver;
}

/** The agent's API, as ironic-python-agent has it. Every route but the descriptions wants the token. */
export class Listener {
  readonly #options: ListenerOptions;
  #server: Server | undefined;
  #readWithToken = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Listens; gives the port. */
  async listen(certificate: Certificate, host: string | undefined, port: number): Promise<number> {
    const server = createServer(
      { key: certificate.key, cert: certificate.cert, minVersion: 'TLSv1.2' },
      (request, response) => void this.#answer(request, response),
    );
    server.headersTimeout = 30_000;
    server.requestTimeout = 10 * 60_000;
    // Conductors ask every few seconds on one connection.
    server.keepAliveTimeout = 65_000;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
    });
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'https://agent');
      await this.#route(request.method ?? 'GET', url, request, response);
    } catch (error) {
      const status = error instanceof IngotError ? error.status : 500;
      const text = error instanceof IngotError ? error.message : 'Internal error';
      if (!(error instanceof IngotError)) process.emitWarning(messageOf(error));
      if (!request.complete) response.setHeader('connection', 'close');
      json(response, status, { faultcode: status < 500 ? 'Client' : 'Server', faultstring: text });
    }
  }

  async #route(method: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { runner } = this.#options;
    const path = url.pathname;
    const is = (wanted: string, at: string | RegExp) =>
      method === wanted && (typeof at === 'string' ? path === at : at.test(path));
    if (is('GET', '/')) return json(response, 200, root(url));
    if (is('GET', '/v1/')) return json(response, 200, version(url));
    if (path === '/v1' || path === '/v1/commands') return redirect(response, `${path}/${url.search}`);
    if (is('GET', '/v1/status')) {
      return json(response, 200, { started_at: this.#options.startedAt, version: this.#options.version });
    }
    if (is('GET', /^\/v1\/ingot\/blocks\/[0-9a-f]{64}$/)) return await this.#block(path.slice(-64), request, response);
    // Everything below is for the conductor alone.
    const shown = url.searchParams.get('agent_token');
    const reads = method === 'GET' && path.startsWith('/v1/commands/');
    if (reads && shown !== null) this.#readWithToken = true;
    const open = reads && shown === null && !this.#readWithToken && this.#options.openReads();
    if (!open) this.#mustShowToken(shown);
    if (is('GET', '/v1/commands/')) return json(response, 200, { commands: runner.list() });
    if (is('GET', /^\/v1\/commands\/[^/]+$/)) {
      const id = decodeURIComponent(path.slice('/v1/commands/'.length));
      return json(response, 200, await runner.get(id, yes(url, 'wait')));
    }
    if (is('POST', '/v1/commands/')) {
      const { name, params } = commandOf(await readAll(request, MOST_BODY));
      return json(response, 200, await runner.execute(name, params, yes(url, 'wait')));
    }
    throw errors.NotFound();
  }

  #mustShowToken(shown: string | null): void {
    const token = this.#options.token();
    if (token === null || shown === null || !same(shown, token)) throw errors.TokenInvalid();
  }

  async #block(hash: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const secret = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')?.[1];
    if (secret === undefined) throw errors.NotAllowed();
    const block = await this.#options.blocks(hash, secret);
    if (block === null) throw errors.NotFound();
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': block.length });
    response.end(block);
  }
}

/** Are two secrets the same? Takes the same time whatever was sent. */
export function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const yes = (url: URL, name: string) => url.searchParams.get(name)?.toLowerCase() === 'true';

function commandOf(body: Buffer): { name: string; params: Readonly<Record<string, unknown>> } {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw errors.BadParameters('the body is no JSON');
  }
  if (!isObject(value) || typeof value['name'] !== 'string' || !isObject(value['params'] ?? {})) {
    throw errors.BadParameters("Missing or invalid 'name' or 'params' in the body");
  }
  return { name: value['name'], params: (value['params'] ?? {}) as Readonly<Record<string, unknown>> };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function redirect(response: ServerResponse, to: string): void {
  response.writeHead(308, { location: to, 'content-length': 0 });
  response.end();
}

const link = (url: URL, path: string, rel: string) => ({ href: `https://${url.host}${path}`, rel });

function root(url: URL): unknown {
  const v1 = { id: 'v1', links: [link(url, '/v1/', 'self')] };
  return {
    name: 'OpenStack Ironic Python Agent API',
    description: "Ingot's agent: provisions the machine it runs on.",
    versions: [v1],
    default_version: v1,
  };
}

function version(url: URL): unknown {
  return {
    id: 'v1',
    links: [link(url, '/v1/', 'self')],
    commands: [link(url, '/v1/commands/', 'self'), link(url, '/commands/', 'bookmark')],
    status: [link(url, '/v1/status', 'self'), link(url, '/status', 'bookmark')],
    media_types: [{ base: 'application/json', type: 'application/vnd.openstack.ironic-python-agent.v1+json' }],
  };
}
