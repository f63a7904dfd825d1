import type { FastifyInstance } from 'fastify';

/** A request given to the server without a socket. */
export interface InjectRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** Path and query. */
  url: string;
  headers?: Record<string, string>;
  /** An object becomes JSON; text and bytes are sent as they are. */
  body?: unknown;
}

/** What came back. */
export interface Injected {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  text: string;
  /** The body, parsed. Throws when it is not JSON. */
  json<T = unknown>(): T;
}

/** Runs one request through a ready server. */
export async function injectInto(fastify: FastifyInstance, request: InjectRequest): Promise<Injected> {
  const { method, url, body } = request;
  const headers: Record<string, string> = { host: 'localhost:6385', ...request.headers };
  const payload = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  if (payload !== undefined && !Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) {
    headers['content-type'] = 'application/json';
  }
  const reply = await fastify.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  const received: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.headers)) received[name] = String(value);
  return {
    status: reply.statusCode,
    headers: received,
    text: reply.payload,
    json: <T>() => JSON.parse(reply.payload) as T,
  };
}
