import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestStore } from '#store/testing';
import type { WorkRuntime } from '#work/contract';
import { createWork } from '#work/runtime';
import { killAtEachBoundary } from '#work/testing/kill';
import { openWorkStore } from '#work/testing/store';
import { deploy, logOf, machineOf, makeMachine, makeTables } from './scenarios/machine.ts';

let test: TestStore;
let work: WorkRuntime;
const module = fileURLToPath(new URL('./scenarios/machine.ts', import.meta.url));

beforeAll(async () => {
  test = await openWorkStore();
  await makeTables(test.store);
  work = createWork({ store: test.store, host: 'api', role: 'api' });
  work.register(deploy({ store: test.store, around: (_, fn) => fn(), say: () => {} }));
  await work.start();
});
afterAll(async () => {
  await work?.stop();
  await test?.close();
});

describe('kill -9', () => {
  it('at any boundary of a workflow costs nothing but time', async () => {
    const killed = await killAtEachBoundary({
      module,
      databaseUrl: test.url,
      work,
      store: test.store,
      async begin(id) {
        await makeMachine(test.store, id);
        await test.store.tx(async (tx) => {
          await work.enqueue(tx, deploy({} as never), { machine: id, waitMs: 60_000 }, { id, group: '' });
          await work.signal(tx, id, 'agent', { from: 'ramdisk' });
        });
      },
      async verify({ id, state }) {
        expect(state).toBe('done');
        // Switched once, whoever did it: the successor looked first.
        expect(await machineOf(test.store, id)).toEqual({ state: 'active', power: 'on', switched: 1 });
        expect((await logOf(test.store, id)).at(-1)).toBe('activate v1');
      },
    });
    for (const point of ['claimed', 'begin power on', 'before power on', 'after power on', 'recorded power on']) {
      expect(killed).toContain(point);
    }
    for (const point of ['before commit', 'after commit', 'recorded receive agent', 'ended', 'completed']) {
      expect(killed).toContain(point);
    }
  });

  it('in the middle of undoing and failing leaves no half-cleaned world', async () => {
    let failing = false;
    const killed = await killAtEachBoundary({
      module,
      databaseUrl: test.url,
      work,
      store: test.store,
      prefix: 'kill-failing',
      async begin(id) {
        await makeMachine(test.store, id);
        await test.store.tx((tx) =>
          work.enqueue(tx, deploy({} as never), { machine: id, waitMs: 1 }, { id, group: '' }),
        );
      },
      // From where the machine did not call.
      select: (boundary) => {
        failing ||= boundary === 'recorded receive agent';
        return failing;
      },
      async verify({ id, state, error }) {
        expect(state).toBe('failed');
        expect(error).toBe('the machine did not call');
        expect(await machineOf(test.store, id)).toEqual({ state: 'deploy failed', power: 'off', switched: 1 });
        expect((await logOf(test.store, id)).at(-1)).toBe('failed AgentSilent');
      },
    });
    expect(killed).toContain('begin power on undo');
    expect(killed).toContain('recorded reserve undo');
    expect(killed).toContain('did fail');
  });
});
