import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServer, type ApiServer } from '#http/server';
import { systemClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { createMetrics } from '#platform/metrics';
import { type Life, openLife } from './harness.ts';

// The life of a node as a client sees it: through the API, on fake hardware, with the real conductor behind it.

let life: Life;
let server: ApiServer;
beforeAll(async () => {
  life = await openLife();
  const caller = {
    userId: 'u',
    userName: 'u',
    projectId: 'p',
    domainId: null,
    system: true,
    roles: new Set(['admin']),
    auditId: null,
  };
  server = await createServer({
    doors: life.room.doors,
    authoriser: { authenticate: () => caller, allows: () => true },
    log: silentLog,
    metrics: createMetrics(),
  });
});
afterAll(async () => {
  await server.close(500);
  await life.close();
});

/** Bodies are looked into freely. */
// oxlint-disable-next-line typescript/no-explicit-any
type Body = any;

async function ask(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: unknown, version = 115) {
  const reply = await server.inject({
    method,
    url,
    headers: { 'X-OpenStack-Ironic-API-Version': `1.${version}` },
    ...(body === undefined ? {} : { body }),
  });
  return { status: reply.status, body: reply.text === '' ? null : (reply.json() as Body) };
}

async function provision(uuid: string, target: string, state: string, more: object = {}) {
  expect(await ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target, ...more })).toMatchObject({ status: 202 });
  const deadline = systemClock.monotonic() + 10_000;
  for (;;) {
    const { body } = await ask('GET', `/v1/nodes/${uuid}`);
    if (body.provision_state === state && body.reservation === null) return body;
    if (systemClock.monotonic() > deadline) throw new Error(`${body.provision_state}: ${body.last_error}`);
    await systemClock.sleep(10);
  }
}

test('enrol, manage, inspect, provide, deploy, reboot, rescue, undeploy, delete', async () => {
  const created = await ask('POST', '/v1/nodes', { driver: 'fake-hardware', name: 'n1' });
  expect(created).toMatchObject({ status: 201, body: { provision_state: 'enroll', driver: 'fake-hardware' } });
  const { uuid } = created.body;
  expect((await ask('GET', `/v1/nodes/${uuid}/validate`)).body.power).toMatchObject({ result: true });
  expect(await provision(uuid, 'manage', 'manageable')).toMatchObject({ power_state: 'power off' });
  await provision(uuid, 'inspect', 'manageable');
  expect((await ask('GET', `/v1/nodes/${uuid}/inventory`)).body.inventory.cpu.count).toBe(16);
  expect((await ask('GET', `/v1/nodes/${uuid}/ports`)).body.ports).toHaveLength(1);
  expect((await ask('GET', `/v1/nodes/${uuid}/bios`)).body.bios.length).toBeGreaterThan(0);
  await provision(uuid, 'provide', 'available');
  await provision(uuid, 'active', 'active');
  expect(await ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'provide' })).toMatchObject({ status: 400 });
  expect(await ask('PUT', `/v1/nodes/${uuid}/states/power`, { target: 'rebooting' })).toMatchObject({ status: 202 });
  const deadline = systemClock.monotonic() + 5_000;
  while ((await ask('GET', `/v1/nodes/${uuid}`)).body.reservation !== null) {
    expect(systemClock.monotonic()).toBeLessThan(deadline);
  }
  await provision(uuid, 'rescue', 'rescue', { rescue_password: 'sesame' });
  await provision(uuid, 'unrescue', 'active');
  const gone = await provision(uuid, 'deleted', 'available');
  expect(gone).toMatchObject({ instance_uuid: null, instance_info: {}, last_error: null });
  const history = (await ask('GET', `/v1/nodes/${uuid}/history`)).body.history;
  expect(history.length).toBeGreaterThan(10);
  expect((await ask('GET', '/v1/conductors')).body.conductors).toMatchObject([
    { hostname: 'test-conductor', alive: true },
  ]);
  expect((await ask('GET', '/v1/drivers')).body.drivers[0]).toMatchObject({
    name: 'fake-hardware',
    hosts: ['test-conductor'],
  });
  expect((await ask('DELETE', `/v1/nodes/${uuid}`)).status).toBe(204);
});
