import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LabMachine, labMachine } from '../drivers/rack.ts';
import { launch, root, until } from '../house/ingot.ts';
import { type Cloud, cloud, recording } from './cloud.ts';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

let one: Cloud;
let machine: LabMachine;

beforeAll(async () => {
  machine = await labMachine({}, { ssh: 'direct' });
  one = await cloud();
}, 180_000);
afterAll(async () => {
  await one.close();
  await machine.close();
});

const command = (...args: string[]) =>
  launch({ args: ['console', ...args, '--os-endpoint', one.running.url], deadlineMs: 120_000 });

test('ingot console reads, searches, follows and connects', { timeout: 240_000 }, async () => {
  const uuid = await one.enrol(machine, 'redfish', { name: 'rack1-m1' });
  await recording(one, uuid);
  machine.machine.serial.fromGuest(Buffer.from('\x1b[1mone\x1b[0m\r\ntwo needle\r\nthree\r\n'));
  await expect.poll(() => one.log(uuid), { timeout: 30_000 }).toContain('three');

  const [log, found, json, status, bad] = await Promise.all([
    command('rack1-m1', '--log', '--since', '10m', '--timestamps').ended,
    command('rack1-m1', '--search', 'NEEDLE').ended,
    command('rack1-m1', '--search', 'needle', '-f', 'json').ended,
    command('rack1-m1', '--status').ended,
    command('no-such-node', '--log').ended,
  ]);
  expect(log.stdout).toMatch(/^\S+Z --- recording \(SSH [^\n]+\n\S+Z one\n\S+Z two needle\n\S+Z three\n$/);
  expect(found.stdout).toMatch(/two needle/);
  expect(JSON.parse(json.stdout)).toEqual([{ at: expect.stringMatching(/Z$/), text: 'two needle' }]);
  expect(status.stdout).toMatch(/state +\| recording/);
  expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining('no-such-node') });

  const follow = command('rack1-m1', '--follow', '--tail', '1');
  await follow.said(/three/);
  machine.machine.serial.fromGuest(Buffer.from('four\r\n'));
  await follow.said(/four/);
  follow.child.kill('SIGTERM');

  // Its console is off: who connects to it has it switched on.
  machine.machine.serial.connectGuest((bytes) =>
    machine.machine.serial.fromGuest(Buffer.from(`<${bytes.toString()}>`)),
  );
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'ingot.mjs'), 'console', 'rack1-m1', '--os-endpoint', one.running.url],
    { stdio: 'pipe' },
  );
  let shown = '';
  let told = '';
  child.stdout.on('data', (bytes) => {
    shown += String(bytes);
  });
  child.stderr.on('data', (bytes) => {
    told += String(bytes);
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  await until('what was before is shown', () => shown.includes('four'), 60_000);
  child.stdin.write('hi');
  await until('what is typed arrives', () => shown.includes('<hi>'), 30_000);
  child.stdin.write('\r~?');
  await until('help is shown', () => told.includes('~B  send a break'), 30_000);
  child.stdin.write('~.');
  expect(await ended).toBe(0);
  expect(told).toContain('its console was off and is on now');
  expect(told).toContain('[closed]');
});
