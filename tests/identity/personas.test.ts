import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Route } from '#http/contract';
import { ADMIN_PASSWORD, type Cloud, type Json, type Method, openCloud } from './cloud.ts';

// Who may do what in identity, asked over HTTP. A cloud with two domains; each persona is a user with one role
// in one scope.

describe('the personas of identity', () => {
  let cloud: Cloud;
  let admin: string;
  let system: string;
  const ids: Record<string, string> = {};
  const tokens: Record<string, string> = {};

  const make = async (kind: string, body: Json): Promise<Json> =>
    (await cloud.want(201, 'POST', `/v3/${kind}s`, admin, { [kind]: body }))[kind];

  beforeAll(async () => {
    cloud = await openCloud({ config: { throttle: { attempts: 1000, perSource: 100_000 } } });
    admin = await cloud.admin();
    system = await cloud.token('admin', ADMIN_PASSWORD, { system: { all: true } });
    for (const role of (await cloud.want(200, 'GET', '/v3/roles', admin)).roles) ids[`role ${role.name}`] = role.id;
    for (const project of (await cloud.want(200, 'GET', '/v3/projects', admin)).projects) {
      ids[`project ${project.name}`] = project.id;
    }
    for (const user of (await cloud.want(200, 'GET', '/v3/users', admin)).users) ids[`user ${user.name}`] = user.id;
    for (const name of ['blue', 'green']) {
      const domain = await make('domain', { name });
      ids[name] = domain.id;
      ids[`project ${name}`] = (await make('project', { name: `${name} project`, domain_id: domain.id })).id;
      ids[`user ${name}`] = (await make('user', { name: `${name} user`, domain_id: domain.id })).id;
      ids[`group ${name}`] = (await make('group', { name: `${name} group`, domain_id: domain.id })).id;
    }
    ids['default'] = 'default';
    // A group of the blue domain that has power over the system.
    ids['group ops'] = (await make('group', { name: 'ops', domain_id: ids['blue'] })).id;
    await cloud.want(204, 'PUT', `/v3/system/groups/${ids['group ops']}/roles/${ids['role reader']}`, admin);
    const persona = async (name: string, role: string, where: string, scope: Json, domain: string) => {
      const user = await make('user', { name, password: 'persona-password', domain_id: ids[domain] });
      ids[`user ${name}`] = user.id;
      await cloud.want(204, 'PUT', `/v3${where}/users/${user.id}/roles/${ids[`role ${role}`]}`, admin);
      tokens[name] = await cloud.token({ id: user.id }, 'persona-password', scope);
    };
    const blue = `/domains/${ids['blue']}`;
    const inBlue = { domain: { id: ids['blue'] } };
    const inProject = { project: { id: ids['project blue'] } };
    await persona('domain admin', 'admin', blue, inBlue, 'blue');
    await persona('domain manager', 'manager', blue, inBlue, 'blue');
    await persona('domain reader', 'reader', blue, inBlue, 'blue');
    await persona('default manager', 'manager', '/domains/default', { domain: { id: 'default' } }, 'default');
    await persona('default admin', 'admin', '/domains/default', { domain: { id: 'default' } }, 'default');
    await persona('project admin', 'admin', `/projects/${ids['project blue']}`, inProject, 'blue');
    await persona('project member', 'member', `/projects/${ids['project blue']}`, inProject, 'blue');
    await persona('system reader', 'reader', '/system', { system: { all: true } }, 'default');
    await persona(
      'service',
      'service',
      `/projects/${ids['project service']}`,
      { project: { id: ids['project service'] } },
      'default',
    );
    tokens['unscoped'] = await cloud.token({ id: ids['user project member'] ?? '' }, 'persona-password', 'unscoped');
  });
  afterAll(() => cloud.close());

  const status = async (who: string, method: Method, path: string, body?: Json) =>
    (await cloud.send(method, path, tokens[who] ?? admin, body)).status;
  const fill = (path: string) => path.replace(/\{([^}]+)\}/g, (_, key: string) => ids[key] ?? key);

  it('public doors are these and no others', () => {
    const open = cloud.identity.doors.flatMap((door) => door.routes).filter((route) => route.policy === null);
    expect(open.map((route) => route.id).sort()).toEqual([
      'identity.v3',
      'identity.v3.head',
      'identity.versions',
      'identity.versions.head',
      'token.issue',
      'user.password',
    ]);
  });

  it('every rule a route names exists, and a name that does not stops the start', () => {
    cloud.identity.checkDoors(cloud.identity.doors);
    const [door] = cloud.identity.doors;
    if (door === undefined) throw new Error('no door');
    const route: Route = {
      id: 'x',
      method: 'GET',
      path: '/x',
      since: 0,
      policy: 'identity:lits_users',
      summary: '',
      success: 200,
    };
    expect(() => cloud.identity.checkDoors([{ ...door, routes: [route] }])).toThrow('identity:lits_users');
  });

  /** Routes that anybody who is logged in may use, or that answer by what they find. */
  const FOR_ALL = new Set([
    'auth.projects',
    'auth.domains',
    'auth.system',
    'auth.catalog',
    'region.list',
    'region.get',
    'registered_limit.list',
    'registered_limit.get',
    'limit.model',
    'limit.list',
    'policy.list',
    'policy.explain',
  ]);

  it('nobody without a right changes or sees anything: each route, by who has none', async () => {
    const wrong: string[] = [];
    for (const door of cloud.identity.doors) {
      for (const route of door.routes) {
        if (route.policy === null || FOR_ALL.has(route.id.replace(/\.head$/, ''))) continue;
        const path = `${door.prefix}${route.path}`.replace(/:(\w+)/g, (_, name: string) => {
          if (name === 'user_id') return ids['user green'] ?? '';
          if (name === 'project_id') return ids['project green'] ?? '';
          if (name === 'group_id') return ids['group green'] ?? '';
          if (name === 'domain_id') return ids['green'] ?? '';
          return name === 'role_id' || name === 'implied_role_id' ? (ids['role reader'] ?? '') : 'x';
        });
        for (const who of [
          'unscoped',
          'project member',
          'project admin',
          'service',
          'domain reader',
          'domain manager',
          'domain admin',
        ]) {
          const reply = await cloud.send(route.method, path, tokens[who], bodyFor(route), { 'x-subject-token': admin });
          if (who === 'service' && route.policy.endsWith('_token') && route.id !== 'token.revoke') continue;
          // 400: the body was refused before anybody looked at whose it is.
          const lists = /\.list(\.head)?$/.test(route.id) && who.startsWith('domain');
          if (lists || (route.id.startsWith('role.') && who !== 'domain reader' && who.startsWith('domain'))) continue;
          const refused = [403, 404].includes(reply.status) || (reply.status === 400 && route.method !== 'GET');
          if (!refused) wrong.push(`${route.id} by ${who}: ${reply.status}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  /** A body that passes the schema, aimed at the green domain. */
  function bodyFor(route: Route): Json {
    if (route.body === undefined) return undefined;
    const noun = route.id.split('.')[0] ?? '';
    if (route.id === 'project.tags.set') return { tags: ['x'] };
    const known: Json = {
      user: { name: 'x', domain_id: ids['green'] },
      project: { name: 'x', domain_id: ids['green'] },
      group: { name: 'x', domain_id: ids['green'] },
      domain: { name: 'x' },
      role: { name: 'x' },
      region: { description: 'x' },
      service: { type: 'x' },
      endpoint: { service_id: 'x', interface: 'public', url: 'http://x' },
      application_credential: { name: 'x' },
      registered_limit: { description: 'x' },
      limit: { description: 'x' },
    };
    if (route.method === 'POST' && noun === 'limit') {
      return { limits: [{ service_id: 'x', resource_name: 'x', resource_limit: 1, project_id: ids['project green'] }] };
    }
    if (route.method === 'POST' && noun === 'registered_limit') {
      return { registered_limits: [{ service_id: 'x', resource_name: 'x', default_limit: 1 }] };
    }
    if (route.method === 'PATCH' && (noun === 'user' || noun === 'project' || noun === 'group'))
      return { [noun]: { name: 'y' } };
    return { [noun]: known[noun] };
  }

  it("the cloud's admin is admin by the system's scope and in the operators' project, not in any other", async () => {
    for (const token of [admin, system]) await cloud.want(200, 'GET', '/v3/users', token);
    expect(await status('project admin', 'GET', '/v3/users')).toBe(403);
    expect(await status('project admin', 'POST', '/v3/users', { user: { name: 'x', domain_id: ids['blue'] } })).toBe(
      403,
    );
    expect(await status('project admin', 'GET', fill('/v3/projects/{project blue}'))).toBe(200);
  });

  it('a reader of the system sees all and changes nothing', async () => {
    for (const path of [
      '/v3/users',
      '/v3/projects',
      '/v3/domains',
      '/v3/groups',
      '/v3/roles',
      '/v3/services',
      '/v3/endpoints',
      '/v3/role_assignments',
      '/v3/role_inferences',
      '/audit/events',
    ]) {
      expect([path, await status('system reader', 'GET', path)]).toEqual([path, 200]);
    }
    expect(await status('system reader', 'POST', '/v3/users', { user: { name: 'x' } })).toBe(403);
    expect(await status('system reader', 'DELETE', fill('/v3/users/{user blue}'))).toBe(403);
  });

  it('who reads a domain sees that domain', async () => {
    const list = async (plural: string) =>
      (await cloud.want(200, 'GET', `/v3/${plural}`, tokens['domain reader']))[plural];
    expect((await list('domains')).map((one: Json) => one.name)).toEqual(['blue']);
    expect(new Set((await list('users')).map((one: Json) => one.domain_id))).toEqual(new Set([ids['blue']]));
    expect((await list('projects')).map((one: Json) => one.name)).toEqual(['blue project']);
    expect((await list('groups')).map((one: Json) => one.name).sort()).toEqual(['blue group', 'ops']);
    // A filter narrows and never widens.
    for (const query of [`domain_id=${ids['green']}`, 'name__contains=green', `id=${ids['user green']}`]) {
      expect((await cloud.want(200, 'GET', `/v3/users?${query}`, tokens['domain reader'])).users).toEqual([]);
    }
    expect(await status('domain reader', 'GET', fill('/v3/users/{user blue}'))).toBe(200);
    expect(await status('domain reader', 'GET', fill('/v3/users/{user green}'))).toBe(403);
    expect(await status('domain reader', 'GET', '/v3/users/nobody')).toBe(403);
    const { role_assignments } = await cloud.want(
      200,
      'GET',
      '/v3/role_assignments?include_names',
      tokens['domain reader'],
    );
    for (const one of role_assignments) expect(one.scope.domain?.name ?? one.scope.project.domain.name).toBe('blue');
  });

  it('who manages a domain rules its users, groups and projects, and no further', async () => {
    const who = tokens['domain manager'];
    const { user } = await cloud.want(201, 'POST', '/v3/users', who, {
      user: { name: 'new', password: 'new-password' },
    });
    expect(user.domain_id).toBe(ids['blue']);
    await cloud.want(200, 'PATCH', `/v3/users/${user.id}`, who, { user: { email: 'x@example.org' } });
    const { project } = await cloud.want(201, 'POST', '/v3/projects', who, { project: { name: 'new' } });
    const { group } = await cloud.want(201, 'POST', '/v3/groups', who, { group: { name: 'new' } });
    await cloud.want(204, 'PUT', `/v3/groups/${group.id}/users/${user.id}`, who);
    const grant = `/v3/projects/${project.id}/users/${user.id}/roles`;
    for (const role of ['manager', 'member', 'reader'])
      await cloud.want(204, 'PUT', `${grant}/${ids[`role ${role}`]}`, who);
    for (const role of ['admin', 'service']) await cloud.want(403, 'PUT', `${grant}/${ids[`role ${role}`]}`, who);
    // The other domain, in whatever way it is named.
    await cloud.want(403, 'POST', '/v3/users', who, { user: { name: 'x', domain_id: ids['green'] } });
    await cloud.want(403, 'POST', '/v3/projects', who, { project: { name: 'x', domain_id: ids['green'] } });
    await cloud.want(403, 'POST', '/v3/projects', who, { project: { name: 'x', parent_id: ids['project green'] } });
    await cloud.want(403, 'POST', '/v3/projects', who, { project: { name: 'x', parent_id: ids['green'] } });
    await cloud.want(403, 'POST', '/v3/projects', who, { project: { name: 'x', is_domain: true } });
    await cloud.want(403, 'PATCH', fill('/v3/users/{user green}'), who, { user: { email: 'x' } });
    await cloud.want(403, 'PUT', `/v3/groups/${group.id}/users/${ids['user green']}`, who);
    await cloud.want(403, 'PUT', fill(`/v3/projects/{project blue}/users/{user green}/roles/{role reader}`), who);
    await cloud.want(403, 'PUT', fill(`/v3/projects/{project green}/users/{user blue}/roles/{role reader}`), who);
    await cloud.want(403, 'PUT', fill(`/v3/system/users/{user blue}/roles/{role reader}`), who);
    await cloud.want(403, 'PATCH', fill('/v3/domains/{blue}'), who, { domain: { name: 'x' } });
  });

  it('an admin of a domain grants its roles there, as Keystone lets it', async () => {
    await cloud.want(
      204,
      'PUT',
      fill('/v3/projects/{project blue}/users/{user blue}/roles/{role admin}'),
      tokens['domain admin'],
    );
    await cloud.want(
      403,
      'PUT',
      fill('/v3/projects/{project green}/users/{user blue}/roles/{role reader}'),
      tokens['domain admin'],
    );
    // That admin of a project is no cloud admin.
    await cloud.want(403, 'POST', '/v3/domains', tokens['domain admin'], { domain: { name: 'x' } });
  });

  it('nobody climbs from a domain to the system', async () => {
    for (const who of ['default manager', 'default admin']) {
      const token = tokens[who];
      // Taking over an account that has power over the system.
      for (const user of ['user admin', 'user system reader', 'user service']) {
        await cloud.want(403, 'PATCH', fill(`/v3/users/{${user}}`), token, { user: { password: 'taken-over' } });
        await cloud.want(403, 'DELETE', fill(`/v3/users/{${user}}`), token);
      }
      // Getting into the operators' or the services' project.
      for (const project of ['project admin', 'project service']) {
        await cloud.want(
          403,
          'PUT',
          fill(`/v3/projects/{${project}}/users/{user default manager}/roles/{role manager}`),
          token,
        );
        await cloud.want(403, 'PATCH', fill(`/v3/projects/{${project}}`), token, { project: { name: 'gone' } });
        await cloud.want(403, 'DELETE', fill(`/v3/projects/{${project}}`), token);
      }
    }
    // Into a group with power.
    await cloud.want(403, 'PUT', fill('/v3/groups/{group ops}/users/{user blue}'), tokens['domain manager']);
    await cloud.want(403, 'PUT', fill('/v3/groups/{group ops}/users/{user blue}'), tokens['domain admin']);
    // A project that only has the name of the operators'.
    const blue = await cloud.want(201, 'POST', '/v3/projects', tokens['domain manager'], {
      project: { name: 'admin' },
    });
    await cloud.want(
      204,
      'PUT',
      `/v3/projects/${blue.project.id}/users/${ids['user domain admin']}/roles/${ids['role admin']}`,
      tokens['domain admin'],
    );
    const fake = await cloud.token({ id: ids['user domain admin'] ?? '' }, 'persona-password', {
      project: { id: blue.project.id },
    });
    await cloud.want(403, 'GET', '/v3/users', fake);
    const shown = await cloud.send('GET', '/v3/auth/tokens', fake, undefined, { 'x-subject-token': fake });
    expect(shown.json().token.is_admin_project).toBeUndefined();
  });

  it('what a body says of owners and targets decides nothing', async () => {
    const tricks = {
      domain_id: ids['green'],
      owner: ids['user green'],
      project_id: ids['project green'],
      'target.user.domain_id': ids['blue'],
      'user.domain_id': ids['blue'],
      target: { user: { domain_id: ids['blue'], privileged: false } },
      privileged: false,
      roles: ['admin'],
      is_admin: true,
    };
    const who = tokens['domain manager'];
    await cloud.want(403, 'POST', '/v3/users', who, { user: { name: 'trick', ...tricks }, ...tricks });
    await cloud.want(403, 'PATCH', fill('/v3/users/{user green}'), who, {
      user: { ...tricks, domain_id: ids['blue'] },
      ...tricks,
    });
    await cloud.want(403, 'PATCH', fill('/v3/users/{user green}') + `?domain_id=${ids['blue']}`, who, {
      user: { email: 'x' },
    });
    await cloud.want(403, 'GET', fill('/v3/users/{user green}') + `?user.domain_id=${ids['blue']}`, who);
  });

  it('everybody has oneself', async () => {
    const me = ids['user project member'] ?? '';
    for (const path of [`/v3/users/${me}`, `/v3/users/${me}/projects`, `/v3/users/${me}/groups`]) {
      expect(await status('project member', 'GET', path)).toBe(200);
      expect(await status('unscoped', 'GET', path)).toBe(200);
    }
    expect(await status('project member', 'PATCH', `/v3/users/${me}`, { user: { email: 'x@example.org' } })).toBe(403);
    expect(await status('project member', 'GET', fill('/v3/users/{user blue}'))).toBe(403);
    expect(await status('project member', 'GET', fill('/v3/projects/{project blue}'))).toBe(200);
    expect(await status('project member', 'GET', fill('/v3/domains/{blue}'))).toBe(200);
    expect(await status('project member', 'GET', fill('/v3/domains/{green}'))).toBe(403);
  });

  it('tokens are shown to their user, to services and to operators', async () => {
    const mine = tokens['project member'] ?? '';
    const ask = async (who: string, method: Method = 'GET') =>
      (await cloud.send(method, '/v3/auth/tokens', tokens[who], undefined, { 'x-subject-token': mine })).status;
    for (const who of ['project member', 'unscoped', 'service', 'system reader'])
      expect([who, await ask(who)]).toEqual([who, 200]);
    for (const who of ['project admin', 'domain admin', 'domain reader'])
      expect([who, await ask(who)]).toEqual([who, 403]);
    for (const who of ['service', 'system reader', 'project admin'])
      expect([who, await ask(who, 'DELETE')]).toEqual([who, 403]);
  });

  it('ask why, for themselves; operators for others', async () => {
    const why = await cloud.want(200, 'GET', '/policy/explain?rule=identity:list_users', tokens['project admin']);
    expect(why).toMatchObject({ allowed: false, source: 'default', rule: 'identity:list_users' });
    expect(JSON.stringify(why.reason)).toContain('system_scope');
    const other = `rule=identity:create_user&user=${ids['user domain manager']}&domain=${ids['blue']}`;
    await cloud.want(403, 'GET', `/policy/explain?${other}`, tokens['project admin']);
    const theirs = await cloud.want(200, 'GET', `/policy/explain?${other}`, admin);
    expect(theirs.caller).toMatchObject({ domain_id: ids['blue'], roles: ['manager', 'member', 'reader'] });
    await cloud.want(
      404,
      'GET',
      `/policy/explain?rule=x&user=${ids['user domain manager']}&project=${ids['project green']}`,
      admin,
    );
    await cloud.want(400, 'GET', '/policy/explain?rule=x&target=1', admin);
    expect(await cloud.want(200, 'GET', '/policy/explain?rule=identity:lits_users', admin)).toMatchObject({
      source: 'unknown',
      allowed: false,
    });
    const { rules } = await cloud.want(200, 'GET', '/policy/rules', tokens['project member']);
    expect(rules.length).toBeGreaterThan(200);
  });
});
