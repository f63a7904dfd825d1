import { chmod, chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { run } from '#kernel/run';
import { openEmbedded } from '#store/embedded/server';
import { isGone } from '#store/embedded/process';
import { silentLog } from '#store/log';
import { openStore } from '#store/open';
import { clean, eventually, isRoot, NOBODY, program, scratch } from './children.ts';

/** A data directory made once; copying it is quicker than making another. */
let made: string;
let dir: string;
const servers: number[] = [];
beforeEach(async () => {
  dir = await scratch();
});
beforeAll(async () => {
  made = await scratch();
  await (await openStore({ dataDir: made })).close();
});
afterAll(() => clean(made));
afterEach(async () => {
  // A test that failed may leave a server behind.
  for (const pid of servers.splice(0)) if (!(await isGone(pid))) process.kill(pid, 'SIGQUIT');
  await clean(dir);
});

async function copyOf(dataDir = join(dir, 'data')): Promise<string> {
  await run('cp', ['-a', made, dataDir], { timeoutMs: 30_000 });
  return dataDir;
}

async function open(dataDir = join(dir, 'data')) {
  const store = await openStore({ dataDir });
  servers.push(store.embedded?.pid() ?? 0);
  return store;
}

describe('start and stop', () => {
  test('the first start creates, the second only starts, and both are quick', async () => {
    const store = await open();
    expect(store.embedded?.how).toBe('created');
    await store.query({ text: "insert into meta values ('a', 'kept')" });
    const pid = store.embedded?.pid() ?? 0;
    await store.close();
    expect(await isGone(pid)).toBe(true);

    const from = systemClock.monotonic();
    const again = await open();
    const took = systemClock.monotonic() - from;
    expect(again.embedded?.how).toBe('started');
    expect(await again.query({ text: "select value from meta where key = 'a'" })).toEqual([{ value: 'kept' }]);
    await again.close();
    expect(took).toBeLessThan(2_000); // 0.15 s alone; other tests share the machine
  });

  test('durable, by socket only, with a password, as nobody’s superuser', async () => {
    const store = await open(await copyOf());
    const settings = await store.query<{ name: string; setting: string }>({
      text: `select name, setting from pg_settings where name = any ($1)`,
      values: [
        ['fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'jit', 'TimeZone', 'lc_collate'],
      ],
    });
    expect(Object.fromEntries(settings.map((row) => [row.name, row.setting]))).toMatchObject({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      jit: 'off',
      TimeZone: 'UTC',
    });
    const [role] = await store.query({
      text: 'select rolsuper, rolcreatedb from pg_roles where rolname = current_user',
    });
    expect(role).toEqual({ rolsuper: false, rolcreatedb: false });
    expect((await stat(join(dir, 'data', 'database.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(store.embedded?.socketDir ?? '')).mode & 0o777).toBe(0o711);
    const wrong = new URL(store.url);
    wrong.password = 'wrong';
    await expect(openStore({ databaseUrl: wrong.href })).rejects.toMatchObject({ code: 'DatabaseRefused' });
    await store.close();
  });

  test('a data directory too deep for a socket', async () => {
    const deep = join(dir, 'd'.repeat(60), 'e'.repeat(60));
    await mkdir(join(deep, '..'), { recursive: true });
    const store = await open(await copyOf(deep));
    expect(store.embedded?.socketDir.length).toBeLessThan(85);
    expect(await store.query({ text: 'select 1 as n' })).toEqual([{ n: 1 }]);
    await store.close();
    await expect(stat(store.embedded?.socketDir ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('Debian’s server when the package’s does not run; its data keeps its version', async ({ skip }) => {
    const installed = await stat('/usr/lib/postgresql').catch(() => undefined);
    if (installed === undefined) skip('Debian’s PostgreSQL is not installed');
    const options = { dataDir: join(dir, 'data'), clock: systemClock, log: silentLog };
    const server = await openEmbedded({ ...options, skipEmbedded: true });
    const store = await openStore({ databaseUrl: server.url });
    const [row] = await store.query<{ v: string }>({ text: 'show server_version' });
    expect(row).not.toMatchObject({ server_version: expect.stringMatching(/^18/) });
    await store.close();
    await server.close();
    // The package's is there again, but this data belongs to the other one.
    const again = await openEmbedded(options);
    expect(again.how).toBe('started');
    await again.close();
  });
});

describe('bad days', () => {
  test('kill -9 of the owner: the next start adopts the server that runs', async () => {
    const data = await copyOf();
    const owner = program('own', [data]);
    const said = await owner.next();
    expect(said).toMatchObject({ how: 'started', n: 1 });
    owner.child.kill('SIGKILL');
    await owner.ended;
    expect(await isGone(Number(said['postgres']))).toBe(false);
    const store = await open(data);
    expect(store.embedded?.how).toBe('adopted');
    expect(store.embedded?.pid()).toBe(said['postgres']);
    await store.close();
    expect(await isGone(Number(said['postgres']))).toBe(true);
  });

  test('kill -9 of owner and server: the next start recovers', async () => {
    const data = await copyOf();
    const owner = program('own', [data]);
    const said = await owner.next();
    owner.child.kill('SIGKILL');
    process.kill(Number(said['postgres']), 'SIGKILL');
    await owner.ended;
    const store = await open(data);
    expect(store.embedded?.how).toBe('started');
    await store.close();
  });

  test('an adopted server that does not answer is replaced', async () => {
    const data = await copyOf();
    const owner = program('own', [data]);
    const said = await owner.next();
    owner.child.kill('SIGKILL');
    await owner.ended;
    process.kill(Number(said['postgres']), 'SIGSTOP');
    const store = await open(data);
    expect(store.embedded?.how).toBe('started');
    await store.close();
  });

  test('a pid file that now names some other program', async () => {
    await copyOf();
    await writeFile(join(dir, 'data', 'pg', 'postmaster.pid'), `${process.pid}\n/x\n1\n5432\n/x\n\n1 2\nready\n`);
    const again = await open();
    expect(again.embedded?.how).toBe('started');
    await again.close();
  });

  test('one owner at a time; others may join', async () => {
    const data = await copyOf();
    const store = await open(data);
    const second = program('own', [data]);
    expect(await second.next()).toMatchObject({ error: expect.stringContaining(`in use by process ${process.pid}`) });
    expect(await second.ended).toBe(1);
    const guest = program('own', [data, 'join']);
    expect(await guest.next()).toMatchObject({ how: 'joined', n: 1 });
    guest.tell('close');
    expect(await guest.ended).toBe(0);
    expect(await store.query({ text: 'select 1 as n' })).toEqual([{ n: 1 }]);
    await store.close();
    await expect(openStore({ dataDir: data, server: 'join' })).rejects.toMatchObject({ code: 'NotRunning' });
  });

  test('owner files left by the dead: of this boot, of another one, half-written', async () => {
    const data = await copyOf();
    const owner = join(data, 'owner');
    const mine = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    expect(await readFile(owner, 'utf8').catch(() => 'none')).toBe('none');
    const view = `${mine} ${await import('node:fs').then((fs) => fs.readlinkSync('/proc/self/ns/pid'))}`;
    // Our own pid, but another start time: a process before us had it.
    for (const text of [JSON.stringify({ pid: process.pid, started: '1', view }), '{"pid":', '']) {
      await writeFile(owner, text);
      await (await open(data)).close();
    }
    await writeFile(owner, JSON.stringify({ pid: 1, started: '1', view: 'another boot' }));
    await (await open(data)).close();
    // Another container: its pids say nothing, so it is watched for a sign of life.
    await writeFile(owner, JSON.stringify({ pid: 1, started: '1', view: `${mine} pid:[1]` }));
    const from = systemClock.monotonic();
    await (await open(data)).close();
    expect(systemClock.monotonic() - from).toBeGreaterThan(2_000);
    await writeFile(owner, JSON.stringify({ pid: 1, started: '1', view: `${mine} pid:[1]` }));
    const alive = systemClock.every(
      500,
      () => void writeFile(owner, `${JSON.stringify({ pid: 1, started: '1', view: `${mine} pid:[1]` })}`),
    );
    await expect(open(data)).rejects.toMatchObject({ code: 'DataDirInUse' });
    alive();
  });

  test('Ctrl-C in the terminal does not reach the server', async () => {
    const data = await copyOf();
    const owner = program('own', [data]);
    const said = await owner.next();
    const pid = Number(said['postgres']);
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    expect(Number(fields[2])).toBe(pid); // process group
    expect(Number(fields[3])).toBe(pid); // session
    owner.tell('close');
    await owner.ended;
    expect(await isGone(pid)).toBe(true);
  });

  test('folders that are no database of ours say what to do', async () => {
    const data = join(dir, 'data');
    await mkdir(join(data, 'pg'), { recursive: true });
    await writeFile(join(data, 'pg', 'photo.jpg'), '');
    await expect(open(data)).rejects.toMatchObject({ code: 'DataUnknown' });
    await rm(join(data, 'pg'), { recursive: true });
    await mkdir(join(data, 'pg'));
    await writeFile(join(data, 'pg', 'PG_VERSION'), '9\n');
    await expect(open(data)).rejects.toThrow(/belongs to PostgreSQL 9, but here is only 18.*export/);
    await writeFile(join(dir, 'file'), '');
    await expect(open(join(dir, 'file', 'data'))).rejects.toMatchObject({ code: 'DataDirUnusable' });
  });

  test('the server’s own last words are told', async () => {
    await copyOf();
    const options = { dataDir: join(dir, 'data'), clock: systemClock, log: silentLog };
    await expect(openEmbedded({ ...options, settings: { shared_buffers: '900TB' } })).rejects.toMatchObject({
      code: 'ServerFailed',
    });
    await rm(join(dir, 'data', 'pg', 'global'), { recursive: true });
    await expect(open()).rejects.toThrow(/PostgreSQL does not start: .*pg_control/);
  });
});

describe('as root', () => {
  test('under a folder closed to others', async ({ skip }) => {
    if (!isRoot) skip('only root runs the server as somebody else');
    const closed = join(dir, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const data = join(closed, 'data');
    const owner = program('own', [data]);
    const said = await owner.next();
    expect(said).toMatchObject({ how: 'created', n: 1 });
    const pid = Number(said['postgres']);
    expect((await stat(`/proc/${pid}`)).uid).not.toBe(0);
    owner.child.kill('SIGKILL');
    await owner.ended;
    const store = await open(data);
    expect(store.embedded?.how).toBe('adopted');
    await store.query({ text: "insert into meta values ('a', 'b')" });
    await store.close();
    const again = await open(data);
    expect(again.embedded?.how).toBe('started');
    process.kill(again.embedded?.pid() ?? 0, 'SIGKILL');
    await eventually(() =>
      again.query({ text: 'select 1' }).then(
        () => again.embedded?.pid(),
        () => undefined,
      ),
    );
    await again.close();
    await expect(stat(again.embedded?.socketDir ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('somebody who is not root', async ({ skip }) => {
    if (!isRoot) skip('only root can become somebody else');
    const data = join(dir, 'data');
    await mkdir(data, { mode: 0o700 });
    await chown(data, NOBODY, NOBODY);
    const owner = program('own', [data], { uid: NOBODY, gid: NOBODY });
    const said = await owner.next();
    expect(said).toMatchObject({ how: 'created', n: 1 });
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    owner.tell('close');
    expect(await owner.ended).toBe(0);
    // Root takes it over and the server stays its owner's.
    const store = await open(data);
    expect((await stat(`/proc/${store.embedded?.pid()}`)).uid).toBe(NOBODY);
    await store.close();
    // And what is root's is refused to others with a sentence.
    await chown(data, 0, 0);
    await chmod(data, 0o700);
    const other = program('own', [data], { uid: NOBODY, gid: NOBODY });
    expect(await other.next()).toMatchObject({ error: expect.stringMatching(/cannot be used: .*EACCES/) });
    await other.ended;
  });
});

describe('in a user namespace', () => {
  const unshare = ['-Urn', process.execPath];
  const own = fileURLToPath(new URL('./programs/own.ts', import.meta.url));
  const ask = fileURLToPath(new URL('./programs/ask.ts', import.meta.url));
  const inside = (args: string[]) => run('unshare', [...unshare, ...args], { timeoutMs: 30_000, okCodes: [0, 1] });

  test('the socket works from inside; a server cannot be started there, and says so', async ({ skip }) => {
    const possible = await run('unshare', ['-Ur', 'true'], { timeoutMs: 5_000 }).catch(() => undefined);
    if (possible === undefined) skip('user namespaces are not allowed here');
    const store = await open(await copyOf());
    expect(JSON.parse((await inside([ask, store.url])).stdout)).toEqual({ n: 1 });
    await store.close();
    const said = JSON.parse((await inside([own, join(dir, 'other')])).stdout) as { error: string };
    expect(said.error).toMatch(/does not run as root and this user namespace.*--database-url/);
  });
});
