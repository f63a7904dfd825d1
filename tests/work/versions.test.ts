import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { logOf } from './scenarios/machine.ts';
import { changed } from './scenarios/changed.ts';
import { atSite, until } from './scenarios/site.ts';

describe.concurrent('versions of workflows', () => {
  it('roll: old work ends under old code, new work waits for everybody to know the new', () =>
    atSite({ versions: [1, 2] }, async (site) => {
      const v1 = await site.conductor('old', { data: { versions: [1] } });
      await until(() => site.work.liveHosts('').length === 1);
      const inFlight = await site.deploy({ waitMs: 60_000 });
      await until(async () => (await logOf(site.test.store, inFlight)).includes('power on'));
      expect((await site.status(inFlight))?.workflow).toBe('deploy@1');

      // The new program knows both. While an old conductor lives, new work is old work.
      const v2 = await site.conductor('new', { data: { versions: [1, 2] } });
      await until(() => site.work.liveHosts('').length === 2);
      const mixed = await site.deploy();
      expect((await site.status(mixed))?.workflow).toBe('deploy@1');
      expect((await site.ended(mixed)).state).toBe('done');
      expect(await logOf(site.test.store, mixed)).toContain('activate v1');

      await v1.stop();
      await until(() => site.work.liveHosts('').length === 1);
      const fresh = await site.deploy();
      expect((await site.status(fresh))?.workflow).toBe('deploy@2');
      expect((await site.ended(fresh)).state).toBe('done');
      expect(await logOf(site.test.store, fresh)).toContain('activate v2');

      // What the old conductor left ends under the code it began with.
      await site.test.store.tx((tx) => site.work.signal(tx, inFlight, 'agent', { from: 'ramdisk' }));
      await v2.line((line) => line === `heard ${inFlight}`);
      expect(await site.ended(inFlight)).toMatchObject({ state: 'done', workflow: 'deploy@1' });
      expect(await logOf(site.test.store, inFlight)).toContain('activate v1');
    }));

  it('a conductor leaves alone what it does not know', () =>
    atSite({ versions: [1, 2] }, async (site) => {
      // Nobody lives: the newest is enqueued. Then only an old conductor comes.
      const id = await site.deploy();
      expect(await site.status(id)).toMatchObject({
        workflow: 'deploy@2',
        state: 'queued',
        reason: expect.stringMatching(/no conductor/),
      });
      await site.conductor('old', { data: { versions: [1] } });
      await until(() => site.work.liveHosts('').length === 1);
      const other = await site.deploy();
      expect((await site.ended(other)).workflow).toBe('deploy@1');
      expect(await site.status(id)).toMatchObject({
        state: 'queued',
        reason: expect.stringMatching(/no live conductor .* knows deploy@2/),
      });
      await site.conductor('new', { data: { versions: [1, 2] } });
      expect(await site.ended(id)).toMatchObject({ state: 'done', workflow: 'deploy@2' });
    }));

  it('a step inserted under the same version undoes nothing: the work stands still, then is parked', () =>
    atSite({}, async (site) => {
      const module = fileURLToPath(new URL('./scenarios/changed.ts', import.meta.url));
      site.work.register(changed({ store: site.test.store, say: () => {} }, false));
      const a = await site.conductor('a', { module, data: { inserted: false } });
      await site.test.store.tx((tx) =>
        site.work.enqueue(tx, changed({} as never, false), { machine: 'x' }, { id: 'x', group: '' }),
      );
      await a.line((line) => line === 'begin third');
      await a.kill();
      const b = await site.conductor('b', { module, data: { inserted: true }, maxTakeovers: 2 });
      await until(async () => ((await site.status('x'))?.reason ?? '').includes('second was recorded'));
      // Neither catch nor finally nor undo nor failed of the workflow has seen anything.
      expect(await logOf(site.test.store, 'x')).toEqual(['first', 'second']);
      expect(b.lines).not.toContain('begin inserted');
      const status = await site.ended('x');
      expect(status).toMatchObject({ state: 'parked', error: expect.stringContaining('was recorded') });
      expect(await logOf(site.test.store, 'x')).toEqual(['first', 'second', 'failed Parked']);
    }));

  it('a step inserted by mistake does no harm when the old code comes back', () =>
    atSite({}, async (site) => {
      const module = fileURLToPath(new URL('./scenarios/changed.ts', import.meta.url));
      site.work.register(changed({ store: site.test.store, say: () => {} }, false));
      const a = await site.conductor('a', { module, data: { inserted: false } });
      await site.test.store.tx((tx) =>
        site.work.enqueue(tx, changed({} as never, false), { machine: 'y' }, { id: 'y', group: '' }),
      );
      await a.line((line) => line === 'begin third');
      await a.kill();
      const b = await site.conductor('b', { module, data: { inserted: true } });
      await until(async () => ((await site.status('y'))?.reason ?? '').includes('second was recorded'));
      await b.stop();
      const c = await site.conductor('c', { module, data: { inserted: false } });
      await c.line((line) => line === 'begin third');
      expect(await logOf(site.test.store, 'y')).toEqual(['first', 'second']);
    }));
});
