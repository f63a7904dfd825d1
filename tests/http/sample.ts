import { Type } from 'typebox';
import { IngotError } from '#kernel/errors';
import { createServer, type ServerOptions } from '#http/server';
import type { Authoriser, Caller, Door, Handler, Route } from '#http/contract';
import { ironicErrorBody } from '#http/errors-ironic';
import { createMetrics } from '#platform/metrics';
import { silentLog } from '#platform/log';

/** A door with one route of each kind, for the server's own tests. */
const routes = [
  { id: 'root', method: 'GET', path: '/', since: 0, policy: null, summary: 'Root', success: 200, anyVersion: true },
  {
    id: 'thing.list',
    method: 'GET',
    path: '/v1/things',
    since: 1,
    policy: 'thing:get',
    summary: 'List things',
    success: 200,
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
      maintenance: Type.Optional(Type.Boolean()),
      fields: Type.Optional(Type.Array(Type.String(), { 'x-lowercase': true })),
      owner: Type.Optional(Type.String()),
    }),
  },
  {
    id: 'thing.detail',
    method: 'GET',
    path: '/v1/things/detail',
    since: 1,
    policy: 'thing:get',
    summary: 'Details',
    success: 200,
  },
  {
    id: 'thing.create',
    method: 'POST',
    path: '/v1/things',
    since: 1,
    policy: 'thing:create',
    summary: 'Create a thing',
    success: 201,
    bodyLimit: 64 * 1024,
    body: Type.Object(
      {
        name: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()])),
        driver: Type.String(),
        extra: Type.Optional(Type.Record(Type.String(), Type.Any())),
        count: Type.Optional(Type.Integer()),
      },
      { additionalProperties: false },
    ),
  },
  {
    id: 'thing.get',
    method: 'GET',
    path: '/v1/things/:ident',
    since: 1,
    policy: 'thing:get',
    summary: 'A thing',
    success: 200,
  },
  {
    id: 'thing.delete',
    method: 'DELETE',
    path: '/v1/things/:ident',
    since: 1,
    policy: 'thing:delete',
    summary: 'Delete',
    success: 204,
  },
  {
    id: 'thing.power',
    method: 'PUT',
    path: '/v1/things/:ident/states/power',
    since: 1,
    policy: 'thing:power',
    guard: 'handler',
    summary: 'Power',
    success: 202,
    body: Type.Object({ target: Type.Union([Type.Literal('power on'), Type.Literal('power off')]) }),
  },
  { id: 'new.list', method: 'GET', path: '/v1/new', since: 50, policy: 'new:get', summary: 'Newer', success: 200 },
  {
    id: 'new.create',
    method: 'POST',
    path: '/v1/new',
    since: 50,
    below: 405,
    policy: 'new:create',
    summary: 'Newer',
    success: 201,
  },
  { id: 'fail', method: 'GET', path: '/v1/fail/:how', since: 1, policy: null, summary: 'Fails', success: 200 },
  {
    id: 'slow',
    method: 'GET',
    path: '/v1/slow',
    since: 1,
    policy: null,
    summary: 'Slow',
    success: 200,
    timeoutMs: 1500,
  },
  {
    id: 'upload',
    method: 'PUT',
    path: '/v1/upload',
    since: 1,
    policy: null,
    summary: 'Upload',
    success: 200,
    body: Type.Any(),
    bodyKind: 'stream',
  },
  {
    id: 'raw',
    method: 'GET',
    path: '/v1/raw',
    since: 1,
    policy: null,
    summary: 'Text',
    success: 200,
    produces: 'text/plain',
  },
] as const satisfies readonly Route[];

/** Takes what PostgreSQL takes, and fails on the rest as it would: with an error that is not the client's. */
function stored<T>(value: T): T {
  const text = JSON.stringify(value) ?? '';
  if (/\\u0000|\\ud[89a-f]/.test(text) || /"__proto__":/.test(text))
    throw new Error(`the database cannot store ${text}`);
  const depth = (item: unknown): number =>
    typeof item === 'object' && item !== null ? 1 + Math.max(0, ...Object.values(item).map(depth)) : 0;
  if (depth(value) > 30) throw new Error('too deep');
  return value;
}

const handlers: Record<(typeof routes)[number]['id'], Handler> = {
  root: () => ({ body: { name: 'sample' } }),
  'thing.list': (context, { query }) => ({ body: { query: stored(query), version: context.version } }),
  'thing.detail': () => ({ json: '{"detail":true}' }),
  'thing.create': async (context, { body }) => ({
    body: stored(body),
    headers: { Location: `${context.baseUrl}/v1/things/x` },
  }),
  'thing.get': (_context, { params }) => ({ body: { ident: stored(params['ident']) } }),
  'thing.delete': async () => ({}),
  'thing.power': (context, { params }) => {
    if (params['ident'] === 'forgetful') return {};
    if (!context.allows('thing:power', { owner: 'p1' })) throw new IngotError('NodeNotFound', 404, 'no such thing');
    return {};
  },
  'new.list': () => ({ body: { new: [] } }),
  'new.create': () => ({ body: {} }),
  fail: async (_context, { params }) => {
    switch (params['how']) {
      case 'locked':
        throw new IngotError('NodeLocked', 409, 'Node 1 is locked', { retryAfter: 2 });
      case 'database':
        throw new IngotError('DatabaseUnavailable', 503, 'The database cannot be reached', { retryAfter: 3 });
      case 'inner':
        throw new IngotError('Broken', 500, 'password=hunter2 in /etc/secret', { cause: new Error('deep') });
      case 'header':
        return { body: {}, headers: { 'X-Bad': 'line\r\nfeed', 'X-Good': 'yes' } };
      case 'bigint':
        return { body: { n: 1n } };
      default:
        throw new Error('SELECT secret FROM nodes failed');
    }
  },
  slow: (context) =>
    new Promise((_resolve, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason))),
  upload: async (_context, { body }) => {
    let size = 0;
    for await (const part of body as AsyncIterable<Buffer>) size += part.length;
    return { body: { size } };
  },
  raw: () => ({ content: 'hello', headers: { 'Content-Type': 'text/plain' } }),
};

export const sampleDoor: Door = {
  name: 'sample',
  prefix: '',
  routes,
  handlers,
  impliedPath: '/v1',
  versions: { min: 1, max: 115, fallback: 1, jsonSuffixBelow: 91, requestIdSince: 107 },
  errorBody: ironicErrorBody,
};

export const admin: Caller = {
  userId: 'u1',
  userName: 'admin',
  projectId: 'p1',
  domainId: 'default',
  system: true,
  roles: new Set(['admin']),
  auditId: null,
};

/** Token `admin` may do all, `reader` only rules that end in `:get`. `slow-…` answers asynchronously. */
export const sampleAuthoriser: Authoriser = {
  challenge: 'Keystone uri="http://localhost/identity"',
  authenticate(headers) {
    const token = headers['x-auth-token'];
    const name = typeof token === 'string' ? token.replace('slow-', '') : '';
    const refusal = () => new IngotError('Unauthorized', 401, 'The request you have made requires authentication.');
    if (name !== 'admin' && name !== 'reader') {
      if (token === name || token === undefined) throw refusal();
      return Promise.reject(refusal());
    }
    const caller = { ...admin, roles: new Set([name]) };
    return token === name ? caller : Promise.resolve(caller);
  },
  allows: (rule, caller, target) =>
    caller.roles.has('admin') || (rule.endsWith(':get') && (target === undefined || target.owner === caller.projectId)),
};

/** The sample door's server. */
export function sampleServer(options: Partial<ServerOptions> = {}) {
  return createServer({
    doors: [sampleDoor],
    authoriser: sampleAuthoriser,
    log: silentLog,
    metrics: createMetrics(),
    ...options,
  });
}
