import { describe, expect, it } from 'vitest';
import { logOf, machineOf } from './scenarios/machine.ts';
import { openProxy } from './scenarios/proxy.ts';
import { atSite, until } from './scenarios/site.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.concurrent('when the database is away', () => {
  it('work waits, nothing fails, and nobody is taken over', () =>
    atSite({}, async (site) => {
      const proxy = await openProxy(site.test.url);
      const [a, b] = await Promise.all(['a', 'b'].map((host) => site.conductor(host, { databaseUrl: proxy.url })));
      const waiting = await site.deploy({ waitMs: 60_000 });
      const slow = await Promise.all([1, 2, 3, 4].map(() => site.deploy({ powerMs: 1_500 })));
      await until(async () => (await logOf(site.test.store, waiting)).includes('power on'));
      const quick = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => site.deploy({ powerMs: 5 })));
      proxy.cut();
      // Two leases long.
      await wait(4_000);
      proxy.restore();
      const back = performance.now();
      const next = await site.deploy();
      expect((await site.ended(next)).state).toBe('done');
      // At once, and not at the next time somebody looks for the lost (30 s): a busy machine needs some of this.
      expect(performance.now() - back).toBeLessThan(10_000);
      for (const id of [...slow, ...quick]) {
        expect(await site.ended(id)).toMatchObject({ state: 'done', takeovers: 0 });
        expect((await machineOf(site.test.store, id))?.switched).toBe(1);
      }
      await site.test.store.tx((tx) => site.work.signal(tx, waiting, 'agent', { from: 'ramdisk' }));
      expect(await site.ended(waiting)).toMatchObject({ state: 'done', takeovers: 0 });
      for (const conductor of [a, b]) {
        expect(conductor?.lines.filter((line) => line.startsWith('takeover'))).toEqual([]);
      }
      await proxy.close();
    }));

  it('for a moment, not even the steps that run notice', () =>
    atSite({ times: { beatMs: 500, leaseMs: 5_000, marginMs: 500 } }, async (site) => {
      const proxy = await openProxy(site.test.url);
      const a = await site.conductor('a', { databaseUrl: proxy.url });
      const id = await site.deploy({ powerMs: 1_500 });
      await a.line((line) => line.startsWith(`powering ${id}`));
      proxy.cut();
      await wait(1_000);
      proxy.restore();
      expect((await site.ended(id)).state).toBe('done');
      expect(a.lines.filter((line) => line.startsWith(`powering ${id}`))).toHaveLength(1);
      await proxy.close();
    }));

  it('without a word, it is the same', () =>
    atSite({}, async (site) => {
      const proxy = await openProxy(site.test.url);
      const a = await site.conductor('a', { databaseUrl: proxy.url });
      const ids = await Promise.all([5, 10, 300, 600, 900].map((powerMs) => site.deploy({ powerMs })));
      await a.line((line) => line.startsWith('powering'));
      proxy.silence();
      await wait(4_000);
      proxy.restore();
      for (const id of ids) {
        expect(await site.ended(id)).toMatchObject({ state: 'done', takeovers: 0 });
        expect((await machineOf(site.test.store, id))?.switched).toBe(1);
      }
      await proxy.close();
    }));

  it('for one conductor only, the others take over and it does nothing more', () =>
    atSite({}, async (site) => {
      const proxy = await openProxy(site.test.url);
      const a = await site.conductor('a', { databaseUrl: proxy.url });
      const id = await site.deploy({ powerMs: 5_000 });
      await a.line((line) => line.startsWith(`powering ${id}`));
      const b = await site.conductor('b');
      await wait(600);
      proxy.cut();
      await b.line((line) => line === 'takeover a 1');
      await b.line((line) => line === `powering ${id} true`);
      proxy.restore();
      expect(await site.ended(id)).toMatchObject({ state: 'done', takeovers: 1 });
      expect((await logOf(site.test.store, id)).filter((what) => what === 'power on')).toHaveLength(1);
      // It is back under a new life and takes work.
      await b.stop();
      const next = await site.deploy();
      expect((await site.ended(next)).state).toBe('done');
      await proxy.close();
    }));
});
