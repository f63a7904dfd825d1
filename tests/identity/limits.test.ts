import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QuotaResource } from '#contracts/quota';
import { type Cloud, type Json, openCloud } from './cloud.ts';

// The thing limited here is groups whose description names a project: any table will do.
const groupsOf: QuotaResource = {
  name: 'test_groups',
  service: 'baremetal',
  description: 'Groups in a project',
  fallback: -1,
  count: async (tx, project) => {
    const [row] = await tx.query<{ n: number }>({
      text: 'select count(*)::int as n from identity_groups where description = $1',
      values: [project],
    });
    return row?.n ?? 0;
  },
};

describe('quotas', () => {
  let cloud: Cloud;
  let admin: string;
  let project: Json;
  let registered: Json;

  beforeAll(async () => {
    cloud = await openCloud({ parts: { quotas: [groupsOf] } });
    admin = await cloud.admin();
    project = (await cloud.want(201, 'POST', '/v3/projects', admin, { project: { name: 'limited' } })).project;
    [registered] = (
      await cloud.want(200, 'GET', '/v3/registered_limits?resource_name=test_groups', admin)
    ).registered_limits;
  });
  afterAll(() => cloud.close());

  let made = 0;
  const add = (of: string | null = project.id) =>
    cloud.store.tx(async (tx) => {
      await cloud.identity.quotas.check(tx, of, 'test_groups', 1);
      await tx.query({
        text: `insert into identity_groups (id, domain_id, name, description) values ($1, 'default', $1, $2)`,
        values: [`g${made++}`, of ?? ''],
      });
    });
  const limit = (body: Json) => ({
    service_id: registered.service_id,
    resource_name: 'test_groups',
    ...body,
  });

  it('are registered without a limit to begin with', async () => {
    expect(registered).toMatchObject({ default_limit: -1, resource_name: 'test_groups', region_id: null });
    await add();
    await cloud.want(200, 'GET', '/v3/limits/model', admin);
  });

  it('hold exactly, however many ask at once and from wherever', async () => {
    const { limits } = await cloud.want(201, 'POST', '/v3/limits', admin, {
      limits: [limit({ project_id: project.id, resource_limit: 11 })],
    });
    expect(limits[0]).toMatchObject({ resource_limit: 11, service_id: registered.service_id, domain_id: null });
    const all = await Promise.allSettled(Array.from({ length: 60 }, () => add()));
    expect(all.filter((one) => one.status === 'fulfilled')).toHaveLength(10);
    const [refused] = all.filter((one) => one.status === 'rejected');
    expect(refused?.reason).toMatchObject({
      code: 'QuotaExceeded',
      status: 403,
      details: { limit: 11, used: 11, wanted: 1 },
    });
    await add(null);
    await add('another-project');
    await cloud.want(200, 'PATCH', `/v3/limits/${limits[0].id}`, admin, { limit: { resource_limit: 12 } });
    await add();
    await expect(add()).rejects.toMatchObject({ code: 'QuotaExceeded' });
    await cloud.want(403, 'DELETE', `/v3/registered_limits/${registered.id}`, admin);
    await cloud.want(204, 'DELETE', `/v3/limits/${limits[0].id}`, admin);
    await add();
    await cloud.want(200, 'PATCH', `/v3/registered_limits/${registered.id}`, admin, {
      registered_limit: { default_limit: 5 },
    });
    await expect(add()).rejects.toMatchObject({ code: 'QuotaExceeded' });
  });

  it('are seen by who is limited, and changed by admins', async () => {
    const { user } = await cloud.want(201, 'POST', '/v3/users', admin, { user: { name: 'u', password: 'u-password' } });
    const { roles } = await cloud.want(200, 'GET', '/v3/roles?name=admin', admin);
    await cloud.want(204, 'PUT', `/v3/projects/${project.id}/users/${user.id}/roles/${roles[0].id}`, admin);
    const token = await cloud.token('u', 'u-password', { project: { id: project.id } });
    const other = (await cloud.want(201, 'POST', '/v3/projects', admin, { project: { name: 'other' } })).project;
    const { limits } = await cloud.want(201, 'POST', '/v3/limits', admin, {
      limits: [
        limit({ project_id: project.id, resource_limit: 1 }),
        limit({ project_id: other.id, resource_limit: 2 }),
        limit({ domain_id: 'default', resource_limit: 3 }),
      ],
    });
    expect((await cloud.want(200, 'GET', '/v3/limits', admin)).limits).toHaveLength(3);
    expect((await cloud.want(200, 'GET', '/v3/limits', token)).limits.map((one: Json) => one.resource_limit)).toEqual([
      1,
    ]);
    expect((await cloud.want(200, 'GET', `/v3/limits?project_id=${other.id}`, token)).limits).toEqual([]);
    await cloud.want(200, 'GET', `/v3/limits/${limits[0].id}`, token);
    await cloud.want(403, 'GET', `/v3/limits/${limits[1].id}`, token);
    await cloud.want(403, 'PATCH', `/v3/limits/${limits[0].id}`, token, { limit: { resource_limit: 100 } });
    await cloud.want(403, 'POST', '/v3/limits', token, {
      limits: [limit({ project_id: project.id, resource_limit: 9 })],
    });
    for (const [status, body] of [
      [409, limit({ project_id: project.id, resource_limit: 9 })],
      [400, limit({ resource_limit: 9 })],
      [400, limit({ project_id: project.id, domain_id: 'default', resource_limit: 9 })],
      [404, limit({ project_id: 'nothing', resource_limit: 9 })],
      [403, { ...limit({ project_id: project.id, resource_limit: 9 }), resource_name: 'unknown' }],
      [400, limit({ project_id: project.id, resource_limit: -2 })],
    ] as const) {
      await cloud.want(status, 'POST', '/v3/limits', admin, { limits: [body] });
    }
  });
});
