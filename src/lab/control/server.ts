import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { IngotError, messageOf } from '#kernel/errors';
import { errors } from '../errors.ts';
import type { Lab } from '../up.ts';
import { controlRoutes } from './routes.ts';

const BODY_LIMIT = 1024 * 1024;

/**
 * The lab's own door, for people and test programs: faults, quirks, the ledger, what the hands in the rack do.
 * On loopback only, and only for requests that name a loopback host, so that no web page can reach it.
 */
export class ControlServer {
  readonly #lab: Lab;
  readonly #server: Server;

  private constructor(lab: Lab) {
    this.#lab = lab;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => refuse(response, error));
    });
  }

  static async listen(lab: Lab, where: number | { fd: number }): Promise<ControlServer> {
    const made = new ControlServer(lab);
    await new Promise<void>((resolve, reject) => {
      made.#server.once('error', reject);
      made.#server.listen(typeof where === 'number' ? { host: '127.0.0.1', port: where } : where, resolve);
    });
    return made;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(host))
      throw new IngotError('LabForeignHost', 403, 'Only for loopback.');
    const url = new URL(request.url ?? '/', 'http://lab');
    const parts = url.pathname
      .split('/')
      .filter((p) => p !== '')
      .map(decodeURIComponent);
    for (const route of controlRoutes) {
      const params = match(route.path, parts);
      if (route.method !== request.method || params === undefined) continue;
      const answer = await route.run({
        lab: this.#lab,
        params,
        query: url.searchParams,
        body: await readBody(request),
      });
      response.writeHead(answer === undefined ? 204 : 200, { 'content-type': 'application/json' });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
      return;
    }
    throw new IngotError('LabNoSuchDoor', 404, `There is no ${request.method} ${url.pathname}`);
  }
}

function match(path: string, parts: readonly string[]): string[] | undefined {
  const pattern = path.split('/').filter((p) => p !== '');
  if (pattern.length !== parts.length) return undefined;
  const params: string[] = [];
  for (const [i, part] of pattern.entries()) {
    if (part.startsWith('{')) params.push(parts[i] ?? '');
    else if (part !== parts[i]) return undefined;
  }
  return params;
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > BODY_LIMIT) throw errors.LabBadFault('the body is larger than 1 MiB');
    chunks.push(part as Buffer);
  }
  if (size === 0) return {};
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // told below
  }
  throw errors.LabBadFault('the body is not a JSON object');
}

function refuse(response: ServerResponse, error: unknown): void {
  const status = error instanceof IngotError ? error.status : 500;
  const code = error instanceof IngotError ? error.code : 'LabFailed';
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code, message: messageOf(error) } }));
}
