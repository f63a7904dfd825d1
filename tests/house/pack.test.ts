import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { launch, root, scratch, up } from './ingot.ts';

const run = promisify(execFile);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** npm of this machine; its cache makes the installation work without a network where it can. */
const npm = (cwd: string, ...args: string[]) =>
  run('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, timeout: 180_000 });

test('the packed package installs and runs where there is no repository', async () => {
  using place = scratch();
  await npm(root, 'pack', '--pack-destination', place.path);
  const tarball = readdirSync(place.path).find((name) => name.endsWith('.tgz')) ?? '';
  expect(tarball).toBe(`ingot-${version}.tgz`);

  const { stdout } = await run('tar', ['tzf', tarball], { cwd: place.path });
  const files = stdout.trim().split('\n');
  for (const wanted of ['LICENSE', 'README.md', 'CHANGELOG.md', 'bin/ingot.mjs', 'dist/ingot.mjs', 'docs/config.md']) {
    expect(files).toContain(`package/${wanted}`);
  }
  expect(files.filter((name) => /\.ts$|\/(src|tests|tools|bench)\//.test(name))).toEqual([]);

  await npm(place.path, 'install', '--prefix', place.path, '--ignore-scripts', join(place.path, tarball));
  const program = realpathSync(join(place.path, 'node_modules', '.bin', 'ingot'));
  expect(await launch({ program, args: ['--version'] }).ended).toMatchObject({ code: 0, stdout: `${version}\n` });

  const running = await up(join(place.path, 'data'), { program });
  const reply = await fetch(`${running.url}/v1`);
  expect(await reply.json()).toMatchObject({ id: 'v1' });
  const driver = { name: 'packed', driver: 'fake-hardware' };
  const headers = { 'Content-Type': 'application/json', 'X-OpenStack-Ironic-API-Version': '1.90' };
  const made = await fetch(`${running.url}/v1/nodes`, { method: 'POST', headers, body: JSON.stringify(driver) });
  expect(made.status).toBe(201);
  expect((await running.stop()).code).toBe(0);
});
