import { describe, expect, it } from 'vitest';
import { manualClock } from '#kernel/clock';
import { silentLog } from '#platform/log';
import { createReconciler } from './reconciler.ts';

const settle = async () => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('createReconciler', () => {
  it('runs at once, then on the timer, one run at a time; a nudge during a run brings one more', async () => {
    const clock = manualClock();
    let runs = 0;
    let release: (() => void) | undefined;
    const chore = createReconciler({
      name: 'c',
      everyMs: 1_000,
      clock,
      log: silentLog,
      run: () => {
        runs++;
        return new Promise((resolve) => {
          release = resolve;
        });
      },
    });
    chore.start();
    chore.nudge();
    chore.nudge();
    await clock.advance(5_000);
    expect(runs).toBe(1);
    expect(chore.status()).toMatchObject({ running: true, runs: 0, lastRunAt: 0 });
    release?.();
    await settle();
    await clock.advance(0);
    expect(runs).toBe(2);
    release?.();
    await settle();
    await clock.advance(999);
    expect(runs).toBe(2);
    await clock.advance(1);
    expect(runs).toBe(3);
    const stopping = chore.stop();
    release?.();
    await stopping;
    await clock.advance(10_000);
    expect(runs).toBe(3);
  });

  it('shows its last error and goes on', async () => {
    const clock = manualClock();
    let fail = true;
    const chore = createReconciler({
      name: 'c',
      everyMs: 1_000,
      clock,
      log: silentLog,
      run: async () => {
        if (fail) throw new Error('no');
      },
    });
    chore.start();
    await settle();
    await clock.advance(1_000);
    await settle();
    expect(chore.status()).toMatchObject({ lastError: 'no', failuresInARow: 2, runs: 2 });
    fail = false;
    await clock.advance(1_000);
    await settle();
    expect(chore.status()).toMatchObject({ lastError: null, failuresInARow: 0, runs: 3 });
    await chore.stop();
  });

  it('aborts a run that takes too long', async () => {
    const clock = manualClock();
    const chore = createReconciler({
      name: 'c',
      everyMs: 1_000,
      budgetMs: 3_000,
      clock,
      log: silentLog,
      run: ({ signal, owns }) =>
        new Promise((_, reject) => {
          expect(owns('any')).toBe(true);
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    chore.start();
    await clock.advance(3_000);
    await settle();
    expect(chore.status()).toMatchObject({ running: false, lastError: 'it took longer than 3000 ms' });
    await chore.stop();
  });
});
