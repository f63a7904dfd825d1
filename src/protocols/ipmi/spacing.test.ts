import { expect, test } from 'vitest';
import { type Clock, systemClock } from '#kernel/clock';
import { Spacing } from './spacing.ts';

/** A clock that is moved by sleeping only. */
function slept(): { clock: Clock; at: () => number } {
  let now = 0;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
  return { clock, at: () => now };
}

/** Sends one command to a BMC that refuses what comes within `wants` of the last; gives how often it was refused. */
async function send(spacing: Spacing, at: () => number, bmc: { wants: number; last: number }): Promise<number> {
  for (let refused = 0; ; refused++) {
    await spacing.wait(undefined);
    const tooSoon = at() - bmc.last < bmc.wants;
    bmc.last = at();
    spacing.sent();
    if (!tooSoon) {
      spacing.taken();
      return refused;
    }
    if (refused > 10) return refused;
    spacing.busy();
  }
}

test('a BMC that wants five seconds between commands gets them, and after three times before each', async () => {
  const { clock, at } = slept();
  const spacing = new Spacing(clock, 0);
  const bmc = { wants: 5_000, last: 0 };
  const refused: number[] = [];
  for (let i = 0; i < 6; i++) refused.push(await send(spacing, at, bmc));
  // 0.5, 1, 2 and 4 s were too short
  expect(refused).toEqual([5, 5, 5, 0, 0, 0]);
  expect(spacing.learntMs).toBe(8_000);
  const before = at();
  await clock.sleep(11 * 60_000);
  expect(spacing.learntMs).toBe(0);
  expect(at() - before).toBe(11 * 60_000);
});

test('one that is busy now and then is not held up, and one that never is not at all', async () => {
  const { clock, at } = slept();
  const spacing = new Spacing(clock, 0);
  const bmc = { wants: 0, last: 0 };
  for (let i = 0; i < 10; i++) {
    await send(spacing, at, bmc);
    if (i % 3 === 0) spacing.busy();
  }
  expect(spacing.learntMs).toBe(0);
  const idle = new Spacing(clock, 0);
  const before = at();
  for (let i = 0; i < 10; i++) await send(idle, at, bmc);
  expect(at()).toBe(before);
});
