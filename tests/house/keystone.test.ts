import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launch, ready, scratch } from './ingot.ts';

// Who may call is somebody else's to say: an Ingot that joins an existing Keystone by its settings alone. The Keystone
// is another Ingot, which the judges of the identity service compare with the real one.

async function login(url: string, password: string): Promise<string> {
  const user = { name: 'admin', password, domain: { id: 'default' } };
  const auth = { identity: { methods: ['password'], password: { user } }, scope: { system: { all: true } } };
  const reply = await fetch(`${url}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  return `${reply.status} ${reply.headers.get('x-subject-token') ?? ''}`;
}

test('tokens of an existing Keystone are believed, password rules hold, and policy is explained on a resource', async () => {
  using place = scratch();
  const keystone = await ready(join(place.path, 'keystone'), {
    args: ['--auth', 'keystone'],
    env: { INGOT_AUTH_PASSWORD_MIN_LENGTH: '14', INGOT_AUTH_LOCKOUT_ATTEMPTS: '3' },
    deadlineMs: 300_000,
  });
  const password = readFileSync(join(keystone.dataDir, 'admin-password'), 'utf8').trim();
  const [, token = ''] = (await login(keystone.url, password)).split(' ');
  const headers = {
    'content-type': 'application/json',
    'x-auth-token': token,
    'x-openstack-ironic-api-version': '1.115',
  };
  const ask = async (url: string, body?: object) => {
    const reply = await fetch(url, {
      headers,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return { status: reply.status, body: (await reply.json()) as Record<string, never> };
  };

  const short = await ask(`${keystone.url}/identity/v3/users`, { user: { name: 'ann', password: 'only-13-chars' } });
  expect([short.status, JSON.stringify(short.body)]).toEqual([400, expect.stringContaining('14 characters')]);

  // What a rule says of a resource that is there.
  const node = await ask(`${keystone.url}/v1/nodes`, { driver: 'fake-hardware', name: 'n1', owner: 'somebody' });
  expect(node.status).toBe(201);
  const explained = await ask(`${keystone.url}/policy/explain?rule=baremetal:node:delete&target_type=node&target=n1`);
  expect(explained.body).toMatchObject({ allowed: true, target: { owner: 'somebody', lessee: null } });
  const none = await ask(`${keystone.url}/policy/explain?rule=baremetal:node:get&target_type=node&target=n2`);
  expect(none.status).toBe(404);

  const joined = launch({
    args: ['up', '--data-dir', join(place.path, 'data'), '--listen', '127.0.0.1:0', '--auth', 'keystone'],
    env: {
      INGOT_AUTH_KEYSTONE_URL: `${keystone.url}/identity/v3`,
      INGOT_AUTH_KEYSTONE_USER: 'admin',
      INGOT_AUTH_KEYSTONE_PASSWORD: password,
      INGOT_AUTH_KEYSTONE_PROJECT: 'admin',
    },
    deadlineMs: 300_000,
  });
  const [, url = ''] = await joined.said(/API +(http:\S+)/);
  expect((await ask(`${url}/v1/nodes`)).status).toBe(200);
  expect((await ask(`${url}/v1/nodes`, { driver: 'fake-hardware' })).status).toBe(201);
  // It has no identity of its own to log in to.
  expect((await fetch(`${url}/identity/v3`)).status).toBe(404);
  expect((await fetch(`${url}/v1/nodes`, { headers: { 'x-auth-token': 'nonsense' } })).status).toBe(401);
  joined.child.kill('SIGTERM');
  expect((await joined.ended).code).toBe(0);
  await keystone.stop();

  const half = await launch({
    args: ['up', '--data-dir', join(place.path, 'data'), '--listen', '127.0.0.1:0', '--auth', 'keystone'],
    env: { INGOT_AUTH_KEYSTONE_URL: 'http://127.0.0.1:9/v3' },
  }).ended;
  expect(half.code).not.toBe(0);
  expect(half.stderr).toContain('auth.keystone_password must be, too');
}, 240_000);
