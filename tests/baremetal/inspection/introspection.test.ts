import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, ready } from '../../house/ingot.ts';

type Call = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: Record<string, unknown> }>;

const RULE = {
  description: 'big ones',
  conditions: [
    { op: 'ge', field: 'memory_mb', value: 1 },
    { op: 'ne', field: 'node://name', value: 'other', invert: false, multiple: 'any' },
  ],
  actions: [
    { action: 'set-attribute', path: '/extra/arch', value: 'is {data[inventory][cpu][architecture]}' },
    { action: 'add-trait', name: 'CUSTOM_BIG' },
  ],
};

/** As python-ironic-inspector-client asks, whose Debian package holds no code. */
async function rules(call: Call): Promise<void> {
  const path = '/introspection/v1/rules';
  const made = await call('POST', path, RULE);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const uuid = String(made.body['uuid']);
  expect(made.body).toMatchObject({ description: 'big ones', scope: null, actions: RULE.actions });
  expect((await call('POST', path, { ...RULE, uuid })).status).toBe(409);
  expect((await call('POST', path, { ...RULE, uuid: 'x' })).status).toBe(400);
  const refused = await call('POST', path, { actions: [{ action: 'set-attribute', path: '/driver', value: 'x' }] });
  expect(refused.status).toBe(400);
  expect(refused.body).toEqual({ error: { message: expect.stringContaining('may not write driver') } });
  expect((await call('GET', path)).body['rules']).toEqual([
    {
      uuid,
      description: 'big ones',
      scope: null,
      links: [{ rel: 'self', href: expect.stringContaining(`/v1/rules/${uuid}`) }],
    },
  ]);
  expect((await call('GET', `${path}/${uuid}`)).body).toEqual(made.body);
  // The same rule, in Ironic's words.
  expect((await call('GET', `/v1/inspection_rules/${uuid}`)).body['actions']).toMatchObject([
    { op: 'set-attribute', args: { path: '/extra/arch' } },
    { op: 'add-trait' },
  ]);
  const other = await call('POST', path, { actions: RULE.actions, scope: 'nowhere' });
  expect(other.body).toMatchObject({ scope: 'nowhere', conditions: [] });
  expect((await call('DELETE', `${path}/${String(other.body['uuid'])}`)).status).toBe(204);
  expect((await call('DELETE', `${path}/${String(other.body['uuid'])}`)).status).toBe(404);
}

async function reapplied(call: Call): Promise<void> {
  const data = '/introspection/v1/introspection/n1/data/unprocessed';
  const stands = async (state: string) =>
    await expect
      .poll(async () => (await call('GET', '/introspection/v1/introspection/n1')).body, { timeout: 20_000 })
      .toMatchObject({ state, finished: true });
  expect((await call('GET', '/v1/nodes/n1')).body).toMatchObject({ extra: {} });
  expect((await call('POST', data)).status).toBe(202);
  await stands('finished');
  const node = (await call('GET', '/v1/nodes/n1')).body;
  expect(node).toMatchObject({ extra: { arch: expect.stringMatching(/^is \w+/) }, provision_state: 'manageable' });
  expect(node['reservation']).toBeNull();
  expect(node['traits']).toContain('CUSTOM_BIG');
  // Somebody's own data in its place.
  const given = (await call('GET', data)).body as { inventory: { cpu: object } };
  const changed = { ...given, inventory: { ...given.inventory, cpu: { count: 3, architecture: 'riscv64' } } };
  expect((await call('POST', data, changed)).status).toBe(202);
  await stands('finished');
  expect((await call('GET', '/v1/nodes/n1')).body).toMatchObject({
    extra: { arch: 'is riscv64' },
    properties: { cpus: '3' },
  });
  expect((await call('POST', data, { inventory: 1 })).status).toBe(400);
  // A rule that says no: told by the status until the next time.
  await call('POST', '/introspection/v1/rules', { actions: [{ action: 'fail', message: 'not this one' }] });
  expect((await call('POST', data)).status).toBe(202);
  await stands('error');
  expect((await call('GET', '/introspection/v1/introspection/n1')).body['error']).toContain('not this one');
  expect((await call('GET', '/v1/nodes/n1')).body).toMatchObject({ provision_state: 'manageable', reservation: null });
  expect((await call('DELETE', '/introspection/v1/rules')).status).toBe(204);
  expect((await call('GET', '/v1/inspection_rules')).body['inspection_rules']).toEqual([]);
  expect((await call('POST', data)).status).toBe(202);
  await stands('finished');
  await call('POST', '/v1/nodes', { name: 'n2', driver: 'fake-hardware' });
  expect((await call('POST', data.replace('n1', 'n2'))).status).toBe(404);
}

test("inspector's API is a view of the same inspections", async () => {
  using place = scratch();
  const running = await ready(join(place.path, 'data'));
  const call = async (method: string, path: string, body?: unknown) => {
    const reply = await fetch(running.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.115' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return {
      status: reply.status,
      headers: reply.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  };
  try {
    const root = await call('GET', '/introspection');
    expect(root.headers.get('x-openstack-ironic-inspector-api-maximum-version')).toBe('1.18');
    const node = await call('POST', '/v1/nodes', { name: 'n1', driver: 'fake-hardware' });
    await call('PUT', '/v1/nodes/n1/states/provision', { target: 'manage' });
    await expect
      .poll(async () => (await call('GET', '/v1/nodes/n1')).body['provision_state'], { timeout: 20_000 })
      .toBe('manageable');
    expect((await call('GET', '/introspection/v1/introspection/n1')).status).toBe(404);
    expect((await call('POST', '/introspection/v1/introspection/n1')).status).toBe(202);
    await expect
      .poll(async () => (await call('GET', '/introspection/v1/introspection/n1')).body['state'], { timeout: 20_000 })
      .toBe('finished');
    const { body } = await call('GET', '/introspection/v1/introspection');
    expect(body['introspection']).toMatchObject([
      { uuid: node.body['uuid'], finished: true, error: null, started_at: expect.stringMatching(/^\d{4}-.*T/) },
    ]);
    expect((await call('GET', '/introspection/v1/introspection/n1/data')).body).toHaveProperty('inventory.cpu');
    const unknown = await call('POST', '/introspection/v1/continue', {
      inventory: { interfaces: [{ mac_address: '52:54:00:ff:ff:ff' }] },
    });
    expect(unknown.status).toBe(404);
    expect(unknown.body).toEqual({ error: { message: expect.any(String) } });
    expect((await call('POST', '/introspection/v1/introspection/n1/abort')).status).toBe(400);
    await rules(call);
    await reapplied(call);
  } finally {
    await running.stop();
  }
});
