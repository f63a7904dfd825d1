import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, type Cloud, openCloud } from './cloud.ts';

describe('tokens', () => {
  let cloud: Cloud;
  let admin: string;

  beforeAll(async () => {
    cloud = await openCloud();
    admin = await cloud.admin();
  });
  afterAll(() => cloud.close());

  it('are found by discovery', async () => {
    const root = await cloud.send('GET', '/');
    expect(root.status).toBe(300);
    expect(root.headers['location']).toBe('http://localhost:6385/identity/v3/');
    expect(root.json().versions.values[0]).toMatchObject({ id: 'v3.14', status: 'stable' });
    const v3 = await cloud.want(200, 'GET', '/v3');
    expect(v3.version.links).toEqual([{ rel: 'self', href: 'http://localhost:6385/identity/v3/' }]);
    await cloud.want(200, 'GET', '/v3/');
  });

  it('say who, where and what', async () => {
    const reply = await cloud.login('admin', ADMIN_PASSWORD);
    const { token } = reply.json();
    expect(reply.headers['vary']).toContain('X-Auth-Token');
    expect(token).toMatchObject({
      methods: ['password'],
      user: { name: 'admin', domain: { id: 'default', name: 'Default' }, password_expires_at: null },
      project: { name: 'admin', domain: { id: 'default', name: 'Default' } },
      is_domain: false,
    });
    expect(token.roles.map((role: { name: string }) => role.name)).toEqual(['admin', 'manager', 'member', 'reader']);
    expect(token.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const types = token.catalog.map((service: { type: string }) => service.type);
    expect(types).toEqual(['baremetal', 'identity']);
    expect(token.catalog[1].endpoints.map((e: { url: string }) => e.url)).toEqual(
      Array(3).fill('http://localhost:6385/identity'),
    );
    expect(reply.headers['x-subject-token']?.length).toBeLessThan(400);
    expect(
      (
        await cloud.send('POST', '/v3/auth/tokens?nocatalog', null, {
          auth: { identity: { methods: ['token'], token: { id: admin } } },
        })
      ).json().token.catalog,
    ).toBeUndefined();
  });

  it('have the scope asked for', async () => {
    const system = (await cloud.login('admin', ADMIN_PASSWORD, { system: { all: true } })).json().token;
    expect(system.system).toEqual({ all: true });
    expect(system.project).toBeUndefined();
    const unscoped = (await cloud.login('admin', ADMIN_PASSWORD, 'unscoped')).json().token;
    expect(unscoped.roles).toBeUndefined();
    expect(unscoped.catalog).toBeUndefined();
    const named = await cloud.login('admin', ADMIN_PASSWORD, { project: { name: 'admin', domain: { id: 'default' } } });
    expect(named.json().token.project.name).toBe('admin');
    for (const scope of [
      { project: { name: 'service', domain: { id: 'default' } } },
      { project: { name: 'nope', domain: { id: 'default' } } },
      { project: { name: 'admin' } },
      { domain: { id: 'default' } },
      { domain: { name: 'nope' } },
    ]) {
      const reply = await cloud.login('admin', ADMIN_PASSWORD, scope);
      expect([reply.status, JSON.stringify(scope)]).toEqual([401, JSON.stringify(scope)]);
    }
    expect((await cloud.login('admin', ADMIN_PASSWORD, { project: { id: 'x' }, domain: { id: 'y' } })).status).toBe(
      400,
    );
  });

  it('are refused the same way for every reason', async () => {
    const wrong = await cloud.login('admin', 'wrong');
    const nobody = await cloud.login('nobody', 'wrong');
    const nowhere = await cloud.login('admin', ADMIN_PASSWORD, undefined, 'Nowhere');
    for (const reply of [wrong, nobody, nowhere]) {
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe('Keystone uri="http://localhost:6385/identity/v3"');
      expect(reply.json()).toEqual({
        error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
      });
    }
  });

  it('can be exchanged, and keep their chain and end', async () => {
    const reply = await cloud.send('POST', '/v3/auth/tokens', null, {
      auth: { identity: { methods: ['token'], token: { id: admin } }, scope: { system: { all: true } } },
    });
    expect(reply.status).toBe(201);
    const first = (await cloud.send('GET', '/v3/auth/tokens', admin, undefined, { 'x-subject-token': admin })).json()
      .token;
    const { token } = reply.json();
    expect(token.methods.sort()).toEqual(['password', 'token']);
    expect(token.audit_ids[1]).toBe(first.audit_ids[0]);
    expect(token.expires_at).toBe(first.expires_at);
  });

  it('can be shown, checked and taken back', async () => {
    const mine = await cloud.admin();
    const subject = { 'x-subject-token': mine };
    expect((await cloud.send('GET', '/v3/auth/tokens', admin, undefined, subject)).json().token.user.name).toBe(
      'admin',
    );
    const head = await cloud.send('HEAD', '/v3/auth/tokens', admin, undefined, subject);
    expect([head.status, head.text]).toEqual([200, '']);
    expect((await cloud.send('GET', '/v3/users', mine)).status).toBe(200);
    expect((await cloud.send('DELETE', '/v3/auth/tokens', mine, undefined, subject)).status).toBe(204);
    expect((await cloud.send('GET', '/v3/users', mine)).status).toBe(401);
    expect((await cloud.send('GET', '/v3/auth/tokens', admin, undefined, subject)).status).toBe(404);
    expect((await cloud.send('GET', '/v3/auth/tokens', admin)).status).toBe(400);
    const rescope = await cloud.send('POST', '/v3/auth/tokens', null, {
      auth: { identity: { methods: ['token'], token: { id: mine } } },
    });
    expect(rescope.status).toBe(401);
  });

  it('that are not ours are refused', async () => {
    const [head = '', body = '', signature = ''] = admin.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const token of [
      '',
      'x',
      'a.b.c',
      `${head}.${body}.`,
      `${head}.${encode({ ...claims, s: 1, p: undefined })}.${signature}`,
      `${encode({ alg: 'none' })}.${body}.`,
      `${encode({ alg: 'HS256', kid: 'x' })}.${body}.${signature}`,
      `${head}.${body}.${'A'.repeat(86)}`,
      `${admin}, ${admin}`,
      `${admin},`,
      'x'.repeat(20_000),
    ]) {
      const reply = await cloud.send('GET', '/v3/users', token);
      expect([reply.status, token.slice(0, 40)]).toEqual([401, token.slice(0, 40)]);
    }
  });

  it('are the only thing believed: identity headers change nothing', async () => {
    const spoofed = {
      'x-user-id': 'admin',
      'x-user-name': 'admin',
      'x-roles': 'admin',
      'x-role': 'admin',
      'x-project-id': 'admin',
      'x-tenant-id': 'admin',
      'x-identity-status': 'Confirmed',
      'x-service-token': admin,
      'x-service-roles': 'admin',
      'x-is-admin-project': 'True',
      'openstack-system-scope': 'all',
      'x-domain-id': 'default',
      'x-user-domain-id': 'default',
      'x-remote-user': 'admin',
      remote_user: 'admin',
      'x-forwarded-user': 'admin',
      'x-ssl-client-verify': 'SUCCESS',
      cookie: 'token=admin',
      authorization: `Bearer ${admin}`,
    };
    for (const route of cloud.identity.doors[0]?.routes ?? []) {
      if (route.policy === null) continue;
      const path = route.path.replace(/:\w+/g, 'x');
      const reply = await cloud.send(route.method as 'GET', path, null, undefined, spoofed);
      expect([route.id, reply.status]).toEqual([route.id, 401]);
    }
  });

  it('of a user whose default project is out of reach are unscoped', async () => {
    const made = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: { name: 'lost', password: 'lost-password', default_project_id: 'gone' },
    });
    const reply = await cloud.login('lost', 'lost-password');
    expect(reply.status).toBe(201);
    expect(reply.json().token.project).toBeUndefined();
    expect(made.user.password).toBeUndefined();
    const token = reply.headers['x-subject-token'] ?? '';
    expect((await cloud.want(200, 'GET', '/v3/auth/projects', token)).projects).toEqual([]);
    expect((await cloud.want(200, 'GET', '/v3/auth/system', token)).system).toEqual([]);
    await cloud.want(403, 'GET', '/v3/auth/catalog', token);
    await cloud.want(403, 'GET', '/v3/users', token);
  });

  it('tell where one can log in', async () => {
    expect(
      (await cloud.want(200, 'GET', '/v3/auth/projects', admin)).projects.map((p: { name: string }) => p.name),
    ).toEqual(['admin']);
    expect((await cloud.want(200, 'GET', '/v3/auth/domains', admin)).domains).toEqual([]);
    expect((await cloud.want(200, 'GET', '/v3/auth/system', admin)).system).toEqual([{ all: true }]);
    expect((await cloud.want(200, 'GET', '/v3/auth/catalog', admin)).catalog).toHaveLength(2);
  });

  it('slow down who guesses, and nobody else', async () => {
    await cloud.want(201, 'POST', '/v3/users', admin, { user: { name: 'victim', password: 'victim-password' } });
    const codes = [];
    for (let i = 0; i < 7; i++) codes.push((await cloud.login('victim', `guess ${i}`)).status);
    expect(codes).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const ghost = [];
    for (let i = 0; i < 7; i++) ghost.push((await cloud.login('ghost', `guess ${i}`)).status);
    expect(ghost).toEqual(codes);
    expect((await cloud.login('admin', ADMIN_PASSWORD)).status).toBe(201);
  });

  it.each([
    {},
    { auth: {} },
    { auth: { identity: {} } },
    { auth: { identity: { methods: [] } } },
    { auth: { identity: { methods: ['password'] } } },
    { auth: { identity: { methods: ['token'] } } },
    { auth: { identity: { methods: ['application_credential'], application_credential: { secret: 'x' } } } },
    { auth: { identity: { methods: ['password'], password: { user: { password: 1 } } } } },
    { auth: { identity: { methods: 'password' } } },
    [],
  ])('need a whole request: %j', async (body) => {
    const reply = await cloud.send('POST', '/v3/auth/tokens', null, body);
    expect(reply.status).toBe(400);
    expect(reply.json().error).toMatchObject({ code: 400, title: 'Bad Request' });
  });

  it('by methods not offered are refused', async () => {
    const reply = await cloud.send('POST', '/v3/auth/tokens', null, {
      auth: { identity: { methods: ['totp'], totp: {} } },
    });
    expect(reply.status).toBe(401);
  });
});
