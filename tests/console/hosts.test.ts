import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestStore } from '#store/testing';
import { type LabMachine, labMachine } from '../drivers/rack.ts';
import { launch, type Launched, scratch, until } from '../house/ingot.ts';
import { cloudOf, recording, session } from './cloud.ts';

const place = scratch();
let machine: LabMachine;
let database: Awaited<ReturnType<typeof openTestStore>>;
const launched: Launched[] = [];
const WAIT = { timeout: 60_000, interval: 50 };

beforeAll(async () => {
  machine = await labMachine({}, { ssh: 'direct' });
  database = await openTestStore();
}, 180_000);
afterAll(async () => {
  for (const one of launched) one.child.kill('SIGTERM');
  await Promise.all(launched.map(({ ended }) => ended));
  await machine.close();
  await database.close();
  place[Symbol.dispose]();
});

function start(role: string, host: string, ...args: string[]): Launched {
  const one = launch({
    args: ['up', '--data-dir', join(place.path, host), '--role', role, ...args],
    env: {
      DATABASE_URL: database.url,
      INGOT_CONDUCTOR_HOST: host,
      INGOT_CONSOLE_LISTEN: '127.0.0.1:0',
      INGOT_AUTH_STRATEGY: 'none',
    },
    deadlineMs: 300_000,
  });
  launched.push(one);
  return one;
}

test('an API reaches the consoles of conductors on other hosts, and of those that take over', {
  timeout: 280_000,
}, async () => {
  const api = start('api', 'front', '--listen', '127.0.0.1:0');
  const [, url = ''] = await api.said(/API +(http:\S+)/);
  const keys = (host: string) => {
    mkdirSync(join(place.path, host), { recursive: true, mode: 0o700 });
    cpSync(join(place.path, 'front', 'keys.json'), join(place.path, host, 'keys.json'));
  };
  keys('first');
  const first = start('conductor', 'first');
  const one = cloudOf({ ...api, url, dataDir: '', startMs: 0, stop: () => api.ended });
  await expect
    .poll(async () => (await one.ask<{ drivers: unknown[] }>('GET', '/v1/drivers')).drivers.length, WAIT)
    .toBeGreaterThan(0);
  const uuid = await one.enrol(machine, 'redfish');
  await recording(one, uuid);
  machine.machine.serial.fromGuest(Buffer.from('recorded by the first\r\n'));
  await expect.poll(() => one.log(uuid), WAIT).toContain('recorded by the first');
  // What a console told, recorded elsewhere, is part of the story of a boot.
  const told = async () => (await one.ask<{ summary: string }>('GET', `/v1/nodes/${uuid}/boot`)).summary;
  await database.store.query({
    text: `update nodes set driver_internal_info = $2 where uuid = $1`,
    values: [uuid, JSON.stringify({ boot_path: { method: 'ipxe', at: Date.now() } })],
  });
  expect(await told()).toBe('Nothing was heard of the machine by ipxe.');
  machine.machine.serial.fromGuest(
    Buffer.from('BdsDxe: failed to load Boot0001 "disk" from Pci(0x3): Access Denied\r\n'),
  );
  await expect.poll(told, WAIT).toMatch(/^Nothing was heard of .* refused to start something, for Secure Boot\.$/);
  await one.ask('PUT', `/v1/nodes/${uuid}/states/console`, { enabled: true });
  let typed = '';
  machine.machine.serial.connectGuest((bytes) => {
    typed += bytes.toString();
  });
  const client = await session(one, uuid);
  await expect.poll(() => client.shown(), WAIT).toContain('recorded by the first');
  client.type('through two processes');
  await expect.poll(() => typed, WAIT).toBe('through two processes');
  const { sessions } = await one.ask<{ sessions: { id: string; writes: boolean }[] }>(
    'GET',
    `/console/v1/nodes/${uuid}/sessions`,
  );
  expect(sessions).toEqual([expect.objectContaining({ writes: true })]);

  // The second takes over: the line is its own then, and what the first wrote is still read while that lives.
  keys('second');
  start('conductor', 'second');
  first.child.kill('SIGTERM');
  expect((await client.ended).code).toBe(1001);
  await until('the first is gone', () => first.child.exitCode !== null, 60_000);
  await expect
    .poll(
      async () => {
        const { console } = await one.ask<{ console: { state: string; conductor: string } }>(
          'GET',
          `/console/v1/nodes/${uuid}`,
        );
        return `${console.conductor} ${console.state}`;
      },
      { timeout: 90_000, interval: 200 },
    )
    .toBe('second recording');
  machine.machine.serial.fromGuest(Buffer.from('recorded by the second\r\n'));
  await expect.poll(() => one.log(uuid), WAIT).toContain('recorded by the second');
  expect(await one.log(uuid)).toContain('what first recorded cannot be read now');
  const again = await session(one, uuid);
  await expect.poll(() => again.shown(), WAIT).toContain('recorded by the second');
  await one.ask('PUT', `/v1/nodes/${uuid}/states/console`, { enabled: false });
  expect((await again.ended).code).toBe(4002);
});
