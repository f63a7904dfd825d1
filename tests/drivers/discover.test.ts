import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '#kernel/run';
import { type Lab, startLab } from '#lab/up';
import { launch, root, scratch, type Up, ready } from '../house/ingot.ts';
import { PASSWORD, USER } from './rack.ts';

interface Found {
  place: string;
  driver: string;
  protocols: string[];
  vendor: string | null;
  model: string | null;
  serial: string | null;
  uuid: string | null;
  power_state: string | null;
  macs: string[];
  quirks: { id: string }[];
  boot: { mode: string; modes: string[]; devices: string[]; virtual_media: string[]; http: boolean };
  driver_info: Record<string, unknown>;
  notes: string[];
  error: { code: string } | null;
  node_uuid: string | null;
  enrolled: boolean;
  command: string | null;
}

let lab: Lab;
let server: Up;
const place = scratch();
const env = { INGOT_DATA_DIR: join(place.path, 'data'), BMC_USER: USER, BMC_PASSWORD: PASSWORD };
const ingot = (...args: string[]) => launch({ args, env }).ended;

async function found(...args: string[]): Promise<Found[]> {
  const { stdout, stderr } = await ingot(...args, '-f', 'json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Found[];
}

const machine = (i: number) => lab.machines[i] as Lab['machines'][number];
const redfishPlace = (i: number) => machine(i).redfish.url.replace('https://', '');
const ipmiPlace = (i: number) => `127.0.0.1:${machine(i).ipmi.port}`;
const logins = (i: number) =>
  lab.ledger
    .list({ machine: machine(i).name })
    .filter((one) => /POST .*Sessions$|session\.open|login/i.test(one.action));

beforeAll(async () => {
  lab = await startLab({
    kind: 'simulated',
    machines: Array.from({ length: 4 }, (_, i) => ({ name: `d${i}`, cpus: 2, memoryMiB: 4096 })),
    credentials: { name: USER, password: PASSWORD },
    control: null,
  });
  server = await ready(env.INGOT_DATA_DIR, { deadlineMs: 300_000 });
});
afterAll(async () => {
  await server.stop();
  await lab.close();
  place[Symbol.dispose]();
});

test('a probe tells what is there, and the line it prints makes the node', async () => {
  const [one] = await found('bmc', 'probe', redfishPlace(0));
  const { spec } = machine(0);
  expect(one).toMatchObject({
    driver: 'redfish',
    protocols: ['redfish'],
    vendor: spec.manufacturer,
    model: spec.model,
    serial: spec.serialNumber,
    uuid: spec.uuid,
    power_state: 'power off',
    macs: spec.nics.map((nic) => nic.mac),
    boot: { mode: 'uefi', modes: ['uefi', 'bios'], http: true },
    error: null,
    node_uuid: null,
  });
  expect(one?.boot.devices).toContain('UefiHttp');
  expect(one?.boot.virtual_media).toContain('CD');
  expect(one?.driver_info['redfish_tls_fingerprint']).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(one)).not.toContain(PASSWORD);
  expect(machine(0).redfish.door.sessions.list()).toHaveLength(0);
  const own = `${process.execPath} ${join(root, 'bin', 'ingot.mjs')} baremetal `;
  await run('bash', ['-c', `set -e\n${one?.command?.replaceAll('ingot baremetal ', own)}`], {
    timeoutMs: 120_000,
    env: { PATH: process.env['PATH'] ?? '', HOME: place.path, ...env },
  });
  const [again] = await found('bmc', 'probe', redfishPlace(0));
  expect(again?.node_uuid).toMatch(/^[0-9a-f-]{36}$/);
  const text = await ingot('bmc', 'probe', redfishPlace(1));
  expect(text.stdout).toMatch(/^machine +Ingot Lab, Emulated Server$/m);
  expect(text.stdout).toContain('ingot baremetal node create --driver redfish');
});

test('a range is searched politely: one login a BMC, nobody twice, and what is found is enrolled', async () => {
  machine(2).bmc.effects.on('q', { traits: { manufacturer: 'Supermicro' } as never });
  const silent = createServer((socket) => socket.on('error', () => {})); // takes connections and says nothing
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const dead = (silent.address() as { port: number }).port;
  const before = lab.machines.map((_, i) => logins(i).length);
  const all = [...[0, 1, 2, 3].map(redfishPlace), ...[1, 3].map(ipmiPlace), `127.0.0.1:${dead}`, redfishPlace(1)];
  const machines = await found('discover', ...all, '--enroll', '--wait-ms', '1500');
  silent.close();
  const at = (where: string) => machines.find((one) => one.place === where);
  expect(machines.map((one) => one.place).sort()).toEqual(
    [...new Set(all)].filter((one) => one !== `127.0.0.1:${dead}`).sort(),
  );
  // a node drives the first already: it was not logged in to
  expect(at(redfishPlace(0))?.notes.join()).toContain('left alone');
  expect(logins(0)).toHaveLength(before[0] ?? -1);
  const made = machines.filter((one) => one.enrolled);
  // machines 1 and 3 answer at two places each, and become one node each
  expect(made).toHaveLength(3);
  expect(new Set(made.map((one) => one.uuid)).size).toBe(3);
  const searched = await ingot('baremetal', 'node', 'list', '-f', 'json');
  expect(JSON.parse(searched.stdout)).toHaveLength(4);
  const redfishNode = made.find((one) => one.driver === 'redfish');
  const managed = await ingot('baremetal', 'node', 'manage', redfishNode?.node_uuid ?? '', '--wait', '60');
  expect(managed.code, managed.stderr).toBe(0);
  const ports = await ingot('baremetal', 'port', 'list', '--node', redfishNode?.node_uuid ?? '', '-f', 'json');
  expect(JSON.parse(ports.stdout)).toHaveLength(2);
  const again = await found('discover', ...all, '--enroll', '--wait-ms', '1500');
  expect(again.filter((one) => one.enrolled)).toEqual([]);
});

test('a wrong password is tried once, over either protocol', async () => {
  const fresh = await startLab({
    kind: 'simulated',
    machines: [{ name: 'w' }],
    credentials: { name: USER, password: 'another-one' },
    control: null,
  });
  try {
    const [one] = fresh.machines;
    const end = await ingot('bmc', 'probe', one?.redfish.url.replace('https://', '') ?? '');
    expect(end).toMatchObject({ code: 1 });
    expect(end.stdout).toContain('BmcLoginRefused');
    const ipmi = await ingot('bmc', 'probe', `127.0.0.1:${one?.ipmi.port}`);
    expect(ipmi.stdout).toContain('IpmiLoginRefused');
    expect(fresh.ledger.list().filter((entry) => entry.action.endsWith('Sessions'))).toHaveLength(1);
    expect(one?.bmc.counters.ipmiTries).toBe(1);
    const nobody = await ingot('bmc', 'probe', '127.0.0.1:1');
    expect(nobody).toMatchObject({ code: 1 });
    expect(nobody.stderr).toContain('no BMC answers');
    const bad = await ingot('bmc', 'probe', '192.0.2.0/8');
    expect(bad.stderr).toContain('from /16 to /32');
  } finally {
    await fresh.close();
  }
});

test('a search is stopped, listed and forgotten', async () => {
  const { stdout } = await ingot(
    'discover',
    '127.0.0.1:2-1900',
    '--detach',
    '--concurrency',
    '1',
    '--wait-ms',
    '2000',
    '--protocol',
    'ipmi',
  );
  const id = stdout.trim();
  expect((await ingot('discover', '--stop', id)).code).toBe(0);
  await expect
    .poll(async () => (await ingot('discover', '--list', '-f', 'json')).stdout, { timeout: 60_000 })
    .toMatch(new RegExp(`"id": "${id}",\\s+"state": "stopped"`));
});
