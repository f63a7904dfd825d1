import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scratch, ready } from '../../house/ingot.ts';

// What a ramdisk on the provisioning network can and cannot do.

const place = scratch();
let running: Awaited<ReturnType<typeof ready>>;
let node: string;
/** A node nobody expects a ramdisk on. */
let other: string;

async function call(method: string, path: string, body?: unknown, version = '1.115') {
  const reply = await fetch(`${running.url}/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': version },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, text, body: (text === '' ? {} : JSON.parse(text)) as Record<string, never> };
}

async function reach(state: string): Promise<void> {
  await expect
    .poll(async () => (await call('GET', `/nodes/${node}`)).body['provision_state'], { timeout: 30_000, interval: 30 })
    .toBe(state);
}

const provision = (target: string) => call('PUT', `/nodes/${node}/states/provision`, { target });
const lookup = async () => {
  const { status, body } = await call('GET', '/lookup?addresses=52:54:00:00:00:09,52:54:00:00:00:01');
  return {
    status,
    token: (body['config'] as { agent_token?: string } | undefined)?.agent_token,
    text: JSON.stringify(body),
  };
};

beforeAll(async () => {
  running = await ready(join(place.path, 'data'), { deadlineMs: 120_000 });
  const made = await call('POST', '/nodes', {
    driver: 'fake-hardware',
    driver_info: { a_password: 'hunter2', fake_delay_s: { 'deploy.deploy': 6, deploy: 6 } },
  });
  node = made.body['uuid'] ?? '';
  await call('POST', '/ports', { node_uuid: node, address: '52:54:00:00:00:01' });
  other = (await call('POST', '/nodes', { driver: 'fake-hardware' })).body['uuid'] ?? '';
  await call('POST', '/ports', { node_uuid: other, address: '52:54:00:00:00:02' });
});
afterAll(async () => {
  await running.stop();
  place[Symbol.dispose]();
});

test('a ramdisk is known only while one is expected', async () => {
  await provision('manage');
  await reach('manageable');
  expect((await lookup()).status).toBe(404);
  expect((await call('GET', `/lookup?node_uuid=${node}`)).status).toBe(404);
  expect((await call('GET', '/lookup')).status).toBe(400);
  const early = await call('POST', `/heartbeat/${node}`, { callback_url: 'https://10.0.0.1:9999', agent_token: 'x' });
  expect(early.status).toBe(400);
});

test('the token is handed out once for an operation; heartbeats prove themselves with it', async () => {
  await provision('provide');
  await reach('available');
  await provision('active');
  await expect.poll(async () => (await lookup()).status, { timeout: 20_000, interval: 20 }).toBe(200);
  // The poll above was first: all later ones are told nothing new.
  const again = await lookup();
  expect(again.token).toBe('******');
  expect(again.text).not.toContain('hunter2');
  // Those who ask in one moment are answered from one statement: each gets what is its own.
  const all = await Promise.all(
    [
      'addresses=52:54:00:00:00:01',
      'addresses=52:54:00:00:00:08',
      'addresses=52-54-00-00-00-01,52:54:00:00:00:01',
      'addresses=52:54:00:00:00:02',
      'addresses=52:54:00:00:00:01,52:54:00:00:00:02',
      `node_uuid=${node.toUpperCase()}`,
      `node_uuid=${other}`,
    ].map((query) => call('GET', `/lookup?${query}`)),
  );
  expect(all.map((one) => (one.body['node'] as { uuid?: string } | undefined)?.uuid ?? one.status)).toEqual([
    node,
    404,
    node,
    404,
    404,
    node,
    404,
  ]);
  const wrong = await call('POST', `/heartbeat/${node}`, {
    callback_url: 'https://10.0.0.1:9999',
    agent_token: 'x'.repeat(43),
  });
  expect(wrong.status).toBe(400);
  expect(wrong.text).not.toContain('x'.repeat(43));
  await reach('active');
  await provision('deleted');
}, 60_000);

test('its address may not change, and must speak TLS', async () => {
  await reach('available');
  await provision('active');
  let token = '';
  await expect
    .poll(async () => (token ||= (await lookup()).token ?? ''), { timeout: 20_000, interval: 5 })
    .toMatch(/^[\w-]{43}$/);
  const beat = (url: string, version = '1.115', more: object = {}) =>
    call('POST', `/heartbeat/${node}`, { callback_url: url, agent_token: token, ...more }, version);
  expect((await beat('http://10.0.0.1:9999')).status).toBe(400);
  expect((await beat('https://user:pass@10.0.0.1:9999')).status).toBe(400);
  expect((await beat('https://10.0.0.1:9999', '1.115', { agent_version: '9.0', agent_verify_ca: 'PEM' })).status).toBe(
    202,
  );
  expect((await beat('https://10.6.6.6:9999')).status).toBe(400);
  expect((await beat('https://10.0.0.1:9999', '1.35', { agent_version: '9.0' })).status).toBe(400);
  expect((await beat('https://10.0.0.1:9999', '1.21')).status).toBe(404);
  await reach('active');
  // The operation is over: so is its token.
  expect((await beat('https://10.0.0.1:9999')).status).toBe(400);
}, 60_000);

test('reports of inspection are taken from machines we wait for only', async () => {
  const inventory = { interfaces: [{ mac_address: '52:54:00:00:00:01' }] };
  expect((await call('POST', '/continue_inspection', { inventory })).status).toBe(404);
  expect((await call('POST', '/continue_inspection', {})).status).toBe(400);
  expect((await call('POST', '/continue_inspection', { inventory: {} })).status).toBe(400);
  expect((await call('POST', '/continue_inspection', { inventory }, '1.50')).status).toBe(404);
});
