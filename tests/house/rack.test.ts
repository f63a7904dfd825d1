import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesOf, scratch, until, up } from './ingot.ts';

const emulated = ['--lab', 'emulated'];
const env = { INGOT_LAB_MACHINES: '2', INGOT_LAB_TOUR: 'false', INGOT_LAB_IMAGE: 'none' };
const start = (dataDir: string) => up(dataDir, { args: emulated, env, deadlineMs: 180_000 });

async function call(url: string, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${url}/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.115' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}

const bmc = (driver: string, index: number) =>
  driver === 'redfish'
    ? {
        redfish_address: `https://127.0.77.${index}`,
        redfish_username: 'admin',
        redfish_password: 'rehearse',
        redfish_verify_ca: false,
      }
    : { ipmi_address: `127.0.77.${index}`, ipmi_username: 'admin', ipmi_password: 'rehearse' };

test('Ingot runs with an emulated rack in a namespace, and nothing of both outlives it', async () => {
  using place = scratch();
  const dataDir = join(place.path, 'data');
  const running = await start(dataDir);
  const registered = async () => {
    const { switches } = (await (await fetch(`${running.url}/switches/v1/switches`)).json()) as {
      switches: { name: string; state: string }[];
    };
    return switches[0]?.name === 'rack1-tor' && switches[0].state === 'ok';
  };
  await until("the rack's switch is registered, and read", registered, 60_000);
  for (const [driver, index] of [
    ['redfish', 1],
    ['ipmi', 2],
  ] as const) {
    const name = `${driver}-machine`;
    expect(await call(running.url, 'POST', '/nodes', { name, driver, driver_info: bmc(driver, index) })).toMatchObject({
      status: 201,
    });
    await call(running.url, 'PUT', `/nodes/${name}/states/provision`, { target: 'manage' });
    await until(
      `${name} is manageable`,
      async () => (await call(running.url, 'GET', `/nodes/${name}`)).body['provision_state'] === 'manageable',
      60_000,
    );
  }
  expect((await running.stop()).code).toBe(0);
  expect(processesOf(place.path)).toEqual([]);
  expect(existsSync(join(dataDir, 'pg', 'postmaster.pid'))).toBe(false);

  const again = await start(dataDir);
  expect((await call(again.url, 'GET', '/nodes')).body['nodes']).toHaveLength(2);
  again.child.kill('SIGKILL');
  await again.ended;
  // PostgreSQL outlives whoever started it, for the next start to take over.
  const left = () => processesOf(place.path).filter(({ command }) => !/postgres/.test(command));
  await until('the namespace is gone', () => left().length === 0, 60_000).catch(() => {});
  expect(left()).toEqual([]);
}, 360_000);
