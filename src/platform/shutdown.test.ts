import { describe, expect, it } from 'vitest';
import { systemClock } from '#kernel/clock';
import { silentLog } from './log.ts';
import { createShutdown } from './shutdown.ts';

describe('shutdown', () => {
  it('stops in order, once, and goes on after failures and lateness', async () => {
    const order: string[] = [];
    const shutdown = createShutdown(silentLog);
    const step = (name: string, at: number, stop: () => void | Promise<void> = () => {}) =>
      shutdown.add({ name, order: at, timeoutMs: 50, stop: () => (order.push(name), stop()) });
    step('database', 90);
    step('late', 20, () => new Promise(() => {}));
    step('listener', 10);
    step('broken', 20, () => {
      throw new Error('no');
    });
    const takeBack = step('gone', 10);
    takeBack();
    const keep = systemClock.sleep(100); // the steps' own deadlines do not keep a process alive
    const [first, second] = await Promise.all([shutdown.run('test'), shutdown.run('again')]);
    await keep;
    expect(first).toBe(false);
    expect(second).toBe(false);
    expect(order).toEqual(['listener', 'late', 'broken', 'database']);
    expect(shutdown.stopping).toBe(true);
    expect(shutdown.signal.aborted).toBe(true);
  });

  it('says so when all went well', async () => {
    const shutdown = createShutdown(silentLog);
    shutdown.add({ name: 'a', order: 1, timeoutMs: 1000, stop: async () => {} });
    expect(await shutdown.run('test')).toBe(true);
  });
});
