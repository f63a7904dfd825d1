import { describe, expect, it } from 'vitest';
import { atSite, until } from './scenarios/site.ts';

describe.concurrent('limits over processes', () => {
  it('are never exceeded and never get stuck, whoever dies', () =>
    atSite({}, async (site) => {
      const { store } = site.test;
      const limits = { deploy: 4 };
      const conductors = await Promise.all(['a', 'b', 'c'].map((host) => site.conductor(host, { limits })));
      let most = 0;
      let watching = true;
      const watch = (async () => {
        while (watching) {
          const rows = await store.query<{ running: number; slots: number }>({
            text: `select (select count(*)::int4 from machine where state = 'deploying') as running,
              (select count(*)::int4 from work_slots where name = 'deploy') as slots`,
          });
          most = Math.max(most, rows[0]?.running ?? 0);
          expect(rows[0]?.slots).toBe(4);
          await new Promise((resolve) => setTimeout(resolve, 3));
        }
      })();
      const ids: string[] = [];
      for (let round = 0; round < 4; round++) {
        ids.push(...(await Promise.all(Array.from({ length: 15 }, () => site.deploy({ powerMs: 20 })))));
        if (round === 1) await conductors[0]?.kill();
      }
      for (const id of ids) expect((await site.ended(id, 30_000)).state).toBe('done');
      watching = false;
      await watch;
      expect(most).toBe(4);
      // Each place is free again.
      await until(
        async () => (await store.query({ text: 'select 1 from work_slots where holder is not null' })).length === 0,
      );
    }));

  it('follow a changed size, and wait for a group that has no conductor yet', () =>
    atSite({}, async (site) => {
      const { store } = site.test;
      const early = await site.deploy();
      expect(await site.status(early)).toMatchObject({
        state: 'queued',
        position: 1,
        reason: 'no conductor of group "" has started yet',
      });
      const a = await site.conductor('a', { limits: { deploy: 3 } });
      expect((await site.ended(early)).state).toBe('done');
      const held = await Promise.all([1, 2, 3].map(() => site.deploy({ waitMs: 60_000 })));
      const next = await Promise.all([1, 2].map(() => site.deploy()));
      expect((await site.status(next[1] ?? ''))?.position).toBeLessThanOrEqual(2);
      await until(async () => (await site.status(next[0] ?? ''))?.reason === '3 of 3 deploys of group "" are running');
      await a.stop();
      // Smaller: nobody is thrown out, but nobody comes in until there is room.
      await site.conductor('b', { limits: { deploy: 1 } });
      const call = (id = '') => store.tx((tx) => site.work.signal(tx, id, 'agent', { from: 'ramdisk' }));
      await call(held[0]);
      await call(held[1]);
      for (const id of held.slice(0, 2)) expect((await site.ended(id)).state).toBe('done');
      expect((await site.status(next[0] ?? ''))?.state).toBe('queued');
      await call(held[2]);
      for (const id of [held[2] ?? '', ...next]) expect((await site.ended(id)).state).toBe('done');
      expect(await store.query({ text: `select surplus from work_slots where name = 'deploy'` })).toEqual([
        { surplus: false },
      ]);
    }));
});
