import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, type Json, openCloud } from './cloud.ts';

describe('application credentials', () => {
  let cloud: Cloud;
  let admin: string;
  let user: Json;
  let project: Json;
  let token: string;
  let path: string;

  beforeAll(async () => {
    cloud = await openCloud();
    admin = await cloud.admin();
    user = (await cloud.want(201, 'POST', '/v3/users', admin, { user: { name: 'ann', password: 'ann-password' } }))
      .user;
    project = (await cloud.want(201, 'POST', '/v3/projects', admin, { project: { name: 'lab' } })).project;
    const { roles } = await cloud.want(200, 'GET', '/v3/roles?name=member', admin);
    await cloud.want(204, 'PUT', `/v3/projects/${project.id}/users/${user.id}/roles/${roles[0].id}`, admin);
    token = await cloud.token('ann', 'ann-password', { project: { id: project.id } });
    path = `/v3/users/${user.id}/application_credentials`;
  });
  afterAll(() => cloud.close());

  const create = async (body: Json, with_ = token, status = 201): Promise<Json> =>
    (await cloud.want(status, 'POST', path, with_, { application_credential: body })).application_credential;
  const login = (credential: Json, scope?: Json) =>
    cloud.send('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: { methods: ['application_credential'], application_credential: credential },
        ...(scope === undefined ? {} : { scope }),
      },
    });
  const tokenOf = async ({ id, secret }: Json) => (await login({ id, secret })).headers['x-subject-token'] ?? '';

  it('log in for their project, with the roles lent', async () => {
    const made = await create({ name: 'all' });
    expect(made).toMatchObject({ name: 'all', project_id: project.id, unrestricted: false, expires_at: null });
    expect(made.secret.length).toBeGreaterThan(80);
    expect(made.roles.map((r: Json) => r.name)).toEqual(['member', 'reader']);
    const reply = await login({ id: made.id, secret: made.secret });
    expect(reply.json().token).toMatchObject({
      methods: ['application_credential'],
      project: { id: project.id },
      application_credential: { id: made.id, name: 'all', restricted: true },
    });
    const byName = await login({ name: 'all', secret: made.secret, user: { name: 'ann', domain: { id: 'default' } } });
    expect(byName.status).toBe(201);
    const less = await create({ name: 'less', roles: [{ name: 'reader' }] });
    const { roles } = (await login({ id: less.id, secret: less.secret })).json().token;
    expect(roles.map((r: Json) => r.name)).toEqual(['reader']);
  });

  it('show their secret once, and keep none', async () => {
    const made = await create({ name: 'own', secret: 'S3CR3T-of-mine', description: 'x' });
    expect(made.secret).toBe('S3CR3T-of-mine');
    const shown = await cloud.want(200, 'GET', `${path}/${made.id}`, token);
    const list = await cloud.want(200, 'GET', path, token);
    expect(JSON.stringify([shown, list])).not.toMatch(/S3CR3T|secret|scrypt|sha256/);
    expect((await login({ id: made.id, secret: 'S3CR3T-of-mine' })).status).toBe(201);
    expect((await login({ id: made.id, secret: 'wrong' })).status).toBe(401);
    expect((await login({ id: 'nothing', secret: 'wrong' })).status).toBe(401);
    const stored = await cloud.store.query<{ secret_hash: string }>({
      text: 'select secret_hash from identity_application_credentials where id = $1',
      values: [made.id],
    });
    expect(stored[0]?.secret_hash).toMatch(/^\$scrypt\$/);
  });

  it('cannot give more than one has, for nobody else, nor without a project', async () => {
    await create({ name: 'more', roles: [{ name: 'admin' }] }, token, 400);
    await create({ name: 'all' }, token, 409);
    await create({ name: 'x', expires_at: '2001-01-01T00:00:00' }, token, 400);
    await create({ name: 'x', expires_at: 'tomorrow' }, token, 400);
    await create({ name: 'x', admin: true }, token, 400);
    const unscoped = await cloud.token('ann', 'ann-password', 'unscoped');
    await create({ name: 'x' }, unscoped, 403);
    await create({ name: 'x' }, admin, 403);
    const made = await create({ name: 'scoped' });
    expect((await login({ id: made.id, secret: made.secret }, { project: { id: project.id } })).status).toBe(201);
    expect((await login({ id: made.id, secret: made.secret }, { system: { all: true } })).status).toBe(401);
    const rescope = await cloud.send('POST', '/v3/auth/tokens', null, {
      auth: {
        identity: { methods: ['token'], token: { id: await tokenOf(made) } },
        scope: { domain: { id: 'default' } },
      },
    });
    expect(rescope.status).toBe(401);
  });

  it('are another user’s business only for admins; a foreign one is not found below one’s own name', async () => {
    const { user: bob } = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: { name: 'bob', password: 'bob-password' },
    });
    const bobs = await cloud.token('bob', 'bob-password');
    const made = await create({ name: 'mine' });
    await cloud.want(403, 'GET', path, bobs);
    await cloud.want(403, 'GET', `${path}/${made.id}`, bobs);
    await cloud.want(404, 'GET', `/v3/users/${bob.id}/application_credentials/${made.id}`, bobs);
    await cloud.want(404, 'DELETE', `/v3/users/${bob.id}/application_credentials/${made.id}`, bobs);
    await cloud.want(200, 'GET', `${path}/${made.id}`, admin);
    await cloud.want(204, 'DELETE', `${path}/${made.id}`, admin);
  });

  it('that are restricted make no others; unrestricted ones do', async () => {
    const restricted = await tokenOf(await create({ name: 'restricted' }));
    await create({ name: 'child' }, restricted, 403);
    const free = await create({ name: 'free', unrestricted: true });
    const child = await create({ name: 'child' }, await tokenOf(free));
    expect(child.name).toBe('child');
    await cloud.want(403, 'DELETE', `${path}/${free.id}`, restricted);
  });

  it('void their tokens when they go', async () => {
    const made = await create({ name: 'brief' });
    const its = await tokenOf(made);
    await cloud.want(200, 'GET', '/v3/auth/projects', its);
    await cloud.want(204, 'DELETE', `${path}/${made.id}`, token);
    await cloud.want(401, 'GET', '/v3/auth/projects', its);
    expect((await login({ id: made.id, secret: made.secret })).status).toBe(401);
  });

  it('end at their time, and their tokens with them', async () => {
    const soon = new Date(Date.now() + 60_000);
    const made = await create({ name: 'timed', expires_at: soon.toISOString().replace('Z', '') });
    const reply = await login({ id: made.id, secret: made.secret });
    expect(Date.parse(reply.json().token.expires_at)).toBe(soon.getTime());
    await cloud.store.query({
      text: `update identity_application_credentials set expires_at = now() where id = $1`,
      values: [made.id],
    });
    expect((await login({ id: made.id, secret: made.secret })).status).toBe(401);
  });

  it('with access rules are good for nothing else', async () => {
    const made = await create({
      name: 'narrow',
      access_rules: [
        { service: 'identity', method: 'GET', path: '/v3/auth/projects' },
        { service: 'identity', method: 'GET', path: '/v3/users/*/application_credentials' },
        { service: 'baremetal', method: 'GET', path: '/v1/nodes/**' },
      ],
    });
    expect(made.access_rules).toHaveLength(3);
    const narrow = await tokenOf(made);
    await cloud.want(200, 'GET', '/v3/auth/projects', narrow);
    await cloud.want(200, 'GET', '/v3/auth/projects?limit=5', narrow);
    await cloud.want(200, 'GET', path, narrow);
    for (const [method, to] of [
      ['HEAD', '/v3/auth/projects'],
      ['GET', '/v3/auth/domains'],
      ['GET', `${path}/${made.id}`],
      ['POST', path],
      ['GET', '/v3/users/x%2Fy/application_credentials'],
      ['GET', '/v3/users'],
    ] as const) {
      expect([to, (await cloud.send(method, to, narrow)).status]).toEqual([to, 401]);
    }
    const look = { 'x-subject-token': narrow };
    // A service that would let all pass is not shown it, as in Keystone.
    expect((await cloud.send('GET', '/v3/auth/tokens', token, undefined, look)).status).toBe(404);
    expect((await cloud.send('HEAD', '/v3/auth/tokens', token, undefined, look)).status).toBe(404);
    const heed = { ...look, 'openstack-identity-access-rules': '1.0' };
    const shown = await cloud.send('GET', '/v3/auth/tokens', token, undefined, heed);
    expect(shown.json().token.application_credential.access_rules).toHaveLength(3);
    const rules = await cloud.want(200, 'GET', `/v3/users/${user.id}/access_rules`, token);
    expect(rules.access_rules).toHaveLength(3);
    const [rule] = rules.access_rules;
    await cloud.want(200, 'GET', `/v3/users/${user.id}/access_rules/${rule.id}`, token);
    await cloud.want(403, 'DELETE', `/v3/users/${user.id}/access_rules/${rule.id}`, token);
    const logout = await cloud.send('DELETE', '/v3/auth/tokens', narrow, undefined, { 'x-subject-token': narrow });
    expect(logout.status).toBe(204);
    await cloud.want(204, 'DELETE', `${path}/${made.id}`, token);
    await cloud.want(204, 'DELETE', `/v3/users/${user.id}/access_rules/${rule.id}`, token);
    const none = await tokenOf(await create({ name: 'nothing', access_rules: [] }));
    await cloud.want(401, 'GET', '/v3/auth/projects', none);
  });

  it('lose what their user loses', async () => {
    const made = await create({ name: 'lasting' });
    const its = await tokenOf(made);
    await cloud.want(200, 'GET', '/v3/auth/projects', its);
    const { roles } = await cloud.want(200, 'GET', '/v3/roles?name=member', admin);
    await cloud.want(204, 'DELETE', `/v3/projects/${project.id}/users/${user.id}/roles/${roles[0].id}`, admin);
    await cloud.want(401, 'GET', '/v3/auth/projects', its);
    expect((await login({ id: made.id, secret: made.secret })).status).toBe(401);
  });
});
