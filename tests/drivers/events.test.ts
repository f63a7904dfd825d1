import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, up } from '../house/ingot.ts';
import { labMachine, PASSWORD, USER } from './rack.ts';

const EVERY_S = 40;

test('a change the BMC tells of is seen long before the next look', async () => {
  using place = scratch();
  const machine = await labMachine();
  const running = await up(join(place.path, 'data'), {
    deadlineMs: 300_000,
    env: { INGOT_CONDUCTOR_POWER_SYNC_EVERY_S: String(EVERY_S) },
  });
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(running.url + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.109' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  try {
    // its uuid makes it the first of each round
    const uuid = '00000000-0000-4000-8000-000000000000';
    await ask('POST', '/v1/nodes', {
      uuid,
      driver: 'redfish',
      driver_info: {
        redfish_address: machine.redfish.url,
        redfish_username: USER,
        redfish_password: PASSWORD,
        redfish_verify_ca: false,
      },
    });
    await ask('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' });
    const shows = async (state: string, timeout: number) => {
      await expect
        .poll(async () => (await ask('GET', `/v1/nodes/${uuid}`))['power_state'], { timeout, interval: 100 })
        .toBe(state);
    };
    await shows('power off', 30_000);
    const door = machine.lab.machines[0]?.redfish.door;
    await expect.poll(() => door?.events.streams, { timeout: (EVERY_S + 20) * 1000 }).toBe(1);
    await machine.machine.powerOn();
    await shows('power on', 12_000);
    await machine.machine.powerOff();
    await shows('power off', 12_000);
  } finally {
    await running.stop();
    await machine.close();
  }
}, 240_000);
