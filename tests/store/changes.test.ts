import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#kernel/clock';
import type { Change } from '#store/contract';
import { openStore } from '#store/open';
import { openTestStore, type TestStore } from '#store/testing';
import { eventually, type Program, program } from './children.ts';

let at: TestStore;
let other: Program;
beforeAll(async () => {
  at = await openTestStore();
  other = program('changes', [at.url]);
  await at.store.changes.listening();
  for (;;) if ((await other.next())['ready']) break;
});
afterAll(async () => {
  other.child.kill();
  await other.ended;
  await at.close();
});

test('subscribers here hear at the commit, other processes at once after it', async () => {
  const heard: Change[] = [];
  const stop = at.store.changes.subscribe('nodes', (change) => heard.push(change));
  const from = systemClock.monotonic();
  await at.store.tx(async (tx) => {
    tx.changed('nodes', 'n1');
    tx.changed('nodes', 'n1');
    tx.changed('ports', 'p 1/ö\n');
    await tx.query({ text: 'select 1' });
    expect(heard).toEqual([]);
  });
  expect(heard).toEqual([{ topic: 'nodes', id: 'n1' }]);
  expect([await other.next(), await other.next()]).toEqual([
    { topic: 'nodes', id: 'n1' },
    { topic: 'ports', id: 'p 1/ö\n' },
  ]);
  expect(systemClock.monotonic() - from).toBeLessThan(1_000);
  await at.store
    .tx(async (tx) => {
      tx.changed('nodes', 'n2');
      throw new Error('no');
    })
    .catch(() => {});
  expect(heard.length).toBe(1);
  stop();
});

test('from another process to this one', async () => {
  const heard: Change[] = [];
  const stop = at.store.changes.subscribe('*', (change) => heard.push(change));
  other.tell('nodes x1\n');
  await eventually(() => heard.length > 0);
  expect(heard).toEqual([{ topic: 'nodes', id: 'x1' }]);
  stop();
  await other.next(); // it heard itself, at its commit
});

test('many changes are one notification, and none is sent inside a transaction', async () => {
  const listener = new pg.Client({ connectionString: at.url });
  await listener.connect();
  let payloads = 0;
  listener.on('notification', () => {
    payloads += 1;
  });
  await listener.query('listen ingot_changes');
  await systemClock.sleep(30);
  await Promise.all(Array.from({ length: 100 }, (_, i) => at.store.tx(async (tx) => tx.changed('burst', String(i)))));
  for (let i = 0; i < 100; i++) expect(await other.next()).toMatchObject({ topic: 'burst' });
  await listener.query('select 1');
  expect(payloads).toBeLessThan(30);
  // A thousand ids are chunked; more become "all of it".
  await at.store.tx(async (tx) => {
    for (let i = 0; i < 900; i++) tx.changed('many', `0b0f3c1e-0000-4000-8000-00000000${1000 + i}`);
  });
  const ids = new Set<unknown>();
  while (ids.size < 900) ids.add((await other.next())['id']);
  await at.store.tx(async (tx) => {
    for (let i = 0; i < 5_000; i++) tx.changed('more', String(i));
  });
  expect(await other.next()).toEqual({ topic: 'more', id: '*' });
  // PostgreSQL keeps statements' texts of finished work: none of the transactions spoke of NOTIFY.
  const [row] = await at.store.query<{ n: bigint }>({
    text: "select count(*) as n from pg_stat_activity where application_name = 'ingot' and query ilike '%notify%' and pid <> pg_backend_pid()",
  });
  expect(row?.n).toBe(0n);
  await listener.end();
});

test('after a lost connection everybody is told to look again, and nothing that was to be said is lost', async () => {
  const heard: Change[] = [];
  const stop = at.store.changes.subscribe('nodes', (change) => heard.push(change));
  const all: Change[] = [];
  const stopAll = at.store.changes.subscribe('*', (change) => all.push(change));
  const kill = new pg.Client({ connectionString: at.adminUrl });
  await kill.connect();
  await kill.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ingot-changes' and datname = current_database()",
  );
  await at.store.tx(async (tx) => tx.changed('quiet', 'q1'));
  await eventually(() => heard.some((change) => change.id === '*'));
  expect(all).toContainEqual({ topic: '*', id: '*' });
  // The other process lost its connection too; it hears its own "look again" and, once, our batch or its remainder.
  await eventually(async () => (await other.next())['id'] === '*');
  await at.store.changes.listening();
  const second = await openStore({ databaseUrl: at.url, migrate: 'skip' });
  const late: Change[] = [];
  second.changes.subscribe('late', (change) => late.push(change));
  await second.changes.listening();
  await at.store.tx(async (tx) => tx.changed('late', 'l1'));
  await eventually(() => late.some((change) => change.id === 'l1' || change.id === '*'));
  await second.close();
  await kill.end();
  stop();
  stopAll();
});

test('a subscriber that throws harms nobody; announce works without a transaction', async () => {
  const heard: string[] = [];
  const stops = [
    at.store.changes.subscribe('t', () => {
      throw new Error('broken');
    }),
    at.store.changes.subscribe('t', (change) => heard.push(change.id)),
  ];
  at.store.changes.announce('t', 'a', 'b');
  expect(heard).toEqual(['a', 'b']);
  for (const stop of stops) stop();
});
