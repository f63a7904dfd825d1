import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestStore } from '#store/testing';
import type { WorkflowContext, WorkRuntime } from '#work/contract';
import { prune } from '#work/prune';
import { createWork } from '#work/runtime';
import { untilEnded } from '#work/testing/prove';
import { openWorkStore } from '#work/testing/store';
import { logOf } from './scenarios/machine.ts';
import { atSite, until } from './scenarios/site.ts';

// A runtime that comes and goes in this process, and what it finds in the database.

let test: TestStore;
const bodies = new Map<string, (context: WorkflowContext) => Promise<void>>();
const free = {
  name: 'free',
  version: 1,
  run: (context: WorkflowContext) => bodies.get(context.workflowId)?.(context) ?? Promise.resolve(),
  failed: async () => {},
};
const enqueue = (work: WorkRuntime, id: string, body: (context: WorkflowContext) => Promise<void>) => {
  bodies.set(id, body);
  return test.store.tx((tx) => work.enqueue(tx, free, null, { id, group: '' }));
};
async function running(fn: (work: WorkRuntime) => Promise<void>): Promise<void> {
  const work = createWork({ store: test.store, host: 'one', times: { beatMs: 100, leaseMs: 3_000, marginMs: 100 } });
  work.register(free);
  await work.start();
  try {
    await fn(work);
  } finally {
    await work.stop({ drainMs: 500 });
  }
}

beforeAll(async () => {
  test = await openWorkStore();
});
afterAll(() => test?.close());

describe('a runtime', () => {
  it('can be stopped and started again in one process; what waits goes on', async () => {
    let heard: unknown;
    await running(async (work) => {
      await enqueue(work, 'r1', async (context) => {
        heard = await context.receive('t', 60_000);
      });
      await until(() => work.counts().waiting === 1);
    });
    await running(async (work) => {
      await until(() => work.counts().waiting === 1);
      await test.store.tx((tx) => work.signal(tx, 'r1', 't', 'hello'));
      expect(await untilEnded(work, 'r1', 5_000)).toMatchObject({ state: 'done', takeovers: 0 });
    });
    expect(heard).toBe('hello');
  });

  it('takes up work of conductors nobody knows, as after an import', () =>
    running(async (work) => {
      let ran = 0;
      await enqueue(work, 'r2', async (context) => {
        ran++;
        if (ran === 1) {
          await test.store.query({
            text: `update dbos.workflow_status set executor_id = 'elsewhere', owner_xid = null where workflow_uuid = 'r2'`,
          });
        }
        await context.step({ name: 's', budgetMs: 1_000, do: async () => {} });
      });
      expect(await untilEnded(work, 'r2', 10_000)).toMatchObject({ state: 'done', takeovers: 1 });
      expect(ran).toBe(2);
    }));

  it('finds work it was not told of', () =>
    running(async (work) => {
      bodies.set('r3', async () => {});
      await test.store.query({ text: `select work_enqueue('r3', 'free@1', '', null, 'null')` });
      expect((await untilEnded(work, 'r3', 2_000)).state).toBe('done');
    }));

  it('keeps its lease while all connections of the store are taken', () =>
    running(async (work) => {
      const { incarnation } = work.lease;
      const busy = Array.from({ length: 30 }, () => test.store.query({ text: 'select pg_sleep(1.2)' }).catch(() => {}));
      await Promise.all(busy);
      expect(work.lease.held).toBe(true);
      expect(work.lease.incarnation).toBe(incarnation);
    }));

  it('prunes what finished long ago, and nothing else', () =>
    running(async (work) => {
      const release = Promise.withResolvers<void>();
      await enqueue(work, 'old', async (c) => void (await c.receive('x', 1)));
      await enqueue(work, 'busy', (c) => c.step({ name: 's', budgetMs: 60_000, do: () => release.promise }));
      await untilEnded(work, 'old', 5_000);
      expect(await prune(test.store, 60_000)).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await prune(test.store, 0)).toBeGreaterThan(0);
      expect(await work.status('old')).toBeNull();
      expect((await work.status('busy'))?.state).toBe('running');
      for (const table of ['operation_outputs', 'workflow_input', 'workflow_output']) {
        const text = `select 1 from dbos.${table} where workflow_uuid = 'old'`;
        expect(await test.store.query({ text })).toEqual([]);
      }
      release.resolve();
      expect((await untilEnded(work, 'busy', 5_000)).state).toBe('done');
    }));

  it('shares chores out over the live conductors', () =>
    running(async (work) => {
      await until(() => work.owns('', 'node-1'));
      expect(work.owns('elsewhere', 'node-1')).toBe(false);
      expect(work.lease.held).toBe(true);
    }));
});

describe('a process that stands still', () => {
  it('loses its lease in the same tick in which it wakes, and goes on under a new life', () =>
    atSite({}, async (site) => {
      const a = await site.conductor('a', { data: { versions: [1] } });
      const id = await site.deploy({ powerMs: 200, blockMs: 2_600 });
      expect(await site.ended(id)).toMatchObject({ state: 'done', takeovers: 1 });
      // The first attempt blocked the process past its lease: its write was refused.
      expect(a.lines.filter((line) => line.startsWith(`powering ${id}`))).toEqual([
        `powering ${id} false`,
        `powering ${id} true`,
      ]);
      expect(await logOf(site.test.store, id)).toEqual(['reserve', 'power on', 'activate v1']);
    }));
});
