import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import pg from 'pg';
import { systemClock } from '#kernel/clock';
import { type Cloud, openCloud, type Process } from './cloud.ts';

// Two processes on one database; what is taken back in one must be void in the other within a second, also when
// no notification arrives.

describe('taking rights back', () => {
  let cloud: Cloud;
  let other: Process;
  let admin: string;
  let memberRole: string;
  let readerRole: string;
  let count = 0;
  let neighbour: Awaited<ReturnType<typeof someone>> | undefined;

  beforeAll(async () => {
    cloud = await openCloud();
    other = await cloud.another();
    admin = await cloud.admin();
    const { roles } = await cloud.want(200, 'GET', '/v3/roles', admin);
    const byName = new Map(roles.map((role: { name: string; id: string }) => [role.name, role.id]));
    memberRole = byName.get('member') as string;
    readerRole = byName.get('reader') as string;
  });
  afterAll(() => cloud.close());

  /** A user with a role in a project of its own, and a token both processes have seen. */
  const someone = async (role = memberRole) => {
    const name = `user${++count}`;
    const { user } = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: { name, password: `${name}-password` },
    });
    const { project } = await cloud.want(201, 'POST', '/v3/projects', admin, { project: { name: `project${count}` } });
    await cloud.want(204, 'PUT', `/v3/projects/${project.id}/users/${user.id}/roles/${role}`, admin);
    const login = () => cloud.token({ id: user.id }, `${name}-password`, { project: { id: project.id } });
    const token = await login();
    expect(await here(token)).toBe(200);
    expect(await there(token)).toBe(200);
    return { user, project, token, login, password: `${name}-password` };
  };
  const probe = (process: Process) => async (token: string) =>
    (
      await process.server.inject({
        method: 'GET',
        url: '/identity/v3/auth/projects',
        headers: { 'x-auth-token': token },
      })
    ).status;
  const here = (token: string) => probe(cloud)(token);
  const there = (token: string) => probe(other)(token);
  /** Void here at once, there within a second. */
  const voided = async (token: string) => {
    expect(await here(token)).toBe(401);
    const end = systemClock.monotonic() + 1_000;
    while ((await there(token)) !== 401) {
      if (systemClock.monotonic() > end) throw new Error('still good in the other process after a second');
      await systemClock.sleep(5);
    }
  };

  it.each<[string, (s: Awaited<ReturnType<typeof someone>>) => Promise<unknown>]>([
    [
      'the user is disabled',
      ({ user }) => cloud.want(200, 'PATCH', `/v3/users/${user.id}`, admin, { user: { enabled: false } }),
    ],
    ['the user is deleted', ({ user }) => cloud.want(204, 'DELETE', `/v3/users/${user.id}`, admin)],
    [
      'an admin sets another password',
      ({ user }) => cloud.want(200, 'PATCH', `/v3/users/${user.id}`, admin, { user: { password: 'another-password' } }),
    ],
    [
      'the user changes the password',
      ({ user, password }) =>
        cloud.want(204, 'POST', `/v3/users/${user.id}/password`, null, {
          user: { original_password: password, password: 'another-password' },
        }),
    ],
    [
      'the last role is taken',
      ({ user, project }) =>
        cloud.want(204, 'DELETE', `/v3/projects/${project.id}/users/${user.id}/roles/${memberRole}`, admin),
    ],
    [
      'the project is disabled',
      ({ project }) => cloud.want(200, 'PATCH', `/v3/projects/${project.id}`, admin, { project: { enabled: false } }),
    ],
    ['the project is deleted', ({ project }) => cloud.want(204, 'DELETE', `/v3/projects/${project.id}`, admin)],
    [
      'the token is given back',
      ({ token }) => cloud.send('DELETE', '/v3/auth/tokens', token, undefined, { 'x-subject-token': token }),
    ],
  ])('voids tokens when %s', async (_what, act) => {
    const one = await someone();
    neighbour ??= await someone();
    await act(one);
    await voided(one.token);
    expect(await here(neighbour.token)).toBe(200);
    expect(await there(neighbour.token)).toBe(200);
  });

  it('voids tokens when the domain is disabled', async () => {
    const { domain } = await cloud.want(201, 'POST', '/v3/domains', admin, { domain: { name: 'away' } });
    const { user } = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: { name: 'x', password: 'x-password', domain_id: domain.id },
    });
    await cloud.want(204, 'PUT', `/v3/domains/${domain.id}/users/${user.id}/roles/${readerRole}`, admin);
    const token = await cloud.token({ id: user.id }, 'x-password', { domain: { id: domain.id } });
    expect(await there(token)).toBe(200);
    await cloud.want(200, 'PATCH', `/v3/domains/${domain.id}`, admin, { domain: { enabled: false } });
    await voided(token);
    expect((await cloud.login({ id: user.id }, 'x-password')).status).toBe(401);
  });

  it('takes one role of several without ending the token', async () => {
    const { user, project, token } = await someone(readerRole);
    await cloud.want(204, 'PUT', `/v3/projects/${project.id}/users/${user.id}/roles/${memberRole}`, admin);
    const roles = async (process: Process) => {
      const reply = await process.server.inject({
        method: 'GET',
        url: '/identity/v3/auth/tokens',
        headers: { 'x-auth-token': token, 'x-subject-token': token },
      });
      return (reply.json() as { token: { roles: { name: string }[] } }).token.roles.map((role) => role.name);
    };
    expect(await roles(other)).toEqual(['member', 'reader']);
    await cloud.want(204, 'DELETE', `/v3/projects/${project.id}/users/${user.id}/roles/${memberRole}`, admin);
    expect(await roles(other)).toEqual(['reader']);
    expect(await here(token)).toBe(200);
  });

  it('reaches what came by a group, and by implication', async () => {
    const { user, project } = await someone(readerRole);
    const { group } = await cloud.want(201, 'POST', '/v3/groups', admin, { group: { name: 'operators' } });
    const { role } = await cloud.want(201, 'POST', '/v3/roles', admin, { role: { name: 'boss' } });
    const { roles } = await cloud.want(200, 'GET', '/v3/roles?name=manager', admin);
    await cloud.want(201, 'PUT', `/v3/roles/${role.id}/implies/${roles[0].id}`, admin);
    await cloud.want(204, 'PUT', `/v3/projects/${project.id}/groups/${group.id}/roles/${role.id}`, admin);
    await cloud.want(204, 'PUT', `/v3/groups/${group.id}/users/${user.id}`, admin);
    const names = async () => {
      const token = await cloud.token({ id: user.id }, `${user.name}-password`, { project: { id: project.id } });
      const shown = await cloud.send('GET', '/v3/auth/tokens', token, undefined, { 'x-subject-token': token });
      return shown.json().token.roles.map((one: { name: string }) => one.name);
    };
    expect(await names()).toEqual(['boss', 'manager', 'member', 'reader']);
    await cloud.want(204, 'DELETE', `/v3/roles/${role.id}/implies/${roles[0].id}`, admin);
    expect(await names()).toEqual(['boss', 'reader']);
    await cloud.want(204, 'DELETE', `/v3/groups/${group.id}/users/${user.id}`, admin);
    expect(await names()).toEqual(['reader']);
  });

  it('asks the database nothing about a new token of somebody known, and refuses one that was given back unseen', async () => {
    const { token, login } = await someone();
    const [second, returned, late] = [await login(), await login(), await login()];
    await cloud.send('DELETE', '/v3/auth/tokens', returned, undefined, { 'x-subject-token': returned });
    const exchange = async () => {
      const identity = { methods: ['token'], token: { id: token } };
      return (
        (await cloud.send('POST', '/v3/auth/tokens', null, { auth: { identity } })).headers['x-subject-token'] ?? ''
      );
    };
    const asked = vi.spyOn(other.store, 'query');
    const sessionsAsked = () =>
      asked.mock.calls.filter(([query]) => (query as { name?: string }).name === 'identity_session').length;
    const show = (one: string) => other.identity.authoriser.authenticate({ 'x-auth-token': one }, '127.0.0.1');
    try {
      // On a busy machine the changes may just have become too old to be trusted: then a new token is tried.
      await vi.waitFor(
        async () => {
          const fresh = await exchange();
          expect(await there(token)).toBe(200);
          const before = sessionsAsked();
          expect(show(fresh)).not.toBeInstanceOf(Promise);
          expect(sessionsAsked()).toBe(before);
        },
        { timeout: 30_000, interval: 1 },
      );
      const refused = async (one: string) => show(one);
      await expect(refused(returned)).rejects.toThrow();
      await expect(refused(`${second.slice(0, -4)}AAAA`)).rejects.toThrow();
    } finally {
      asked.mockRestore();
    }
    // Nobody has seen this one either when its chain ends; nor does a restarted process forget what was given back.
    await cloud.send('DELETE', '/v3/auth/tokens', late, undefined, { 'x-subject-token': late });
    await voided(late);
    const restarted = await cloud.another();
    expect([await probe(restarted)(second), await probe(restarted)(late), await probe(restarted)(returned)]).toEqual([
      200, 401, 401,
    ]);
  });

  it('does not need the notification: the change is read within a second all the same', async () => {
    const { user, token } = await someone();
    // Straight into the database, as another process whose NOTIFY got lost would leave it.
    const client = new pg.Client(cloud.databaseUrl);
    await client.connect();
    await client.query('begin');
    await client.query('update identity_users set enabled = false where id = $1', [user.id]);
    await client.query(`insert into identity_changes (kind, subject) values ('user', $1)`, [user.id]);
    await client.query('commit');
    await client.end();
    await systemClock.sleep(1_000);
    expect(await here(token)).toBe(401);
    expect(await there(token)).toBe(401);
  });

  it('misses no change of a transaction that ended late', async () => {
    const { user, token } = await someone();
    const client = new pg.Client(cloud.databaseUrl);
    await client.connect();
    await client.query('begin');
    await client.query(`insert into identity_changes (kind, subject) values ('user', $1)`, [user.id]);
    await client.query('update identity_users set enabled = false where id = $1', [user.id]);
    // Others come and go, with higher numbers, and are read meanwhile.
    await someone();
    await systemClock.sleep(1_100);
    await someone();
    expect(await there(token)).toBe(200);
    await client.query('commit');
    await client.end();
    await systemClock.sleep(1_000);
    expect(await there(token)).toBe(401);
    expect(await here(token)).toBe(401);
  });

  it('holds under load: no request after the answer of a revocation gets through', async () => {
    const { user, token } = await someone();
    let revoked = false;
    const late: number[] = [];
    const hammer = async () => {
      for (let i = 0; i < 300; i++) {
        const after = revoked;
        const status = await here(token);
        if (after && status !== 401) late.push(status);
      }
    };
    const all = [hammer(), hammer(), hammer()];
    await systemClock.sleep(20);
    await cloud.want(200, 'PATCH', `/v3/users/${user.id}`, admin, { user: { enabled: false } });
    revoked = true;
    await Promise.all(all);
    expect(late).toEqual([]);
    expect(await here(token)).toBe(401);
  });

  it('goes on with new keys, and tokens of old ones stay good', async () => {
    const { token, login } = await someone();
    const { rows } = await withClient(async (client) => {
      // A key whose time to sign has come, as a rotation a minute ago would have made it.
      await client.query(`update identity_keys set signs_from = signs_from - interval '40 days'`);
      return client.query('select kid from identity_keys');
    });
    const fresh = await cloud.another({ keyRotationMs: 30 * 86_400_000 });
    await withClient((client) =>
      client.query(`update identity_keys set signs_from = now() where kid <> '${rows[0].kid}'`),
    );
    const newer = await cloud.another();
    const reply = await newer.server.inject({
      method: 'POST',
      url: '/identity/v3/auth/tokens',
      body: { auth: { identity: { methods: ['token'], token: { id: await login() } } } },
    });
    expect(reply.status).toBe(201);
    const signed = reply.headers['x-subject-token'] ?? '';
    const kid = (text: string) => JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString()).kid;
    expect(kid(token)).toBe(rows[0].kid);
    expect(kid(signed)).not.toBe(kid(token));
    for (const process of [cloud, other, fresh, newer]) {
      await systemClock.sleep(1_001); // strangers' keys are looked up once a second at most
      expect(await probe(process)(signed)).toBe(200);
      expect(await probe(process)(token)).toBe(200);
    }
  });

  async function withClient<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client(cloud.databaseUrl);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
});
