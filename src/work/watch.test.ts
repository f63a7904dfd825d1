import { describe, expect, it } from 'vitest';
import { makeWatch } from './watch.ts';

const times = { beatMs: 2_000, leaseMs: 6_000, marginMs: 1_000 };

describe('makeWatch', () => {
  it('gives up a conductor 7 s after its last heartbeat, when it saw the beats stop', () => {
    const watch = makeWatch(times);
    let now = 0;
    for (; now <= 6_000; now += 2_000) watch.saw([{ incarnation: 'x', beats: 3, age: now + 500 }], now);
    expect(watch.dead(6_400)).toEqual([]);
    expect(watch.nextLook(6_000)).toBe(520);
    expect(watch.dead(6_501)).toEqual([{ incarnation: 'x', beats: 3 }]);
  });

  it('takes nobody over at first sight, however old the heartbeat', () => {
    const watch = makeWatch(times);
    watch.saw([{ incarnation: 'x', beats: 3, age: 3_600_000 }], 0);
    expect(watch.dead(1)).toEqual([]);
    watch.saw([{ incarnation: 'x', beats: 3, age: 3_602_000 }], 2_000);
    expect(watch.dead(2_001)).toEqual([]);
    expect(watch.settled()).toBe(false);
    watch.saw([{ incarnation: 'x', beats: 3, age: 3_604_000 }], 4_000);
    expect(watch.dead(4_001)).toEqual([{ incarnation: 'x', beats: 3 }]);
    expect(watch.settled()).toBe(true);
  });

  it('believes a beating conductor more than a clock that jumped', () => {
    const watch = makeWatch(times);
    for (let i = 0; i < 5; i++) {
      watch.saw([{ incarnation: 'x', beats: i, age: 60_000 }], i * 2_000);
      expect(watch.dead(i * 2_000 + 1)).toEqual([]);
    }
  });

  it('begins anew after it was late itself', () => {
    const watch = makeWatch(times);
    const seen = (age: number) => [{ incarnation: 'x', beats: 3, age }];
    watch.saw(seen(1_000), 0);
    watch.saw(seen(3_000), 2_000);
    // Stopped for a minute; the other was stopped, too.
    watch.saw(seen(63_000), 62_000);
    expect(watch.dead(62_001)).toEqual([]);
    watch.saw([{ incarnation: 'x', beats: 4, age: 500 }], 64_000);
    watch.saw([{ incarnation: 'x', beats: 5, age: 500 }], 66_000);
    expect(watch.dead(66_001)).toEqual([]);
  });

  it('needs no clock of the database: what it saw itself is enough', () => {
    const watch = makeWatch(times);
    // The database's clock was set back by an hour.
    for (let now = 0; now <= 6_000; now += 2_000) {
      watch.saw([{ incarnation: 'x', beats: 3, age: now - 3_600_000 }], now);
      expect(watch.dead(now)).toEqual([]);
    }
    expect(watch.dead(7_001)).toEqual([{ incarnation: 'x', beats: 3 }]);
  });

  it('counts no look between two beats', () => {
    const watch = makeWatch(times);
    for (let now = 0; now < 1_000; now += 100) {
      watch.saw([{ incarnation: 'x', beats: 3, age: 60_000 + now }], now);
      expect(watch.dead(now)).toEqual([]);
    }
  });
});
