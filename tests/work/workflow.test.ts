import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IngotError } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import type { TestStore } from '#store/testing';
import type { Json, Workflow, WorkflowContext, WorkRuntime } from '#work/contract';
import { createWork } from '#work/runtime';
import { proveWorkflow, untilEnded } from '#work/testing/prove';
import { openWorkStore } from '#work/testing/store';
import { makeTestProbe } from '#work/testing/test-probe';
import { deploy, logOf, machineOf, makeMachine, makeTables, pause } from './scenarios/machine.ts';

// One runtime in this process; what crosses processes is in the other files.

let test: TestStore;
let work: WorkRuntime;
const probe = makeTestProbe();
const bodies = new Map<string, (context: WorkflowContext) => Promise<void>>();
const failures = new Map<string, Error>();

/** A workflow whose body each test brings along. */
const free: Workflow<Json> = {
  name: 'free',
  version: 1,
  run: (context) => bodies.get(context.workflowId)?.(context) ?? Promise.resolve(),
  async failed(context, _input, error) {
    await context.step({ name: 'fail', budgetMs: 1_000, do: async () => void failures.set(context.workflowId, error) });
  },
};
const two: Workflow<Json> = { ...free, name: 'two', limit: 'two' };

let count = 0;
async function enqueue(body: (context: WorkflowContext) => Promise<void>, workflow = free): Promise<string> {
  const id = `w-${++count}`;
  bodies.set(id, body);
  await test.store.tx((tx) => work.enqueue(tx, workflow, null, { id, group: '' }));
  return id;
}
const ended = (id: string) => untilEnded(work, id, 10_000);
const until = async (condition: () => boolean | Promise<boolean>) => {
  const end = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

beforeAll(async () => {
  test = await openWorkStore();
  work = createWork({ store: test.store, host: 'one', probe, limits: { two: 2, deploy: 20 } });
  const world = { store: test.store, around: <T>(_: string, fn: () => Promise<T>) => fn(), say: () => {} };
  await makeTables(test.store);
  work.register(free);
  work.register(two);
  work.register(deploy(world));
  await work.start();
});
afterAll(async () => {
  await work?.stop();
  await test?.close();
});

describe('enqueue', () => {
  it('does nothing when the transaction rolls back, and one thing for one id', async () => {
    let runs = 0;
    bodies.set('once', async () => void runs++);
    const options = { id: 'once', group: '' };
    await expect(
      test.store.tx(async (tx) => {
        await work.enqueue(tx, free, null, options);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await work.status('once')).toBeNull();
    await Promise.all([1, 2, 3].map(() => test.store.tx((tx) => work.enqueue(tx, free, null, options))));
    await test.store.tx((tx) => work.enqueue(tx, free, null, options));
    await ended('once');
    expect(runs).toBe(1);
  });

  it('begins the first step within 50 ms of the commit', async () => {
    const times: number[] = [];
    for (let i = 0; i < 20; i++) {
      let begun = 0;
      const id = await enqueue(async (context) => {
        await context.step({ name: 's', budgetMs: 1_000, do: async () => void (begun = performance.now()) });
      });
      const committed = performance.now();
      await ended(id);
      times.push(begun - committed);
    }
    times.sort((a, b) => a - b);
    expect(times[10]).toBeLessThan(50);
  });

  it('refuses workflows it does not know and inputs that are too large', async () => {
    const unknown = { ...free, name: 'unknown' };
    const options = { id: 'u', group: '' };
    await expect(test.store.tx((tx) => work.enqueue(tx, unknown, null, options))).rejects.toThrow('unknown');
    const large = test.store.tx((tx) => work.enqueue(tx, free, 'x'.repeat(300_000), options));
    await expect(large).rejects.toMatchObject({ code: 'WorkTooLarge' });
  });
});

describe('steps', () => {
  it('are tried again after a transient error, asking check first, and not after another', async () => {
    const seen: string[] = [];
    const id = await enqueue(async (context) => {
      const value = await context.step({
        name: 'flaky',
        budgetMs: 10_000,
        retries: 2,
        check: async (step) => {
          seen.push(`check ${step.attempt}`);
          return step.attempt === 3 ? 'found' : undefined;
        },
        do: async (step) => {
          seen.push(`do ${step.attempt}`);
          throw new IngotError('Busy', 503, 'busy', { retryAfter: 0.01 });
        },
      });
      expect(value).toBe('found');
      await context.step({
        name: 'broken',
        budgetMs: 10_000,
        retries: 5,
        do: async () => {
          seen.push('broken');
          throw new IngotError('Broken', 400, 'broken', { details: { part: 'fan' } });
        },
      });
    });
    expect(await ended(id)).toMatchObject({ state: 'failed', error: 'broken' });
    expect(seen).toEqual(['do 1', 'check 2', 'do 2', 'check 3', 'broken']);
    expect(failures.get(id)).toMatchObject({ code: 'Broken', status: 400, details: { part: 'fan' } });
  });

  it('end with StepTimeout when their budget is used up, retries included', async () => {
    const reasons: unknown[] = [];
    const id = await enqueue(async (context) => {
      await context.step({
        name: 'slow',
        budgetMs: 150,
        retries: 100,
        do: async (step) => {
          if (step.attempt === 1) step.signal.addEventListener('abort', () => reasons.push(step.signal.reason));
          await pause(60, step.signal);
          throw new IngotError('Busy', 503, 'busy', { retryAfter: 0.001 });
        },
      });
    });
    expect(await ended(id)).toMatchObject({ state: 'failed' });
    expect(failures.get(id)).toMatchObject({ code: 'StepTimeout', status: 504 });
    expect(reasons).toHaveLength(1);
  });

  it('may run next to each other', async () => {
    const id = await enqueue(async (context) => {
      const step = (n: number) => context.step({ name: `p${n}`, budgetMs: 1_000, do: async () => n * n });
      expect(await Promise.all([step(1), step(2), step(3)])).toEqual([1, 4, 9]);
    });
    expect((await ended(id)).state).toBe('done');
  });

  it('are undone in reverse, only those that succeeded, and an undo that fails stops no other', async () => {
    const undone: string[] = [];
    const id = await enqueue(async (context) => {
      for (const name of ['a', 'b', 'c', 'd']) {
        await context.step({
          name,
          budgetMs: 1_000,
          do: async () => {
            if (name === 'd') throw new IngotError('Last', 500, 'the last one fails');
          },
          undo: async () => {
            undone.push(name);
            if (name === 'b') throw new Error('cannot undo b');
          },
        });
      }
    });
    expect(await ended(id)).toMatchObject({ state: 'failed', error: 'the last one fails' });
    expect(undone).toEqual(['c', 'b', 'a']);
    expect(failures.get(id)).toMatchObject({ code: 'Last' });
  });

  it('refuse results that are too large', async () => {
    const id = await enqueue(async (context) => {
      await context.step({ name: 'big', budgetMs: 1_000, do: async () => 'x'.repeat(300_000) });
    });
    expect((await ended(id)).state).toBe('failed');
    expect(failures.get(id)).toMatchObject({ code: 'WorkTooLarge' });
  });
});

describe('messages', () => {
  it('wake a waiting workflow at once, one by one, in order; early ones are kept', async () => {
    const heard: unknown[] = [];
    let slept = false;
    const id = await enqueue(async (context) => {
      await context.sleep(100);
      slept = true;
      heard.push(await context.receive('t', 60_000), await context.receive('t', 60_000));
      heard.push(await context.receive('other', 10));
      heard.push(await context.receive('t', 60_000));
    });
    const send = (message: Json) => test.store.tx((tx) => work.signal(tx, id, 't', message));
    expect(await send({ n: 1 })).toBe(true);
    expect(slept).toBe(false);
    await send({ n: 2 });
    await until(() => heard.length === 3);
    await until(() => work.counts().waiting === 1);
    const sent = performance.now();
    await send({ n: 3 });
    await until(() => heard.length === 4);
    expect(performance.now() - sent).toBeLessThan(100);
    expect(heard).toEqual([{ n: 1 }, { n: 2 }, null, { n: 3 }]);
    await ended(id);
    expect(await send({ n: 4 })).toBe(false);
    expect(await test.store.query({ text: 'select 1 from work_messages' })).toEqual([]);
  });

  it('are never lost, however they race with the wait', async () => {
    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        enqueue(async (context) => {
          if (i % 2) await context.step({ name: 's', budgetMs: 1_000, do: async () => {} });
          for (let n = 0; n < 3; n++) expect(await context.receive('t', 5_000)).toBe(n);
        }),
      ),
    );
    await Promise.all(
      ids.map(async (id) => {
        for (let n = 0; n < 3; n++) {
          await new Promise((resolve) => setTimeout(resolve, systemRandom.next() * 8));
          await test.store.tx((tx) => work.signal(tx, id, 't', n));
        }
      }),
    );
    for (const id of ids) expect(await ended(id)).toMatchObject({ state: 'done' });
  });
});

describe('abort', () => {
  it('reaches a running step through its signal, and undoes what was done', async () => {
    const undone: string[] = [];
    let running = false;
    const id = await enqueue(async (context) => {
      await context.step({ name: 'a', budgetMs: 1_000, do: async () => {}, undo: async () => void undone.push('a') });
      await context.step({
        name: 'long',
        budgetMs: 60_000,
        do: async (step) => {
          running = true;
          await pause(60_000, step.signal);
        },
        undo: async () => void undone.push('long'),
      });
    });
    await until(() => running);
    const asked = performance.now();
    expect(await test.store.tx((tx) => work.abort(tx, id, 'the user said so'))).toBe(true);
    expect(await ended(id)).toMatchObject({ state: 'failed' });
    expect(performance.now() - asked).toBeLessThan(500);
    expect(failures.get(id)).toMatchObject({ code: 'Aborted', message: expect.stringContaining('the user said so') });
    expect(undone).toEqual(['a']);
    expect(await test.store.tx((tx) => work.abort(tx, id, 'again'))).toBe(false);
  });

  it('wakes receive and sleep, and is told once a step saw it', async () => {
    for (const wait of ['receive', 'sleep'] as const) {
      let seen: boolean | undefined;
      const id = await enqueue(async (context) => {
        try {
          await (wait === 'receive' ? context.receive('t', 60_000) : context.sleep(60_000));
        } finally {
          seen = context.aborted();
        }
      });
      await until(() => work.counts().waiting === 1);
      await test.store.tx((tx) => work.abort(tx, id, 'enough'));
      expect(await ended(id)).toMatchObject({ state: 'failed' });
      expect(seen).toBe(true);
    }
  });

  it('of work that waits for a place does not wait for the place', async () => {
    const release = Promise.withResolvers<void>();
    const hold = () => enqueue((c) => c.step({ name: 'hold', budgetMs: 60_000, do: () => release.promise }), two);
    const holders = [await hold(), await hold()];
    let stepped = false;
    const third = await enqueue(
      (c) => c.step({ name: 's', budgetMs: 1_000, do: async () => void (stepped = true) }),
      two,
    );
    expect(await work.status(third)).toMatchObject({
      state: 'queued',
      position: 1,
      reason: '2 of 2 twos of group "" are running',
    });
    await test.store.tx((tx) => work.abort(tx, third, 'not needed any more'));
    expect(await ended(third)).toMatchObject({ state: 'failed' });
    expect(stepped).toBe(false);
    release.resolve();
    for (const id of holders) expect((await ended(id)).state).toBe('done');
  });
});

describe('limits', () => {
  it('queue in order and never run more than allowed', async () => {
    let now = 0;
    let most = 0;
    const order: number[] = [];
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) {
      ids.push(
        await enqueue(async (context) => {
          order.push(i);
          most = Math.max(most, ++now);
          await context.step({ name: 's', budgetMs: 1_000, do: (step) => pause(10, step.signal) });
          now--;
        }, two),
      );
    }
    for (const id of ids) expect((await ended(id)).state).toBe('done');
    expect(most).toBe(2);
    // Two that get their places in the same millisecond may begin in either order.
    for (const [i, n] of order.entries()) expect(Math.abs(n - i)).toBeLessThanOrEqual(1);
  });
});

describe('a workflow', () => {
  it('stands every failure inside a process', async () => {
    const ran = await proveWorkflow({
      work,
      store: test.store,
      probe,
      async begin(id) {
        await makeMachine(test.store, id);
        const input = { machine: id, waitMs: 60_000 };
        await test.store.tx(async (tx) => {
          await work.enqueue(tx, deploy({ store: test.store, around: (_, fn) => fn(), say: () => {} }), input, {
            id,
            group: '',
          });
          await work.signal(tx, id, 'agent', { from: 'ramdisk' });
        });
      },
      async verify({ id, state, scenario }) {
        const machine = await machineOf(test.store, id);
        if (scenario.includes('"fail"')) return;
        expect(machine?.state).toBe(state === 'done' ? 'active' : 'deploy failed');
        // The step that fails is not undone itself: what it left is for `failed` to see to.
        const left = scenario.includes('undo') || scenario === 'step "power on" fails after it acted';
        if (!left) expect(machine?.power).toBe(state === 'done' ? 'on' : 'off');
        expect(machine?.switched).toBeLessThanOrEqual(1);
        if (state === 'failed') expect((await logOf(test.store, id)).at(-1)).toMatch(/^failed/);
      },
    });
    expect(ran).toContain('every step runs twice');
    expect(ran.length).toBeGreaterThan(10);
  });
});
