import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, createServer } from '#http/server';
import type { Door } from '#http/contract';
import { createIdentity, type Identity } from '#identity/index';
import { systemClock } from '#kernel/clock';
import { Secret } from '#kernel/secret';
import { silentLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import { openSealer } from '#store/seal';
import { baremetalRules } from '#baremetal/api/policy';
import { type Cloud, type Json, openCloud } from './cloud.ts';

// An Ingot that joins an existing Keystone: our own door, on a socket of its own, is that Keystone.

const door: Door = {
  name: 'baremetal',
  prefix: '',
  routes: [
    {
      id: 'whoami',
      method: 'GET',
      path: '/v1/whoami',
      since: 0,
      policy: 'baremetal:node:list',
      summary: '',
      success: 200,
    },
    {
      id: 'create',
      method: 'POST',
      path: '/v1/nodes',
      since: 0,
      policy: 'baremetal:node:create',
      summary: '',
      success: 201,
    },
  ],
  handlers: {
    whoami: ({ caller }) => ({ body: { ...caller, roles: [...caller.roles] } }),
    create: () => ({ body: {} }),
  },
  errorBody: (error) => error,
};

describe('joining an existing Keystone', () => {
  let keystone: Cloud;
  let url: string;
  let admin: string;
  let project: Json;
  let token: string;
  let user: Json;
  const opened: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    keystone = await openCloud({ config: { services: [{ type: 'baremetal', name: 'ironic', path: '/' }] } });
    const { port } = await keystone.server.listen({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${port}/identity`;
    admin = await keystone.admin();
    const { roles } = await keystone.want(200, 'GET', '/v3/roles', admin);
    const role = (name: string) => roles.find((one: Json) => one.name === name).id;
    const { projects } = await keystone.want(200, 'GET', '/v3/projects?name=service', admin);
    const ironic = (
      await keystone.want(201, 'POST', '/v3/users', admin, { user: { name: 'ironic', password: 'ironic-password' } })
    ).user;
    await keystone.want(
      204,
      'PUT',
      `/v3/projects/${projects[0].id}/users/${ironic.id}/roles/${role('service')}`,
      admin,
    );
    user = (await keystone.want(201, 'POST', '/v3/users', admin, { user: { name: 'ann', password: 'ann-password' } }))
      .user;
    project = (await keystone.want(201, 'POST', '/v3/projects', admin, { project: { name: 'lab' } })).project;
    await keystone.want(204, 'PUT', `/v3/projects/${project.id}/users/${user.id}/roles/${role('member')}`, admin);
  });
  beforeEach(async () => {
    token = await keystone.token('ann', 'ann-password', { project: { id: project.id } });
  });
  afterAll(async () => {
    for (const close of opened.reverse()) await close();
    await keystone.close();
  });

  const join = async (changes: Json = {}): Promise<{ server: ApiServer; identity: Identity }> => {
    const identity = await createIdentity({
      store: keystone.store,
      clock: systemClock,
      log: silentLog,
      sealer: await openSealer(keystone.store, keystone.dataDir, systemClock),
      rules: [baremetalRules],
      config: {
        strategy: 'keystone',
        listening: [],
        publicUrl: 'http://localhost:6386',
        dataDir: keystone.dataDir,
        services: [{ type: 'baremetal', name: 'ironic', path: '/' }],
        joined: {
          url,
          userName: 'ironic',
          password: new Secret('ironic-password'),
          userDomainName: 'Default',
          projectName: 'service',
          projectDomainName: 'Default',
          cacheMs: 300,
          timeoutMs: 2_000,
          ...changes,
        },
      },
    });
    const metrics = createMetrics();
    const server = await createServer({ doors: [door], authoriser: identity.authoriser, log: silentLog, metrics });
    opened.push(
      () => server.close(0),
      () => identity.close(),
      async () => metrics.close(),
    );
    return { server, identity };
  };
  const ask = (server: ApiServer, with_?: string, method: 'GET' | 'POST' = 'GET') =>
    server.inject({
      method,
      url: method === 'GET' ? '/v1/whoami' : '/v1/nodes',
      headers: with_ === undefined ? {} : { 'x-auth-token': with_ },
    });

  it('knows callers as Keystone does, and has no identity door of its own', async () => {
    const { server, identity } = await join();
    expect(identity.doors.map((one) => one.name)).toEqual(['policy', 'audit']);
    const reply = await ask(server, token);
    expect(reply.json()).toMatchObject({
      userId: user.id,
      userName: 'ann',
      projectId: project.id,
      projectName: 'lab',
      system: false,
      roles: ['member', 'reader'],
      adminProject: false,
    });
    expect((await ask(server, token, 'POST')).status).toBe(403);
    expect((await ask(server, admin, 'POST')).status).toBe(201);
  });

  it('refuses what Keystone refuses, and says where to log in', async () => {
    const { server } = await join();
    for (const bad of [
      undefined,
      '',
      'x',
      'a.b.c',
      `${token}x`,
      `${token}, ${token}`,
      'x'.repeat(9_000),
      'a b',
      '../../x',
    ]) {
      const reply = await ask(server, bad);
      expect([bad?.slice(0, 20), reply.status]).toEqual([bad?.slice(0, 20), 401]);
      expect(reply.headers['www-authenticate']).toBe(`Keystone uri="${url}"`);
    }
  });

  it('asks about a token once in a while, and once for many at a time', async () => {
    const { server } = await join({ cacheMs: 60_000 });
    const before = keystone.server.inFlight;
    const all = await Promise.all(Array.from({ length: 50 }, () => ask(server, token)));
    expect(new Set(all.map((one) => one.status))).toEqual(new Set([200]));
    expect(keystone.server.inFlight).toBe(before);
    await keystone.send('DELETE', '/v3/auth/tokens', token, undefined, { 'x-subject-token': token });
    expect((await ask(server, token)).status).toBe(200); // believed for as long as was configured
  });

  it('hears of a revocation when it asks again', async () => {
    const { server } = await join();
    expect((await ask(server, token)).status).toBe(200);
    await keystone.send('DELETE', '/v3/auth/tokens', token, undefined, { 'x-subject-token': token });
    await systemClock.sleep(350);
    expect((await ask(server, token)).status).toBe(401);
  });

  it('logs in again when its own token was taken back', async () => {
    const { server } = await join();
    expect((await ask(server, token)).status).toBe(200);
    const [ironic] = (await keystone.want(200, 'GET', '/v3/users?name=ironic', admin)).users;
    await keystone.store.tx(async (tx) => {
      await tx.query({
        text: 'update identity_users set tokens_after = clock_timestamp() where id = $1',
        values: [ironic.id],
      });
      await tx.query({ text: `insert into identity_changes (kind, subject) values ('user', $1)`, values: [ironic.id] });
    });
    await systemClock.sleep(1_100);
    expect((await ask(server, token)).status).toBe(200);
  });

  it('enforces the access rules of application credentials', async () => {
    const { application_credential: made } = await keystone.want(
      201,
      'POST',
      `/v3/users/${user.id}/application_credentials`,
      token,
      {
        application_credential: {
          name: 'narrow',
          access_rules: [{ service: 'baremetal', method: 'POST', path: '/v1/nodes' }],
        },
      },
    );
    const login = await keystone.send('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: { methods: ['application_credential'], application_credential: { id: made.id, secret: made.secret } },
      },
    });
    const narrow = login.headers['x-subject-token'];
    const { server } = await join();
    expect((await ask(server, narrow)).status).toBe(401);
    expect((await ask(server, narrow, 'POST')).status).toBe(403);
  });

  it('answers 503 while Keystone is away, slow, wrong, or does not know us', async () => {
    const answer = (text: string | null) => fakeKeystone(text);
    const http = (status: string, body: string, more = '') =>
      `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const cases: [string, string][] = [
      ['closed port', 'http://127.0.0.1:9'],
      ['silence', await answer(null)],
      ['error', await answer(http('500 Oops', '{}'))],
      ['no JSON', await answer(http('201 Created', '<html>', 'X-Subject-Token: t\r\n'))],
      ['half a token', await answer(http('201 Created', '{"token":{}}', 'X-Subject-Token: t\r\n'))],
      ['a redirect elsewhere', await answer(http('302 Found', '', `Location: ${url}/v3/auth/tokens\r\n`))],
      ['no HTTP', await answer('hello\r\n\r\n')],
      ['not our account', url],
    ];
    for (const [what, at] of cases) {
      const { server } = await join({
        url: at,
        timeoutMs: 300,
        ...(at === url ? { password: new Secret('wrong') } : {}),
      });
      const started = systemClock.monotonic();
      const reply = await ask(server, token);
      expect([what, reply.status]).toEqual([what, 503]);
      expect(reply.headers['retry-after']).toBeDefined();
      expect(reply.text).not.toMatch(/127\.0\.0\.1|ironic-password|wrong|at .*\.ts/);
      expect(systemClock.monotonic() - started).toBeLessThan(2_500);
    }
  });

  it('lives on what it knows while Keystone is away', async () => {
    const away = await openCloud();
    const { port } = await away.server.listen({ host: '127.0.0.1', port: 0 });
    const theirs = await away.admin();
    const { server } = await join({
      url: `http://127.0.0.1:${port}/identity`,
      userName: 'admin',
      password: new Secret('correct horse battery'),
      projectName: 'admin',
      cacheMs: 60_000,
    });
    expect((await ask(server, theirs)).status).toBe(200);
    await away.close();
    expect((await ask(server, theirs)).status).toBe(200);
    expect((await ask(server, `${theirs}x`)).status).toBe(503);
  });

  /** A TCP server that answers each request with one text, or never. */
  async function fakeKeystone(text: string | null): Promise<string> {
    const server: Server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        if (text !== null) socket.end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(() => new Promise((resolve) => server.close(resolve)));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});
