import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, seeded, type Up, up } from './ingot.ts';

const headers = { 'X-OpenStack-Ironic-API-Version': '1.90', 'Content-Type': 'application/json' };

async function call(running: Up, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const reply = await fetch(`${running.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** Waits until the node is in the state. */
async function reach(running: Up, node: string, state: string): Promise<void> {
  const end = performance.now() + 30_000;
  for (;;) {
    const { provision_state, last_error } = await call(running, 'GET', `/v1/nodes/${node}`);
    if (provision_state === state) return;
    if (performance.now() > end) throw new Error(`${node} is ${provision_state}, not ${state}: ${last_error}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const provision = (running: Up, node: string, target: string) =>
  call(running, 'PUT', `/v1/nodes/${node}/states/provision`, { target });

test('a node goes from enroll to active, and is there after kill -9', async () => {
  using place = scratch();
  const dataDir = await seeded(place);
  const first = await up(dataDir);
  await call(first, 'POST', '/v1/nodes', { name: 'first', driver: 'fake-hardware' });
  await provision(first, 'first', 'manage');
  await reach(first, 'first', 'manageable');
  await provision(first, 'first', 'provide');
  await reach(first, 'first', 'available');
  await provision(first, 'first', 'active');
  await reach(first, 'first', 'active');
  await first.stop('SIGKILL');

  const second = await up(dataDir);
  expect(await call(second, 'GET', '/v1/nodes/first')).toMatchObject({
    provision_state: 'active',
    power_state: 'power on',
  });
  expect((await second.stop()).code).toBe(0);
});

test('a deploy that was under way at kill -9 is finished by the next start', async () => {
  using place = scratch();
  const dataDir = await seeded(place);
  const first = await up(dataDir);
  const driver_info = { fake_delay_s: { 'deploy.deploy': 2 } };
  await call(first, 'POST', '/v1/nodes', { name: 'second', driver: 'fake-hardware', driver_info });
  await provision(first, 'second', 'manage');
  await reach(first, 'second', 'manageable');
  await provision(first, 'second', 'provide');
  await reach(first, 'second', 'available');
  await provision(first, 'second', 'active');
  await first.stop('SIGKILL');

  const second = await up(dataDir);
  await reach(second, 'second', 'active');
  expect((await second.stop()).code).toBe(0);
});

test('SIGTERM lets a request that has begun finish, and takes no new ones', async () => {
  using place = scratch();
  const running = await up(await seeded(place));
  const body = JSON.stringify({ name: 'slow', driver: 'fake-hardware' });
  const answer = new Promise<number>((resolve, reject) => {
    const sending = request(`${running.url}/v1/nodes`, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
    });
    sending.on('response', (response) => resolve(response.statusCode ?? 0)).on('error', reject);
    sending.write(body.slice(0, 5), () => {
      // Its head has arrived when a later request has been answered.
      void fetch(`${running.url}/healthcheck`).then(async () => {
        running.child.kill('SIGTERM');
        await expect
          .poll(
            () =>
              fetch(`${running.url}/v1/nodes`, { headers }).then(
                (reply) => reply.status,
                () => 'refused',
              ),
            {
              timeout: 10_000,
            },
          )
          .toBe('refused');
        sending.end(body.slice(5));
      });
    });
  });
  expect(await answer).toBe(201);
  const ended = await running.ended;
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain('"clean":true');
});

test('the log names requests and holds no secrets', async () => {
  using place = scratch();
  const running = await up(await seeded(place));
  const driver_info = { ipmi_password: 'hunter2', redfish_password: 'hunter2' };
  await call(running, 'POST', '/v1/nodes', { name: 'masked', driver: 'fake-hardware', driver_info });
  expect(JSON.stringify(await call(running, 'GET', '/v1/nodes/masked'))).not.toContain('hunter2');
  const { stderr } = await running.stop();
  expect(stderr).toMatch(/"requestId":"req-[0-9a-f-]{36}"/);
  expect(stderr + readFileSync(join(running.dataDir, 'postgres.log'), 'utf8')).not.toContain('hunter2');
});

test('changes of nodes are told to whoever listens', async () => {
  using place = scratch();
  const running = await up(await seeded(place));
  const stop = new AbortController();
  const events = await fetch(`${running.url}/events?topics=nodes`, { signal: stop.signal });
  const { uuid } = await call(running, 'POST', '/v1/nodes', { name: 'told', driver: 'fake-hardware' });
  let text = '';
  for await (const part of events.body ?? []) {
    text += Buffer.from(part).toString();
    if (text.includes('\n\n') && text.includes(String(uuid))) break;
  }
  expect(text).toContain('event: nodes');
  expect(text).toContain('"provision_state":"enroll"');
  stop.abort();
  await running.stop();
});
