import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, createServer } from '#http/server';
import { createIdentity, type Identity, type IdentityParts } from '#identity/index';
import { type Clock, systemClock } from '#kernel/clock';
import { Secret } from '#kernel/secret';
import { silentLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import { openStore } from '#store/index';
import { openSealer } from '#store/seal';
import { openTestStore } from '#store/testing';
import type { Store } from '#store/contract';
import { baremetalRules } from '#baremetal/api/policy';

export const ADMIN_PASSWORD = 'correct horse battery';

/** One process of a cloud: its own store, identity room and server, on a database shared with others. */
export interface Process {
  store: Store;
  identity: Identity;
  server: ApiServer;
  close(): Promise<void>;
}

export interface Cloud extends Process {
  dataDir: string;
  databaseUrl: string;
  adminUrl: string;
  /** Another process on the same database. */
  another(config?: Partial<IdentityParts['config']>): Promise<Process>;
  /** Sends a request; `token` goes into X-Auth-Token. */
  send(
    method: Method,
    path: string,
    token?: string | null,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Like `send`, and throws unless the status is the one wanted. Gives the parsed body. */
  want<T = Json>(status: number, method: Method, path: string, token?: string | null, body?: unknown): Promise<T>;
  /** Logs in with a password. */
  login(user: string | { id: string }, password: string, scope?: unknown, domain?: string): Promise<Answer>;
  token(user: string | { id: string }, password: string, scope?: unknown, domain?: string): Promise<string>;
  /** The first admin, in the operators' project. */
  admin(): Promise<string>;
}

// Bodies are checked by the assertions on them.
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;
export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  json(): Json;
}
export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CloudOptions {
  config?: Partial<IdentityParts['config']>;
  clock?: Clock;
  parts?: Partial<IdentityParts>;
}

/** A cloud with one process and everything a first start makes. */
export async function openCloud(options: CloudOptions = {}): Promise<Cloud> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ingot-identity-'));
  const database = await openTestStore();
  const first = await openProcess(database.store, dataDir, options);
  await first.identity.bootstrap();
  const others: Process[] = [];
  const send: Cloud['send'] = (method, path, token, body, headers = {}) =>
    first.server.inject({
      method,
      url: path.startsWith('/v3') || path === '/' ? `/identity${path}` : path,
      headers: { ...(token == null ? {} : { 'x-auth-token': token }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  const login: Cloud['login'] = (user, password, scope, domain = 'Default') =>
    send('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: {
          methods: ['password'],
          password: {
            user: { ...(typeof user === 'string' ? { name: user, domain: { name: domain } } : user), password },
          },
        },
        ...(scope === undefined ? {} : { scope }),
      },
    });
  const token: Cloud['token'] = async (...args) => {
    const reply = await login(...args);
    if (reply.status !== 201) throw new Error(`login: ${reply.status} ${reply.text}`);
    return reply.headers['x-subject-token'] ?? '';
  };
  return {
    ...first,
    dataDir,
    databaseUrl: database.url,
    adminUrl: database.adminUrl,
    send,
    login,
    token,
    admin: () => token('admin', ADMIN_PASSWORD),
    async want(status, method, path, with_, body) {
      const reply = await send(method, path, with_, body);
      if (reply.status !== status)
        throw new Error(`${method} ${path}: ${reply.status}, wanted ${status}: ${reply.text}`);
      return (reply.text === '' ? undefined : reply.json()) as never;
    },
    async another(config = {}) {
      const store = await openStore({ databaseUrl: database.url, migrate: 'skip' });
      const made = await openProcess(store, dataDir, { ...options, config: { ...options.config, ...config } });
      const process: Process = {
        ...made,
        async close() {
          await made.close();
          await store.close();
        },
      };
      others.push(process);
      return process;
    },
    async close() {
      for (const process of others) await process.close();
      await first.close();
      await database.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function openProcess(store: Store, dataDir: string, options: CloudOptions): Promise<Process> {
  const clock = options.clock ?? systemClock;
  const identity = await createIdentity({
    store,
    clock,
    log: silentLog,
    sealer: await openSealer(store, dataDir, clock),
    rules: [baremetalRules],
    ...options.parts,
    config: {
      strategy: 'keystone',
      listening: ['127.0.0.1'],
      publicUrl: 'http://localhost:6385',
      dataDir,
      adminPassword: new Secret(ADMIN_PASSWORD),
      services: [{ type: 'baremetal', name: 'ironic', path: '/' }],
      ...options.config,
    },
  });
  const metrics = createMetrics();
  const server = await createServer({
    doors: identity.doors,
    authoriser: identity.authoriser,
    log: silentLog,
    metrics,
    audit: identity.audit,
  });
  return {
    store,
    identity,
    server,
    async close() {
      await server.close(0);
      await identity.close();
      metrics.close();
    },
  };
}
