import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesOf, PROGRAM, scratch, seeded, until, up } from './ingot.ts';

const postgresPid = (dataDir: string) =>
  Number(readFileSync(join(dataDir, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);

test('the first start makes everything, the second takes far less, and a signal stops all of it', async () => {
  using place = scratch();
  const dataDir = join(place.path, 'data');
  const first = await up(dataDir, { program: PROGRAM });
  expect(await (await fetch(`${first.url}/healthcheck`)).json()).toEqual({ ready: true, reasons: [] });
  const stopped = await first.stop('SIGINT');
  expect(stopped.code).toBe(0);
  expect(processesOf(place.path)).toEqual([]);

  // How many seconds it takes depends on what runs beside it; that it makes nothing anew does not.
  const enough = first.startMs * 0.6;
  let quickest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && quickest >= enough; i++) {
    const again = await up(dataDir, { program: PROGRAM });
    quickest = Math.min(quickest, again.startMs);
    expect((await fetch(`${again.url}/healthcheck`)).status).toBe(200);
    expect((await again.stop('SIGTERM')).code).toBe(0);
    expect(processesOf(place.path)).toEqual([]);
  }
  expect(quickest).toBeLessThan(enough);
});

test('the welcome says where the API is, how to log in and what to type next', async () => {
  using place = scratch();
  const dataDir = join(place.path, 'data');
  const running = await up(dataDir, { args: ['--auth', 'http_basic'] });
  const password = readFileSync(join(dataDir, 'admin-password'), 'utf8').trim();
  const nodes = `${running.url}/v1/nodes`;
  const basic = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  expect((await fetch(nodes)).status).toBe(401);
  expect((await fetch(nodes, { headers: { authorization: basic } })).status).toBe(200);
  const { stdout, stderr } = await running.stop();
  expect(stdout).toContain(`API     ${running.url}`);
  expect(stdout).toContain(`Log in  as admin; the password is in ${dataDir}/admin-password`);
  expect(stdout).toContain(`Next    export OS_CLIENT_CONFIG_FILE=${dataDir}/clouds.yaml OS_CLOUD=ingot`);
  expect(stdout).toContain(`or      curl -u admin:$(cat ${dataDir}/admin-password) ${nodes}`);
  expect(stdout + stderr).not.toContain(password);
  for (const name of ['admin-password', 'clouds.yaml', 'htpasswd', 'keys.json', 'database.json']) {
    expect(statSync(join(dataDir, name)).mode & 0o777, name).toBe(0o600);
  }
});

test('a pipe of another wrapper, left in the environment, is nothing to us', async () => {
  using place = scratch();
  const running = await up(await seeded(place), { env: { INGOT_WRAPPER_FD: '3' } });
  expect((await fetch(`${running.url}/healthcheck`)).status).toBe(200);
  expect((await running.stop()).code).toBe(0);
});

test('after kill -9 the next start adopts the database that was left running', async () => {
  using place = scratch();
  const dataDir = await seeded(place);
  const first = await up(dataDir);
  const pid = postgresPid(dataDir);
  await first.stop('SIGKILL');
  expect(processesOf(place.path).map((one) => one.pid)).toContain(pid);

  const second = await up(dataDir);
  expect(postgresPid(dataDir)).toBe(pid);
  expect((await fetch(`${second.url}/healthcheck`)).status).toBe(200);
  expect((await second.stop()).code).toBe(0);
  expect(processesOf(place.path)).toEqual([]);
});

test('after kill -9 of program and database the next start recovers', async () => {
  using place = scratch();
  const dataDir = await seeded(place);
  const first = await up(dataDir);
  const pid = postgresPid(dataDir);
  process.kill(pid, 'SIGKILL');
  await first.stop('SIGKILL');
  const second = await up(dataDir);
  expect(postgresPid(dataDir)).not.toBe(pid);
  expect((await fetch(`${second.url}/healthcheck`)).status).toBe(200);
  expect((await second.stop()).code).toBe(0);
});

/** As on Node 20, which cannot replace itself: the bootstrap stays as parent. */
const asOldNode = { nodeOptions: ['--import', 'data:text/javascript,process.execve=undefined'] };

test('on an old Node the wrapper passes signals and the exit code on', async () => {
  using place = scratch();
  const running = await up(await seeded(place), asOldNode);
  expect(processesOf(place.path).filter(({ command }) => command.includes(' up '))).toHaveLength(2);
  const ended = await running.stop('SIGINT');
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(processesOf(place.path)).toEqual([]);
});

test('on an old Node kill -9 of the wrapper stops everything in order', async () => {
  using place = scratch();
  const dataDir = await seeded(place);
  const running = await up(dataDir, asOldNode);
  running.child.kill('SIGKILL');
  await until('all have ended', () => processesOf(place.path).length === 0);
  expect(existsSync(join(dataDir, 'pg', 'postmaster.pid'))).toBe(false);
});

test('a Ctrl-C that arrives three times stops it once, and in order', async () => {
  using place = scratch();
  const dataDir = await seeded(place);
  const running = await up(dataDir);
  for (let i = 0; i < 3; i++) running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(0);
  expect(processesOf(place.path)).toEqual([]);
  expect(existsSync(join(dataDir, 'pg', 'postmaster.pid'))).toBe(false);
});

test('a signal during the first start leaves nothing running', async () => {
  using place = scratch();
  const dataDir = join(place.path, 'data');
  const starting = up(dataDir).catch((error: Error) => error);
  await until('the database is being made', () => existsSync(join(dataDir, 'owner')));
  const running = await until('it runs', () => processesOf(place.path).find(({ command }) => command.includes(' up ')));
  process.kill(running.pid, 'SIGTERM');
  await starting;
  await until('all have ended', () => processesOf(place.path).length === 0);
});
