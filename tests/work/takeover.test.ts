import { describe, expect, it } from 'vitest';
import { defaultTimes } from '#work/conductor';
import { logOf, machineOf } from './scenarios/machine.ts';
import { atSite, until } from './scenarios/site.ts';

const incarnations = (site: { test: { store: { query: (s: { text: string }) => Promise<unknown[]> } } }) =>
  site.test.store.query({ text: `select host, state from conductors order by registered_at` }) as Promise<
    { host: string; state: string }[]
  >;

describe.concurrent('a conductor', () => {
  it('that is killed in a step is taken over within 10 s, with the times of production', () =>
    atSite({ times: defaultTimes }, async (site) => {
      const a = await site.conductor('a');
      const id = await site.deploy({ powerMs: 60_000 });
      await a.line((line) => line.startsWith(`powering ${id}`));
      const b = await site.conductor('b');
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      const killed = performance.now();
      await a.kill();
      await b.line((line) => line === `powering ${id} true`, 15_000);
      expect(performance.now() - killed).toBeLessThan(10_000);
      expect(await b.line((line) => line.startsWith('takeover'))).toBe('takeover a 1');
      expect(await site.status(id)).toMatchObject({ state: 'running', takeovers: 1 });
      expect(site.work.liveHosts('')).toEqual(['b']);
      expect(await site.work.conductors()).toMatchObject([
        { host: 'a', alive: false },
        { host: 'b', alive: true },
      ]);
    }));

  it('that is stopped and wakes after its takeover does nothing to any machine', () =>
    atSite({}, async (site) => {
      const a = await site.conductor('a');
      const b = await site.conductor('b', { groups: ['elsewhere'] });
      const id = await site.deploy({ powerMs: 300 });
      await a.line((line) => line.startsWith(`powering ${id}`));
      a.signal('SIGSTOP');
      await b.line((line) => line === 'takeover a 1');
      const c = await site.conductor('c');
      await site.ended(id);
      const before = await logOf(site.test.store, id);
      expect(before).toEqual(['reserve', 'power on', 'activate v1']);
      a.signal('SIGCONT');
      // It notices, and works on under a new life.
      await until(async () => (await incarnations(site)).filter((row) => row.host === 'a').length === 2);
      await c.stop();
      const next = await site.deploy();
      expect((await site.ended(next)).state).toBe('done');
      expect(await logOf(site.test.store, id)).toEqual(before);
      expect(await machineOf(site.test.store, id)).toMatchObject({ state: 'active', switched: 1 });
      // It was late, not the others dead.
      expect(a.lines.filter((line) => line.startsWith('takeover'))).toEqual([]);
    }));

  it('that starts again on the same host goes on at once', () =>
    atSite({ times: defaultTimes }, async (site) => {
      const a = await site.conductor('a');
      const waiting = await site.deploy({ waitMs: 60_000 });
      const id = await site.deploy({ powerMs: 700 });
      await a.line((line) => line.startsWith(`powering ${id}`));
      await until(async () => (await logOf(site.test.store, waiting)).includes('power on'));
      await a.kill();
      await site.conductor('a');
      const back = performance.now();
      expect((await site.ended(id)).state).toBe('done');
      // Waiting for the lease would have cost 7 s.
      expect(performance.now() - back).toBeLessThan(4_000);
      await site.test.store.tx((tx) => site.work.signal(tx, waiting, 'agent', { from: 'ramdisk' }));
      expect(await site.ended(waiting)).toMatchObject({ state: 'done', takeovers: 1 });
    }));

  it('that drains hands its work over without a takeover', () =>
    atSite({}, async (site) => {
      const a = await site.conductor('a');
      const waiting = await site.deploy({ waitMs: 60_000 });
      const running = await site.deploy({ powerMs: 500 });
      const long = await site.deploy({ powerMs: 5_000 });
      for (const id of [running, long, waiting]) await a.line((line) => line.startsWith(`powering ${id}`));
      await until(async () => (await logOf(site.test.store, waiting)).includes('power on'));
      const b = await site.conductor('b');
      await a.stop();
      expect((await site.ended(running)).state).toBe('done');
      // The step that could finish was not begun again, the one that could not was.
      await b.line((line) => line === `powering ${long} true`);
      expect(b.lines).not.toContain(`powering ${running} true`);
      await site.test.store.tx((tx) => site.work.signal(tx, waiting, 'agent', { from: 'ramdisk' }));
      await b.line((line) => line === `heard ${waiting}`);
      expect(await site.ended(waiting)).toMatchObject({ state: 'done', takeovers: 0 });
    }));

  it('is taken over as often as five times, then its work is parked with a clear failure', () =>
    atSite({}, async (site) => {
      const id = await site.poison();
      const innocent = await site.deploy({ waitMs: 60_000 });
      for (let life = 1; life <= 6; life++) {
        const victim = await site.conductor('a');
        await victim.ended();
        if (life > 1) expect((await site.status(id))?.state).toBe('running');
      }
      await site.conductor('a');
      const status = await site.ended(id);
      expect(status).toMatchObject({ state: 'parked', takeovers: 6 });
      expect(status.error).toMatch(/^Parked after 5 takeovers/);
      expect(await logOf(site.test.store, id)).toEqual(['failed Parked']);
      // Who only waited is not to blame.
      await site.test.store.tx((tx) => site.work.signal(tx, innocent, 'agent', { from: 'ramdisk' }));
      expect((await site.ended(innocent)).state).toBe('done');
    }));
});

describe.concurrent('abort', () => {
  it('reaches another process: in a step, in a wait, and before it began', () =>
    atSite({}, async (site) => {
      const queued = await site.deploy();
      const abort = (id: string) => site.test.store.tx((tx) => site.work.abort(tx, id, 'the user said so'));
      expect(await abort(queued)).toBe(true);
      const a = await site.conductor('a');
      expect(await site.ended(queued)).toMatchObject({ state: 'failed' });
      expect(await logOf(site.test.store, queued)).toEqual(['failed Aborted']);

      const running = await site.deploy({ powerMs: 60_000 });
      await a.line((line) => line.startsWith(`powering ${running}`));
      const asked = performance.now();
      await abort(running);
      expect(await site.ended(running)).toMatchObject({ state: 'failed' });
      expect(performance.now() - asked).toBeLessThan(1_000);
      expect(await logOf(site.test.store, running)).toEqual(['reserve', 'unreserve', 'failed Aborted']);

      const waiting = await site.deploy({ waitMs: 60_000 });
      await until(async () => (await logOf(site.test.store, waiting)).includes('power on'));
      await abort(waiting);
      expect(await site.ended(waiting)).toMatchObject({ state: 'failed' });
      expect(await logOf(site.test.store, waiting)).toEqual([
        'reserve',
        'power on',
        'power off',
        'unreserve',
        'failed Aborted',
      ]);
    }));

  it('that comes while nobody runs the work is seen by the successor', () =>
    atSite({}, async (site) => {
      const a = await site.conductor('a');
      const id = await site.deploy({ powerMs: 60_000 });
      await a.line((line) => line.startsWith(`powering ${id}`));
      await a.kill();
      await site.test.store.tx((tx) => site.work.abort(tx, id, 'the user said so'));
      await site.conductor('b');
      expect(await site.ended(id)).toMatchObject({ state: 'failed', error: expect.stringContaining('user') });
      expect(await logOf(site.test.store, id)).toEqual(['reserve', 'unreserve', 'failed Aborted']);
    }));
});
