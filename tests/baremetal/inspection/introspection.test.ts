import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, up } from '../../house/ingot.ts';

test("inspector's API is a view of the same inspections", async () => {
  using place = scratch();
  const running = await up(join(place.path, 'data'));
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
  } finally {
    await running.stop();
  }
});
