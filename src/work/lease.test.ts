import { describe, expect, it } from 'vitest';
import type { Clock } from '#kernel/clock';
import { makeLease } from './lease.ts';

/** A clock whose two hands are moved apart. */
function twoHands(): Clock & { move(monotonic: number, wall?: number): void } {
  let monotonic = 0;
  let wall = 1_000_000;
  return {
    now: () => wall,
    monotonic: () => monotonic,
    sleep: async () => {},
    after: () => () => {},
    every: () => () => {},
    move(m, w = m) {
      monotonic += m;
      wall += w;
    },
  };
}
const sent = (clock: Clock) => ({ monotonic: clock.monotonic(), wall: clock.now() });

describe('makeLease', () => {
  it('holds from before the heartbeat was sent, and not a moment longer', () => {
    const clock = twoHands();
    const lease = makeLease(clock, 'h', 'i', 6_000);
    const before = sent(clock);
    clock.move(1_500);
    lease.renew(before);
    expect(lease.held).toBe(true);
    clock.move(4_499);
    lease.assertHeld();
    clock.move(1);
    expect(lease.held).toBe(false);
    expect(() => lease.assertHeld()).toThrow(expect.objectContaining({ code: 'LeaseLost' }));
  });

  it('is not held before the first heartbeat', () => {
    expect(makeLease(twoHands(), 'h', 'i', 6_000).left()).toBeLessThan(0);
  });

  it('does not come back, even when a late answer arrives', () => {
    const clock = twoHands();
    const lease = makeLease(clock, 'h', 'i', 6_000);
    lease.renew(sent(clock));
    clock.move(5_000);
    const late = sent(clock);
    clock.move(2_000);
    lease.renew(late);
    expect(lease.held).toBe(false);
  });

  it('ends when the machine was suspended: the monotonic clock stood still, the wall clock did not', () => {
    const clock = twoHands();
    const lease = makeLease(clock, 'h', 'i', 6_000);
    lease.renew(sent(clock));
    clock.move(10, 3_600_000);
    expect(lease.held).toBe(false);
  });

  it('ends when revoked', () => {
    const clock = twoHands();
    const lease = makeLease(clock, 'h', 'i', 6_000);
    lease.renew(sent(clock));
    lease.revoke('another conductor took over');
    expect(() => lease.assertHeld()).toThrow('another conductor took over');
  });
});
