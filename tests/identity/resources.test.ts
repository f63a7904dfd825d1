import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_PASSWORD, type Cloud, type Json, openCloud } from './cloud.ts';

describe('the resources of identity', () => {
  let cloud: Cloud;
  let admin: string;
  const get = (path: string) => cloud.want(200, 'GET', path, admin);
  const names = (list: Json[]) => list.map((one) => one.name);

  beforeAll(async () => {
    cloud = await openCloud();
    admin = await cloud.admin();
  });
  afterAll(() => cloud.close());

  it('domains live and die', async () => {
    const { domain } = await cloud.want(201, 'POST', '/v3/domains', admin, {
      domain: { name: 'd1', tags: ['a'], color: 'red' },
    });
    expect(domain).toMatchObject({
      name: 'd1',
      description: '',
      enabled: true,
      tags: ['a'],
      options: {},
      color: 'red',
    });
    expect(domain.id).toMatch(/^[0-9a-f]{32}$/);
    expect(domain.links.self).toBe(`http://localhost:6385/identity/v3/domains/${domain.id}`);
    await cloud.want(409, 'POST', '/v3/domains', admin, { domain: { name: 'd1' } });
    expect((await get('/v3/domains?name=d1')).domains).toEqual([domain]);
    const reserved = await cloud.send('DELETE', `/v3/domains/${domain.id}`, admin);
    expect(reserved.status).toBe(403);
    expect(reserved.json().error.message).toContain('disable it first');
    await cloud.want(200, 'PATCH', `/v3/domains/${domain.id}`, admin, { domain: { enabled: false, color: null } });
    expect((await get(`/v3/domains/${domain.id}`)).domain.color).toBeUndefined();
    await cloud.want(204, 'DELETE', `/v3/domains/${domain.id}`, admin);
    await cloud.want(404, 'GET', `/v3/domains/${domain.id}`, admin);
    await cloud.want(403, 'DELETE', '/v3/domains/default', admin);
    await cloud.want(403, 'PATCH', '/v3/domains/default', admin, { domain: { enabled: false } });
  });

  it('projects have places, tags and relatives', async () => {
    const make = async (project: Json) => (await cloud.want(201, 'POST', '/v3/projects', admin, { project })).project;
    const top = await make({ name: 'top', description: 'the top' });
    expect(top).toMatchObject({ domain_id: 'default', parent_id: 'default', is_domain: false, enabled: true });
    const mid = await make({ name: 'mid', parent_id: top.id });
    const low = await make({ name: 'low', parent_id: mid.id, tags: ['t1', 't2'] });
    await cloud.want(409, 'POST', '/v3/projects', admin, { project: { name: 'low' } });
    await cloud.want(404, 'POST', '/v3/projects', admin, { project: { name: 'x', parent_id: 'nowhere' } });
    await cloud.want(400, 'POST', '/v3/projects', admin, {
      project: { name: 'x', parent_id: mid.id, domain_id: 'other' },
    });
    await cloud.want(403, 'DELETE', `/v3/projects/${top.id}`, admin);
    expect(
      names((await get(`/v3/projects/${low.id}?parents_as_list`)).project.parents.map((p: Json) => p.project)),
    ).toEqual(['mid', 'top']);
    expect((await get(`/v3/projects/${top.id}?subtree_as_ids`)).project.subtree).toEqual({
      [mid.id]: { [low.id]: null },
    });
    expect(names((await get(`/v3/projects?parent_id=${top.id}`)).projects)).toEqual(['mid']);
    expect((await get('/v3/projects?tags=t1,t2')).projects).toHaveLength(1);
    expect((await get('/v3/projects?tags-any=t2,t9')).projects).toHaveLength(1);
    await cloud.want(201, 'PUT', `/v3/projects/${low.id}/tags/t3`, admin);
    expect((await get(`/v3/projects/${low.id}/tags`)).tags).toEqual(['t1', 't2', 't3']);
    expect((await cloud.send('HEAD', `/v3/projects/${low.id}/tags/t3`, admin)).status).toBe(204);
    await cloud.want(204, 'DELETE', `/v3/projects/${low.id}/tags/t1`, admin);
    await cloud.want(404, 'GET', `/v3/projects/${low.id}/tags/t1`, admin);
    await cloud.want(200, 'PUT', `/v3/projects/${low.id}/tags`, admin, { tags: ['only'] });
    await cloud.want(204, 'DELETE', `/v3/projects/${low.id}/tags`, admin);
    await cloud.want(400, 'PUT', `/v3/projects/${low.id}/tags`, admin, { tags: ['a,b'] });
    const options = { project: { options: { immutable: true } } };
    await cloud.want(200, 'PATCH', `/v3/projects/${low.id}`, admin, options);
    await cloud.want(403, 'DELETE', `/v3/projects/${low.id}`, admin);
    await cloud.want(403, 'PATCH', `/v3/projects/${low.id}`, admin, { project: { name: 'other' } });
    await cloud.want(200, 'PATCH', `/v3/projects/${low.id}`, admin, { project: { options: { immutable: null } } });
    await cloud.want(204, 'DELETE', `/v3/projects/${low.id}`, admin);
    await cloud.want(400, 'PATCH', `/v3/projects/${mid.id}`, admin, { project: { options: { nonsense: true } } });
    const as = await get('/v3/projects?is_domain=true');
    expect(as.projects.map((p: Json) => [p.id, p.is_domain])).toContainEqual(['default', true]);
  });

  it("the operators' and the services' projects cannot be lost", async () => {
    for (const name of ['admin', 'service']) {
      const [project] = (await get(`/v3/projects?name=${name}`)).projects;
      await cloud.want(403, 'DELETE', `/v3/projects/${project.id}`, admin);
      await cloud.want(403, 'PATCH', `/v3/projects/${project.id}`, admin, { project: { enabled: false } });
      expect(project.purpose).toBeUndefined();
    }
  });

  it('users keep what clients give, and never a password', async () => {
    const { user } = await cloud.want(201, 'POST', '/v3/users', admin, {
      user: {
        name: 'ann',
        password: 'S3CR3T-ann',
        email: 'ann@example.org',
        description: 'Ann',
        phone: '1',
        tokens_after: 'x',
        password_hash: 'x',
        is_superuser: true,
        roles: ['admin'],
      },
    });
    expect(user).toMatchObject({
      name: 'ann',
      email: 'ann@example.org',
      phone: '1',
      enabled: true,
      password_expires_at: null,
    });
    expect(Object.keys(user)).not.toContain('roles');
    await cloud.want(409, 'POST', '/v3/users', admin, { user: { name: 'ann' } });
    await cloud.want(404, 'POST', '/v3/users', admin, { user: { name: 'x', domain_id: 'nowhere' } });
    await cloud.want(400, 'POST', '/v3/users', admin, { user: { name: 'short', password: 'short' } });
    await cloud.want(400, 'POST', '/v3/users', admin, { user: { name: '' } });
    await cloud.want(400, 'POST', '/v3/users', admin, {
      user: { name: 'x', options: { multi_factor_auth_enabled: true } },
    });
    await cloud.want(400, 'PATCH', `/v3/users/${user.id}`, admin, { user: { domain_id: 'other' } });
    expect(names((await get('/v3/users?name__contains=n')).users)).toEqual(['admin', 'ann']);
    expect(names((await get('/v3/users?name__startswith=an&enabled=true')).users)).toEqual(['ann']);
    expect((await get('/v3/users?enabled=false')).users).toEqual([]);
    expect((await get('/v3/users?name=%25')).users).toEqual([]);
    expect((await get('/v3/users?name__contains=%25')).users).toEqual([]);
    expect((await get('/v3/users?unknown=x')).users.length).toBeGreaterThan(1);
    const everything = JSON.stringify([await get('/v3/users'), await get(`/v3/users/${user.id}`)]);
    expect(everything).not.toContain('S3CR3T');
    expect(everything).not.toContain('scrypt');
    const locked = { user: { options: { lock_password: true } } };
    await cloud.want(200, 'PATCH', `/v3/users/${user.id}`, admin, locked);
    const change = { user: { original_password: 'S3CR3T-ann', password: 'S3CR3T-bob' } };
    await cloud.want(403, 'POST', `/v3/users/${user.id}/password`, null, change);
    await cloud.want(200, 'PATCH', `/v3/users/${user.id}`, admin, { user: { options: { lock_password: null } } });
    await cloud.want(401, 'POST', `/v3/users/${user.id}/password`, null, {
      user: { original_password: 'wrong', password: 'S3CR3T-bob' },
    });
    await cloud.want(400, 'POST', `/v3/users/${user.id}/password`, null, {
      user: { original_password: 'S3CR3T-ann', password: 'S3CR3T-ann' },
    });
    await cloud.want(204, 'POST', `/v3/users/${user.id}/password`, null, change);
    expect((await cloud.login('ann', 'S3CR3T-bob')).status).toBe(201);
    await cloud.want(204, 'DELETE', `/v3/users/${user.id}`, admin);
    await cloud.want(404, 'GET', `/v3/users/${user.id}`, admin);
  });

  it('lists come page by page, and name the next', async () => {
    for (let i = 0; i < 5; i++) {
      await cloud.want(201, 'POST', '/v3/groups', admin, { group: { name: `page${i}` } });
    }
    const seen: string[] = [];
    let path: string | null = '/v3/groups?name__startswith=page&limit=2';
    while (path !== null) {
      const page: Json = await get(path);
      expect(page.links.self).toContain('/identity/v3/groups?');
      seen.push(...names(page.groups));
      path = page.links.next === null ? null : page.links.next.replace('http://localhost:6385/identity', '');
    }
    expect(seen).toEqual(['page0', 'page1', 'page2', 'page3', 'page4']);
    await cloud.want(400, 'GET', '/v3/groups?limit=x', admin);
  });

  it('groups have members', async () => {
    const { group } = await cloud.want(201, 'POST', '/v3/groups', admin, { group: { name: 'g', description: 'G' } });
    const { user } = await cloud.want(201, 'POST', '/v3/users', admin, { user: { name: 'member' } });
    const member = `/v3/groups/${group.id}/users/${user.id}`;
    await cloud.want(404, 'GET', member, admin);
    await cloud.want(204, 'PUT', member, admin);
    await cloud.want(204, 'PUT', member, admin);
    expect((await cloud.send('HEAD', member, admin)).status).toBe(204);
    expect(names((await get(`/v3/groups/${group.id}/users`)).users)).toEqual(['member']);
    expect(names((await get(`/v3/users/${user.id}/groups`)).groups)).toEqual(['g']);
    await cloud.want(204, 'DELETE', member, admin);
    await cloud.want(404, 'DELETE', member, admin);
    await cloud.want(404, 'PUT', `/v3/groups/${group.id}/users/nobody`, admin);
    await cloud.want(200, 'PATCH', `/v3/groups/${group.id}`, admin, { group: { name: 'g2' } });
    await cloud.want(204, 'DELETE', `/v3/groups/${group.id}`, admin);
  });

  it('roles imply others, in no circle', async () => {
    const { roles } = await get('/v3/roles');
    expect(names(roles)).toEqual(['admin', 'manager', 'member', 'reader', 'service']);
    const id = (name: string) => roles.find((role: Json) => role.name === name).id;
    await cloud.want(403, 'DELETE', `/v3/roles/${id('reader')}`, admin);
    const inferences = (await get('/v3/role_inferences')).role_inferences;
    expect(inferences.map((i: Json) => [i.prior_role.name, names(i.implies)]).sort()).toEqual([
      ['admin', ['manager']],
      ['manager', ['member']],
      ['member', ['reader']],
    ]);
    const { role } = await cloud.want(201, 'POST', '/v3/roles', admin, { role: { name: 'auditor' } });
    const implies = `/v3/roles/${role.id}/implies`;
    expect((await cloud.want(201, 'PUT', `${implies}/${id('reader')}`, admin)).role_inference).toMatchObject({
      prior_role: { name: 'auditor' },
      implies: { name: 'reader' },
    });
    await cloud.want(403, 'PUT', `/v3/roles/${id('reader')}/implies/${role.id}`, admin);
    await cloud.want(403, 'PUT', `${implies}/${id('admin')}`, admin);
    await cloud.want(403, 'PUT', `${implies}/${role.id}`, admin);
    expect(names((await get(implies)).role_inference.implies)).toEqual(['reader']);
    expect((await cloud.send('HEAD', `${implies}/${id('reader')}`, admin)).status).toBe(204);
    await cloud.want(404, 'GET', `${implies}/${id('member')}`, admin);
    await cloud.want(204, 'DELETE', `${implies}/${id('reader')}`, admin);
    await cloud.want(409, 'POST', '/v3/roles', admin, { role: { name: 'AUDITOR' } });
    await cloud.want(204, 'DELETE', `/v3/roles/${role.id}`, admin);
  });

  it('assignments are listed as asked', async () => {
    const make = async (kind: string, body: Json) =>
      (await cloud.want(201, 'POST', `/v3/${kind}s`, admin, { [kind]: body }))[kind];
    const user = await make('user', { name: 'assignee' });
    const group = await make('group', { name: 'assignees' });
    const parent = await make('project', { name: 'parent' });
    const child = await make('project', { name: 'child', parent_id: parent.id });
    await cloud.want(204, 'PUT', `/v3/groups/${group.id}/users/${user.id}`, admin);
    const { roles } = await get('/v3/roles');
    const id = (name: string) => roles.find((role: Json) => role.name === name).id;
    const put = (path: string) => cloud.want(204, 'PUT', `/v3${path}`, admin);
    await put(`/projects/${parent.id}/users/${user.id}/roles/${id('member')}`);
    await put(`/projects/${child.id}/groups/${group.id}/roles/${id('reader')}`);
    await put(`/OS-INHERIT/projects/${parent.id}/users/${user.id}/roles/${id('service')}/inherited_to_projects`);
    await put(`/system/users/${user.id}/roles/${id('reader')}`);
    await put(`/domains/default/users/${user.id}/roles/${id('reader')}`);
    expect(names((await get(`/v3/projects/${parent.id}/users/${user.id}/roles`)).roles)).toEqual(['member']);
    expect((await cloud.send('HEAD', `/v3/system/users/${user.id}/roles/${id('reader')}`, admin)).status).toBe(204);
    await cloud.want(404, 'GET', `/v3/system/users/${user.id}/roles/${id('member')}`, admin);

    const list = async (query: string) =>
      (await get(`/v3/role_assignments?include_names&${query}`)).role_assignments
        .map((one: Json) => {
          const { project, domain, system } = one.scope;
          const where = project?.name ?? domain?.name ?? (system?.all ? 'system' : '?');
          const inherited = one.scope['OS-INHERIT:inherited_to'] === undefined ? '' : ' inherited';
          return `${one.user?.name ?? one.group?.name} ${one.role.name} ${where}${inherited}`;
        })
        .sort();
    const mine = `user.id=${user.id}`;
    expect(await list(mine)).toEqual([
      'assignee member parent',
      'assignee reader Default',
      'assignee reader system',
      'assignee service parent inherited',
    ]);
    expect(await list(`${mine}&effective`)).toEqual([
      'assignee member parent',
      'assignee reader Default',
      'assignee reader child',
      'assignee reader parent',
      'assignee reader system',
      'assignee service child',
    ]);
    expect(await list(`scope.project.id=${child.id}`)).toEqual(['assignees reader child']);
    expect(await list(`scope.project.id=${parent.id}&include_subtree`)).toEqual([
      'assignee member parent',
      'assignee service parent inherited',
      'assignees reader child',
    ]);
    expect(await list(`${mine}&scope.system=all`)).toEqual(['assignee reader system']);
    expect(await list(`${mine}&scope.OS-INHERIT:inherited_to=projects`)).toEqual(['assignee service parent inherited']);
    expect(await list(`role.id=${id('service')}`)).toEqual(['assignee service parent inherited']);
    const raw = (await get(`/v3/role_assignments?group.id=${group.id}`)).role_assignments[0];
    expect(raw).toEqual({
      role: { id: id('reader') },
      group: { id: group.id },
      scope: { project: { id: child.id } },
      links: {
        assignment: `http://localhost:6385/identity/v3/projects/${child.id}/groups/${group.id}/roles/${id('reader')}`,
      },
    });
    for (const bad of [
      `${mine}&group.id=x`,
      'scope.project.id=a&scope.domain.id=b',
      'effective&group.id=x',
      'include_subtree',
    ]) {
      await cloud.want(400, 'GET', `/v3/role_assignments?${bad}`, admin);
    }
    expect(names((await get(`/v3/users/${user.id}/projects`)).projects)).toEqual(['child', 'parent']);
    await cloud.want(204, 'DELETE', `/v3/projects/${parent.id}/users/${user.id}/roles/${id('member')}`, admin);
    await cloud.want(404, 'DELETE', `/v3/projects/${parent.id}/users/${user.id}/roles/${id('member')}`, admin);
    await cloud.want(404, 'PUT', `/v3/projects/${parent.id}/users/nobody/roles/${id('member')}`, admin);
    await cloud.want(404, 'PUT', `/v3/projects/${parent.id}/users/${user.id}/roles/nothing`, admin);
  });

  it('the catalog is what is registered', async () => {
    const { service } = await cloud.want(201, 'POST', '/v3/services', admin, {
      service: { type: 'volumev3', name: 'cinder', description: 'Volumes' },
    });
    expect(service).toMatchObject({ type: 'volumev3', name: 'cinder', enabled: true });
    await cloud.want(201, 'PUT', '/v3/regions/Two', admin, { region: { description: 'second' } });
    await cloud.want(409, 'PUT', '/v3/regions/Two', admin, { region: {} });
    const { region } = await cloud.want(201, 'POST', '/v3/regions', admin, { region: { parent_region_id: 'Two' } });
    await cloud.want(403, 'PATCH', '/v3/regions/Two', admin, { region: { parent_region_id: region.id } });
    await cloud.want(403, 'DELETE', '/v3/regions/Two', admin);
    const { endpoint } = await cloud.want(201, 'POST', '/v3/endpoints', admin, {
      endpoint: {
        service_id: service.id,
        interface: 'public',
        region_id: 'Two',
        url: 'https://volumes.example/v3/$(project_id)s',
      },
    });
    expect(endpoint).toMatchObject({ region: 'Two', region_id: 'Two', enabled: true });
    for (const bad of [
      { interface: 'secret' },
      { url: 'ftp://x' },
      { service_id: 'nothing' },
      { region_id: 'nowhere' },
    ]) {
      await cloud.want(400, 'POST', '/v3/endpoints', admin, {
        endpoint: { service_id: service.id, interface: 'public', url: 'http://x', ...bad },
      });
    }
    const tokenOf = async () => (await cloud.login('admin', ADMIN_PASSWORD)).json().token;
    const found = (await tokenOf()).catalog.find((one: Json) => one.type === 'volumev3');
    const { project } = await tokenOf();
    expect(found.endpoints).toEqual([
      {
        id: endpoint.id,
        interface: 'public',
        region: 'Two',
        region_id: 'Two',
        url: `https://volumes.example/v3/${project.id}`,
      },
    ]);
    expect((await get('/v3/endpoints?interface=public&region_id=Two')).endpoints).toHaveLength(1);
    await cloud.want(200, 'PATCH', `/v3/endpoints/${endpoint.id}`, admin, { endpoint: { enabled: false } });
    expect((await tokenOf()).catalog.find((one: Json) => one.type === 'volumev3').endpoints).toEqual([]);
    await cloud.want(200, 'PATCH', `/v3/services/${service.id}`, admin, { service: { enabled: false } });
    expect((await tokenOf()).catalog.find((one: Json) => one.type === 'volumev3')).toBeUndefined();
    await cloud.want(204, 'DELETE', `/v3/endpoints/${endpoint.id}`, admin);
    await cloud.want(204, 'DELETE', `/v3/services/${service.id}`, admin);
    await cloud.want(204, 'DELETE', `/v3/regions/${region.id}`, admin);
    await cloud.want(204, 'DELETE', '/v3/regions/Two', admin);
  });

  it('errors have one shape, from the router too', async () => {
    for (const [status, method, path] of [
      [404, 'GET', '/v3/nothing'],
      [405, 'PUT', '/v3/users'],
      [404, 'GET', '/v3/users/nobody'],
    ] as const) {
      const { error } = await cloud.want(status, method, path, admin);
      expect(error).toEqual({ code: status, title: expect.any(String), message: expect.any(String) });
    }
  });

  it('a start again changes nothing, and adds what the catalog lacks', async () => {
    const before = (await get('/v3/endpoints')).endpoints;
    const again = await cloud.another({
      services: [
        { type: 'baremetal', name: 'ironic', path: '/' },
        { type: 'image', name: 'glance', path: '/image' },
      ],
    });
    expect(await again.identity.bootstrap()).toMatchObject({ first: false });
    expect(await again.identity.bootstrap()).toMatchObject({ first: false });
    const after = (await get('/v3/endpoints')).endpoints;
    expect(after.length).toBe(before.length + 3);
  });
});
