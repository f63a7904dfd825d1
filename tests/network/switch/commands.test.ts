import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ciscoIos } from '#lab/switch/ssh/cisco-like';
import { EmulatedSshSwitch } from '#lab/switch/ssh/server';
import { type CliCloud, cliCloud } from '../../cli/cloud.ts';

let cloud: CliCloud;
let emulated: EmulatedSshSwitch;

beforeAll(async () => {
  [cloud, emulated] = await Promise.all([cliCloud(), EmulatedSshSwitch.start({ dialect: ciscoIos })]);
});
afterAll(async () => {
  await cloud?.[Symbol.asyncDispose]();
  await emulated?.stop();
});

const run = async (...args: string[]) => {
  const end = await cloud.run('switch', ...args);
  return { ...end, text: `${end.stdout}${end.stderr}` };
};
const ok = async (...args: string[]) => {
  const end = await run(...args);
  expect(end.code, `${args.join(' ')}: ${end.text}`).toBe(0);
  return end.stdout;
};

it('registers a switch, sets a port, shows what differs, repairs it, and lets it go', async () => {
  const file = join(cloud.env['INGOT_DATA_DIR'] ?? '', 'switch-password');
  await writeFile(file, 'switch\n', { mode: 0o600 });
  const enable = `${file}-enable`;
  await writeFile(enable, 'secret\n', { mode: 0o600 });
  const added = await ok(
    ...['add', 'ios1', '--driver', 'ssh', '--platform', 'cisco_ios', '--address', `127.0.0.1:${emulated.port}`],
    ...['-u', 'admin', '--password-file', file, '--enable-password-file', enable, '--drift', 'report', '-f', 'json'],
  );
  expect(JSON.parse(added)).toMatchObject({ name: 'ios1', secrets: { password: '******', enable_password: '******' } });
  expect(added).not.toContain('secret"');
  const twice = await run('add', 'ios1', '--driver', 'ssh', '--platform', 'cisco_ios', '--address', 'h', '-u', 'a');
  expect(twice.text).toContain('a switch as ios1 is registered already');

  const applied = await ok('apply', 'ios1', '-p', 'Gi1/0/2', '--trunk', '20,30-32', '--native', '10', '-f', 'json');
  expect(JSON.parse(applied)).toMatchObject([{ port: 'GigabitEthernet1/0/2', state: 'applied' }]);
  expect(emulated.device.running.ports.get('GigabitEthernet1/0/2')).toMatchObject({
    mode: 'trunk',
    native: 10,
    allowed: new Set([10, 20, 30, 31, 32]),
    negotiates: false,
  });
  expect(JSON.parse(await ok('show', 'ios1', '-f', 'json'))).toMatchObject({
    state: 'ok',
    host_key: emulated.fingerprint,
  });
  expect(await ok('diff', 'ios1')).toBe('Every port is as wanted.\n');

  Object.assign(emulated.device.running.ports.get('GigabitEthernet1/0/2') ?? {}, { native: 1, allowed: 'all' });
  const differs = await run('diff', '-f', 'json');
  expect(differs.code).toBe(1);
  expect(JSON.parse(differs.stdout)).toMatchObject([
    { switch: 'ios1', port: 'GigabitEthernet1/0/2', difference: expect.stringContaining('wanted trunk 20,30-32') },
  ]);
  await ok('apply', 'ios1');
  expect(emulated.device.running.ports.get('GigabitEthernet1/0/2')?.native).toBe(10);

  const bad = await run('apply', 'ios1', '-p', 'Gi1/0/2', '--access', '1');
  expect(bad.text).toContain('default VLAN');
  expect((await run('remove', 'ios1')).text).toContain('are looked after');
  await ok('apply', 'ios1', '-p', 'Gi1/0/2', '--release');
  await ok('remove', 'ios1');
  expect(JSON.parse(await ok('list', '-f', 'json'))).toEqual([]);
  expect(emulated.device.running.ports.get('GigabitEthernet1/0/2')?.native).toBe(10);
});
