import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SwitchService } from '#contracts/switches';
import { type ApiServer, createServer } from '#http/server';
import { createIdentity, type Identity } from '#identity/index';
import { systemClock } from '#kernel/clock';
import { Secret } from '#kernel/secret';
import { networkRules } from '#network/api/rules';
import { createNetwork, type NetworkConfig } from '#network/index';
import { silentLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import type { Store } from '#store/contract';
import { openSealer } from '#store/seal';
import { openTestStore } from '#store/testing';

export const ADMIN_PASSWORD = 'correct horse battery';
const DOMAIN = { domain_id: 'default' };

// Bodies are checked by the assertions on them.
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
}

/** The Network API with identity, on a socket and a real database. */
export interface NetworkCloud {
  store: Store;
  identity: Identity;
  server: ApiServer;
  url: string;
  /** Tokens by who: `admin` (the operators' project), `system`, and those of `project`. */
  tokens: Record<string, string>;
  /** Ids of projects by name. */
  projects: Record<string, string>;
  /** Makes a project with users `<name>-reader`, `-member`, `-manager`, `-admin`; `<name>` is the member. */
  project(name: string, roles?: readonly string[]): Promise<string>;
  /** A token of another scope. */
  login(user: string, scope: unknown): Promise<string>;
  /** Sends a request under `/network/v2.0` (paths that begin with `/network` or `/identity` as they are). */
  send(who: string, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Like `send`, and throws unless the status is the one wanted. Gives the parsed body. */
  want(status: number, who: string, method: string, path: string, body?: unknown): Promise<Json>;
  close(): Promise<void>;
}

export async function openNetworkCloud(
  config: Partial<NetworkConfig> = {},
  switches?: SwitchService,
  settle?: (store: Store, machine: string) => Promise<void>,
): Promise<NetworkCloud> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ingot-network-'));
  const database = await openTestStore();
  const { store } = database;
  const identity = await createIdentity({
    store,
    clock: systemClock,
    log: silentLog,
    sealer: await openSealer(store, dataDir, systemClock),
    rules: [networkRules],
    config: {
      strategy: 'keystone',
      listening: ['127.0.0.1'],
      publicUrl: 'http://127.0.0.1',
      dataDir,
      adminPassword: new Secret(ADMIN_PASSWORD),
      services: [{ type: 'network', name: 'neutron', path: '/network' }],
    },
  });
  await identity.bootstrap();
  const more = {
    ...(switches === undefined ? {} : { switches: () => switches }),
    ...(settle === undefined ? {} : { settle: (machine: string) => settle(store, machine) }),
  };
  const network = createNetwork({ store, clock: systemClock, log: silentLog, config, ...more });
  const doors = [...identity.doors, ...network.doors];
  identity.checkDoors(doors);
  const metrics = createMetrics();
  const { authoriser, audit } = identity;
  const server = await createServer({ doors, authoriser, log: silentLog, metrics, audit });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const tokens: Record<string, string> = {};
  const projects: Record<string, string> = {};

  const send: NetworkCloud['send'] = async (who, method, path, body, headers = {}) => {
    const reply = await fetch(`${url}${/^\/(network|identity)\//.test(path) ? '' : '/network/v2.0'}${path}`, {
      method,
      headers: { 'x-auth-token': tokens[who] ?? '', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, text, json: text === '' ? undefined : JSON.parse(text) };
  };
  const want: NetworkCloud['want'] = async (status, who, method, path, body) => {
    const reply = await send(who, method, path, body);
    if (reply.status !== status)
      throw new Error(`${who} ${method} ${path}: ${reply.status}, wanted ${status}: ${reply.text}`);
    return reply.json;
  };
  const login: NetworkCloud['login'] = async (user, scope) => {
    const reply = await fetch(`${url}/identity/v3/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: user, domain: { name: 'Default' }, password: ADMIN_PASSWORD } },
          },
          scope,
        },
      }),
    });
    const token = reply.headers.get('x-subject-token');
    if (token === null) throw new Error(`${user} cannot log in: ${await reply.text()}`);
    return token;
  };
  const projectScope = (name: string) => ({ project: { name, domain: { name: 'Default' } } });
  tokens['admin'] = await login('admin', projectScope('admin'));
  tokens['system'] = await login('admin', { system: { all: true } });
  const v3 = '/identity/v3';
  const roles: Record<string, string> = {};
  for (const { name, id } of (await want(200, 'admin', 'GET', `${v3}/roles`)).roles) roles[name] = id;

  return {
    store,
    identity,
    server,
    url,
    tokens,
    projects,
    login,
    send,
    want,
    async project(name, wanted = ['member']) {
      const { project } = await want(201, 'admin', 'POST', `${v3}/projects`, { project: { name, ...DOMAIN } });
      projects[name] = project.id;
      for (const role of wanted) {
        const user = `${name}-${role}`;
        const body = { user: { name: user, password: ADMIN_PASSWORD, ...DOMAIN } };
        const made = await want(201, 'admin', 'POST', `${v3}/users`, body);
        await want(204, 'admin', 'PUT', `${v3}/projects/${project.id}/users/${made.user.id}/roles/${roles[role]}`);
        tokens[user] = await login(user, projectScope(name));
        if (role === 'member') tokens[name] = tokens[user];
      }
      return project.id as string;
    },
    async close() {
      await server.close(0);
      await identity.close();
      metrics.close();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
