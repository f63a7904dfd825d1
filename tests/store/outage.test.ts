import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import { IngotError } from '#kernel/errors';
import { run } from '#kernel/run';
import type { Change } from '#store/contract';
import { openEmbedded } from '#store/embedded/server';
import { silentLog } from '#store/log';
import { type OpenStore, openStore } from '#store/open';
import { clean, eventually, isRoot, scratch } from './children.ts';

let dir: string;
let store: OpenStore;
beforeAll(async () => {
  dir = await scratch();
  store = await openStore({
    dataDir: join(dir, 'data'),
    deadlines: { statement: 1_000, answer: 1_500, connect: 800 },
  });
  await store.query({ text: 'create table beats (id bigint generated always as identity, who int)' });
});
afterAll(async () => {
  await store.close();
  await clean(dir);
});

const beat = (who: number) => store.query({ text: 'insert into beats (who) values ($1)', values: [who] });

/** Writes and reads from eight callers at once until told to stop; counts what happened. */
function traffic() {
  const seen = { written: 0, done: 0, refused: 0, other: [] as unknown[], slowest: 0, lastRefusal: 0 };
  let stop = false;
  const callers = Array.from({ length: 8 }, async (_, who) => {
    while (!stop) {
      const from = systemClock.monotonic();
      try {
        if (who % 2 === 0) {
          await beat(who);
          seen.written += 1;
        } else await store.tx(async (tx) => void (await tx.query({ text: 'select count(*) from beats' })));
        seen.done += 1;
      } catch (error) {
        if (error instanceof IngotError && error.status === 503 && error.retryAfter !== undefined) seen.refused += 1;
        else seen.other.push(error);
        seen.lastRefusal = systemClock.monotonic();
      }
      seen.slowest = Math.max(seen.slowest, systemClock.monotonic() - from);
      await systemClock.sleep(5);
    }
  });
  return {
    seen,
    async end() {
      stop = true;
      await Promise.all(callers);
      return seen;
    },
  };
}

test('kill -9 of PostgreSQL: 503 meanwhile, back within 2 s, nothing that was told done is lost', async () => {
  const heard: Change[] = [];
  const stop = store.changes.subscribe('nodes', (change) => heard.push(change));
  await store.changes.listening();
  heard.length = 0;
  const flow = traffic();
  await eventually(() => flow.seen.done > 50);
  const before = store.embedded?.pid() ?? 0;
  const from = systemClock.monotonic();
  process.kill(before, 'SIGKILL');
  await eventually(() => flow.seen.refused > 0);
  await eventually(() => store.embedded?.pid() !== undefined && store.embedded.pid() !== before);
  const returned = systemClock.monotonic();
  const doneBefore = flow.seen.done;
  await eventually(() => flow.seen.done > doneBefore + 20);
  const back = systemClock.monotonic();
  const seen = await flow.end();
  expect(back - returned).toBeLessThan(2_000);
  expect(back - from).toBeLessThan(6_000); // 0.4 s on a quiet machine
  expect(seen.other).toEqual([]);
  expect(store.embedded?.problem()).toBeUndefined();
  const [row] = await store.query<{ n: number }>({ text: 'select count(*)::int as n from beats' });
  expect(row?.n).toBeGreaterThanOrEqual(seen.written);
  await eventually(() => heard.some((change) => change.id === '*'));
  stop();
});

test('PostgreSQL hangs (SIGSTOP): deadlines, no hanging callers, and back when it is', async () => {
  const pid = store.embedded?.pid() ?? 0;
  const { stdout } = await run('pgrep', ['-P', String(pid)], { timeoutMs: 5_000 });
  const all = [pid, ...stdout.trim().split('\n').map(Number)];
  const flow = traffic();
  await eventually(() => flow.seen.done > 20);
  for (const each of all) process.kill(each, 'SIGSTOP');
  try {
    await systemClock.sleep(3_500);
    expect(flow.seen.refused).toBeGreaterThan(8);
  } finally {
    for (const each of all.reverse()) process.kill(each, 'SIGCONT');
  }
  const from = systemClock.monotonic();
  const done = flow.seen.done;
  await eventually(() => flow.seen.done > done + 50);
  expect(systemClock.monotonic() - from).toBeLessThan(2_000);
  const seen = await flow.end();
  expect(seen.other).toEqual([]);
  expect(seen.slowest).toBeLessThan(5_500); // connect, begin, statement, rollback: each has its own deadline
});

test('an external server away for some seconds: refusals are quick, recovery needs nobody', async () => {
  const options = { dataDir: join(dir, 'external'), clock: systemClock, log: silentLog };
  let server = await openEmbedded(options);
  const guest = await openStore({ databaseUrl: server.url });
  const heard: Change[] = [];
  guest.changes.subscribe('nodes', (change) => heard.push(change));
  await guest.changes.listening();
  heard.length = 0;
  await server.close();
  for (let i = 0; i < 5; i++) {
    const from = systemClock.monotonic();
    await expect(guest.query({ text: 'select 1' })).rejects.toMatchObject({
      code: 'DatabaseUnavailable',
      retryAfter: 1,
    });
    expect(systemClock.monotonic() - from).toBeLessThan(500);
    await systemClock.sleep(300);
  }
  await expect(openStore({ databaseUrl: server.url })).rejects.toThrow(/The database \/.*\/ingot is not available/);
  server = await openEmbedded(options);
  const from = systemClock.monotonic();
  await eventually(() =>
    guest.query({ text: 'select 1' }).then(
      () => true,
      () => false,
    ),
  );
  await eventually(() => heard.some((change) => change.id === '*'));
  expect(systemClock.monotonic() - from).toBeLessThan(2_000);
  await guest.close();
  await server.close();
});

describe('a disk without room', () => {
  test('says so, goes on reading, and works again when there is room', async ({ skip }) => {
    if (!isRoot) skip('only root may mount a small file system');
    const mount = join(dir, 'small');
    await mkdir(mount);
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=755', 'tmpfs', mount], {
      timeoutMs: 5_000,
      okCodes: [0, 1, 32],
    });
    if (mounted.code !== 0) skip('this container may not mount a small file system');
    try {
      const small = await openStore({ dataDir: join(mount, 'data') });
      await small.query({ text: 'create table filler (t text)' });
      // Random text, since PostgreSQL compresses.
      const fill = () =>
        small.query({
          text: `insert into filler select string_agg(md5(random()::text), '') from generate_series(1, 20000) g, generate_series(1, 10) r group by r`,
        });
      let error: unknown;
      for (let i = 0; i < 60 && error === undefined; i++) await fill().catch((e: unknown) => (error = e));
      expect(error).toMatchObject({ status: 503 });
      // The table's file met the end of the disk first, and reading goes on; or the log did, and the server died.
      const state = await eventually(async () => {
        const answer = await small.query({ text: 'select count(*) from filler' }).catch((e: unknown) => e);
        if (Array.isArray(answer)) return 'reads';
        return (answer as IngotError).code === 'DatabaseFull' ? 'full' : undefined;
      });
      if (state === 'full') expect(small.embedded?.problem()).toMatch(/No space left on device/);
      await run('mount', ['-o', 'remount,size=400m', mount], { timeoutMs: 5_000 });
      await eventually(
        () =>
          fill().then(
            () => true,
            () => false,
          ),
        15_000,
      );
      await small.close();
      // Too small from the beginning.
      await run('mount', ['-o', 'remount,size=400m', mount], { timeoutMs: 5_000 });
      await rm(join(mount, 'data'), { recursive: true });
      await run('mount', ['-o', 'remount,size=8m', mount], { timeoutMs: 5_000 });
      await expect(openStore({ dataDir: join(mount, 'data') })).rejects.toThrow(/No space left on device/);
    } finally {
      await run('umount', ['-l', mount], { timeoutMs: 5_000, okCodes: [0, 1, 32] });
    }
  });
});
