import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Ended, ingotInOneFile, launch, processesOf, scratch, seeded, up } from './ingot.ts';

/** It failed with sentences for a person, and nothing of our insides. */
function expectSentence(end: Ended, sentence: RegExp): void {
  expect(end.stderr).toMatch(sentence);
  expect(end.stderr).not.toMatch(/\n\s+at |node:internal|\.ts:\d/);
  expect(end.code).toBe(1);
}

test('port taken', async () => {
  using place = scratch();
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const end = await ingotInOneFile('up', '--data-dir', join(place.path, 'data'), '--listen', `127.0.0.1:${port}`);
  other.close();
  expectSentence(end, new RegExp(`ingot: The API cannot listen on 127.0.0.1:${port}: another program listens there`));
  expect(processesOf(place.path)).toEqual([]);
});

test('an address this machine does not have', async () => {
  using place = scratch();
  const end = await ingotInOneFile('up', '--data-dir', join(place.path, 'data'), '--listen', '203.0.113.7:6385');
  expectSentence(end, /cannot listen on 203\.0\.113\.7:6385: this machine has no such address/);
});

test('settings that are wrong are told with file, line, key and what is allowed', async () => {
  using place = scratch();
  const file = join(place.path, 'ingot.toml');
  writeFileSync(file, '# mine\n[api]\nlisten = "6385"\n\n[conductor]\ngruop = "a"\n');
  const end = await ingotInOneFile('up', '--config', file, '--data-dir', join(place.path, 'data'));
  expectSentence(end, /ingot\.toml:3: api\.listen is "6385"; allowed: HOST:PORT/);
  expect(end.stderr).toContain('ingot.toml:6: there is no setting conductor.gruop; did you mean conductor.group?');
});

test('a file that is no TOML', async () => {
  using place = scratch();
  const file = join(place.path, 'ingot.toml');
  writeFileSync(file, '[api]\nlisten = \n');
  expectSentence(await ingotInOneFile('up', '--config', file), /ingot\.toml:2: this is not TOML/);
});

test('a data directory that another Ingot uses', async () => {
  using place = scratch();
  const running = await up(await seeded(place));
  expectSentence(
    await ingotInOneFile('up', '--data-dir', running.dataDir, '--listen', '127.0.0.1:0'),
    /is in use by process \d+/,
  );
  expect((await fetch(`${running.url}/healthcheck`)).status).toBe(200);
  await running.stop();
});

test('a data directory this user may not write', async (context) => {
  context.skip(process.getuid?.() !== 0, 'changing to another user needs root');
  using place = scratch();
  chmodSync(place.path, 0o755);
  const end = await launch({
    args: ['up', '--data-dir', join(place.path, 'data'), '--listen', '127.0.0.1:0'],
    uid: 65534,
    cwd: '/',
  }).ended;
  expectSentence(end, /data.*(may not|permission|EACCES)/i);
});

test('a data directory of another PostgreSQL version', async () => {
  using place = scratch();
  mkdirSync(join(place.path, 'pg'), { mode: 0o700 });
  writeFileSync(join(place.path, 'pg', 'PG_VERSION'), '13\n');
  writeFileSync(join(place.path, 'database.json'), '{"ingot":"x","admin":"y"}', { mode: 0o600 });
  expectSentence(await ingotInOneFile('up', '--data-dir', place.path, '--listen', '127.0.0.1:0'), /PostgreSQL 13/);
});

test('no authentication on an address that others reach', async () => {
  using place = scratch();
  const end = await ingotInOneFile('up', '--data-dir', place.path, '--auth', 'none', '--listen', '0.0.0.0:0');
  expectSentence(end, /Without authentication the API may only listen on loopback/);
  expect(readdirSync(place.path)).toEqual([]);
  expect(processesOf(place.path)).toEqual([]);
});

test('an external database that does not answer', async () => {
  using place = scratch();
  const url = 'postgresql://ingot:very-secret@127.0.0.1:1/ingot';
  const end = await ingotInOneFile('up', '--data-dir', place.path, '--database-url', url, '--listen', '127.0.0.1:0');
  expectSentence(end, /database/i);
  expect(end.stderr).not.toContain('very-secret');
});

test('a full disk, before the first start and after it', async (context) => {
  using place = scratch();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'ingot-test', place.path]);
  context.skip(mounted.status !== 0, 'a disk of a given size needs root and the right to mount');
  const dataDir = join(place.path, 'data');
  const filler = join(place.path, 'filler');
  try {
    writeFileSync(filler, Buffer.alloc(200 * 1024 * 1024));
    const start = () => ingotInOneFile('up', '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--auth', 'none');
    expectSentence(await start(), /The disk of \S+ is full: \d+ MiB are free and 256 MiB are needed\. Free some space/);

    rmSync(filler);
    await (await up(dataDir)).stop();
    const { bavail, bsize } = statfsSync(place.path);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 8 * 1024 * 1024));
    expectSentence(await start(), /The disk of \S+ is full: [78] MiB are free and 64 MiB are needed/);

    rmSync(filler);
    const again = await up(dataDir);
    expect((await fetch(`${again.url}/healthcheck`)).status).toBe(200);
    await again.stop();
  } finally {
    spawnSync('umount', ['-l', place.path]);
  }
});
