import { afterAll, beforeAll, expect, test } from 'vitest';
import { settleAllocations } from '#baremetal/app/allocations/settle';
import { newUuid } from '#kernel/ids';
import type { TestStore } from '#store/testing';
import { openWorkStore } from '#work/testing/store';
import { insertNode } from './harness.ts';

// Several conductors settle allocations of the same machines at once: no machine is given twice, none is left while
// somebody waits for it, nobody waits for ever, and who asked first is served first.

let place: TestStore;
beforeAll(async () => {
  place = await openWorkStore();
});
afterAll(() => place.close());

const NODES = 40;
const ASKED = 60;
const SETTLERS = 4;

interface Settled {
  uuid: string;
  state: string;
  node_uuid: string | null;
  last_error: string | null;
}

test('four settle at once what wants more machines than there are', async () => {
  const { store } = place;
  for (let i = 0; i < NODES; i++)
    await insertNode(store, newUuid(), {
      provision_state: 'available',
      power_state: 'power off',
      resource_class: 'gold',
    });
  await store.query({
    text: `insert into allocations (uuid, resource_class, state)
           select gen_random_uuid(), 'gold', 'allocating' from generate_series(1, $1)`,
    values: [ASKED],
  });
  const all = () =>
    store.query<Settled>({ text: 'select uuid, state, node_uuid, last_error from allocations order by seq' });
  await expect
    .poll(
      async () => {
        await Promise.all(Array.from({ length: SETTLERS }, () => settleAllocations({ store })));
        return (await all()).filter(({ state }) => state === 'allocating').length;
      },
      { timeout: 30_000 },
    )
    .toBe(0);
  const settled = await all();
  const active = settled.filter(({ state }) => state === 'active');
  expect(active).toHaveLength(NODES);
  expect(new Set(active.map(({ node_uuid }) => node_uuid)).size).toBe(NODES);
  // What each machine says of itself is the same story.
  const told = await store.query<{ uuid: string; allocation_uuid: string }>({
    text: 'select uuid, allocation_uuid, instance_uuid from nodes where instance_uuid = allocation_uuid',
  });
  expect(new Map(told.map((node) => [node.allocation_uuid, node.uuid]))).toEqual(
    new Map(active.map(({ uuid, node_uuid }) => [uuid, node_uuid])),
  );
  const failed = settled.filter(({ state }) => state === 'error');
  expect(failed).toHaveLength(ASKED - NODES);
  for (const { last_error } of failed) expect(last_error).toMatch(/^Failed to process allocation/);
});

test('who asked first is served first', async () => {
  const { store } = place;
  await insertNode(store, newUuid(), { provision_state: 'available', power_state: 'power off', resource_class: 'tin' });
  const [first, second] = [newUuid(), newUuid()];
  for (const uuid of [first, second])
    await store.query({
      text: "insert into allocations (uuid, resource_class, state) values ($1, 'tin', 'allocating')",
      values: [uuid],
    });
  await settleAllocations({ store });
  const states = await store.query<Settled>({
    text: "select uuid, state from allocations where resource_class = 'tin' order by seq",
  });
  expect(states).toEqual([
    { uuid: first, state: 'active' },
    { uuid: second, state: 'error' },
  ]);
});
