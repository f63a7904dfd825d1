import { afterEach, expect, test } from 'vitest';
import type { ConductorConfig } from '#baremetal/model/conductor-config';
import { trimHistory } from '#baremetal/store/history';
import { systemClock } from '#kernel/clock';
import { type Life, type NodeView, openLife } from './harness.ts';

let life: Life | undefined;
afterEach(() => life?.close());

const SYNC = { everyMs: 200, workers: 4, retries: 1, force: false, listeners: 10, recoveryMs: 200 };

async function open(conductor: Partial<ConductorConfig>): Promise<Life> {
  life = await openLife({ conductor });
  return life;
}

async function eventually(read: () => Promise<NodeView>, right: (node: NodeView) => boolean): Promise<NodeView> {
  const deadline = systemClock.monotonic() + 10_000;
  for (;;) {
    const node = await read();
    if (right(node)) return node;
    if (systemClock.monotonic() > deadline) throw new Error(`still ${JSON.stringify(node.power_state)} ${node.fault}`);
    await systemClock.sleep(20);
  }
}

const machine = (uuid: string, power: string) =>
  life?.store.query({
    text: `insert into fake_machines (node_uuid, state) values ($1, $2)
      on conflict (node_uuid) do update set state = excluded.state`,
    values: [uuid, JSON.stringify({ power })],
  });

test('a machine that differs from its record is recorded as it is', async () => {
  const { enrol, row, history } = await open({ powerSync: SYNC });
  const [uuid = ''] = await enrol(1, { provision_state: 'active', power_state: 'power on' });
  await machine(uuid, 'power off');
  await eventually(
    () => row(uuid),
    (node) => node.power_state === 'power off',
  );
  expect(await history(uuid)).toMatchObject([{ event_type: 'monitoring', severity: 'WARNING' }]);
});

test('or is put back, where the operator wants that', async () => {
  const { enrol, row, ledger } = await open({ powerSync: { ...SYNC, force: true } });
  const [uuid = ''] = await enrol(1, { provision_state: 'active', power_state: 'power on' });
  await machine(uuid, 'power off');
  const deadline = systemClock.monotonic() + 10_000;
  while ((await ledger(uuid)).length === 0 && systemClock.monotonic() < deadline) await systemClock.sleep(20);
  expect((await ledger(uuid)).map((one) => one.action)).toEqual(['power on']);
  expect(
    await eventually(
      () => row(uuid),
      (node) => node.intent_id === null,
    ),
  ).toMatchObject({ power_state: 'power on' });
});

test('looks go on after the database was away in the middle of a round', async () => {
  const { enrol, row, store } = await open({ powerSync: SYNC });
  const [uuid = ''] = await enrol(1, { provision_state: 'active', power_state: 'power on' });
  await machine(uuid, 'power on');
  await store.query({ text: 'alter table nodes rename to nodes_away' });
  await systemClock.sleep(600);
  await store.query({ text: 'alter table nodes_away rename to nodes' });
  await machine(uuid, 'power off');
  await eventually(
    () => row(uuid),
    (node) => node.power_state === 'power off',
  );
});

test('a BMC that does not answer: maintenance with a power failure, and back when it answers', async () => {
  const { enrol, row, store } = await open({ powerSync: SYNC });
  const [uuid = ''] = await enrol(1, {
    provision_state: 'active',
    power_state: 'power on',
    driver_info: { fake_fail: { 'power.get': 'no answer' } },
  });
  await machine(uuid, 'power on');
  const failed = await eventually(
    () => row(uuid),
    (node) => node.fault !== null,
  );
  expect(failed).toMatchObject({ fault: 'power failure', maintenance: true, power_state: null });
  expect(failed.last_error).toContain('no answer');
  await store.query({
    text: `update nodes set driver_info = '{}', revision = revision + 1 where uuid = $1`,
    values: [uuid],
  });
  expect(
    await eventually(
      () => row(uuid),
      (node) => node.fault === null,
    ),
  ).toMatchObject({ maintenance: false, power_state: 'power on', last_error: null, maintenance_reason: null });
});

test('a node whose work is lost is failed cleanly', async () => {
  const { enrol, until, history } = await open({ orphanEveryMs: 100 });
  const lost = { operation_id: 'nobody-knows', operation: 'x', provision_updated_at: new Date(Date.now() - 60_000) };
  const states = [
    ['cleaning', 'clean failed'],
    ['clean wait', 'clean failed'],
    ['clean hold', 'clean failed'],
    ['deploying', 'deploy failed'],
    ['verifying', 'enroll'],
    ['deleting', 'error'],
    ['rescue wait', 'rescue failed'],
    ['service hold', 'service failed'],
    ['inspecting', 'inspect failed'],
    ['adopting', 'adopt failed'],
    ['unrescuing', 'unrescue failed'],
  ] as const;
  for (const [state, failed] of states) {
    const [uuid = ''] = await enrol(1, { ...lost, provision_state: state, target_provision_state: 'available' });
    const node = await until(uuid, failed);
    expect(node.last_error, state).toContain('lost');
    expect(
      (await history(uuid)).some((entry) => entry.severity === 'ERROR'),
      state,
    ).toBe(true);
  }
});

test('histories keep their newest entries', async () => {
  const { enrol, store } = await open({});
  const [uuid = '', other = ''] = await enrol(2);
  for (const [node, count] of [
    [uuid, 50],
    [other, 5],
  ] as const) {
    await store.query({
      text: `insert into node_history (node_uuid, event_type, event) select $1, 'x', i::text from generate_series(1, $2::int) i`,
      values: [node, count],
    });
  }
  expect(await trimHistory(store, 10, 100)).toBe(40);
  const left = await store.query<{ event: string }>({
    text: 'select event from node_history where node_uuid = $1 order by id',
    values: [uuid],
  });
  expect(left.map((row) => row.event)).toEqual(Array.from({ length: 10 }, (_, i) => String(41 + i)));
  expect(await trimHistory(store, 10, 100)).toBe(0);
});
