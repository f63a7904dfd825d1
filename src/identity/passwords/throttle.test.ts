import { describe, expect, it } from 'vitest';
import { manualClock } from '#kernel/clock';
import { LoginThrottle } from './throttle.ts';

const fail = (throttle: LoginThrottle, source: string, user: string): boolean => {
  try {
    throttle.begin(source, user);
    return true;
  } catch {
    return false;
  }
};

describe('slowing down guesses', () => {
  it('makes one source wait longer and longer for one user', async () => {
    const clock = manualClock();
    const throttle = new LoginThrottle(clock);
    for (let i = 0; i < 5; i++) expect(fail(throttle, 's', 'u')).toBe(true);
    expect(fail(throttle, 's', 'u')).toBe(false);
    await clock.advance(1_001);
    expect(fail(throttle, 's', 'u')).toBe(true);
    await clock.advance(1_001);
    expect(fail(throttle, 's', 'u')).toBe(false);
    await clock.advance(1_001);
    expect(fail(throttle, 's', 'u')).toBe(true);
    expect(fail(throttle, 's', 'other')).toBe(true);
  });

  it('says how long', () => {
    const throttle = new LoginThrottle(manualClock(), { attempts: 1, firstWaitMs: 2_500 });
    throttle.begin('s', 'u');
    expect(() => throttle.begin('s', 'u')).toThrow(expect.objectContaining({ status: 429, retryAfter: 3 }));
  });

  it('never lets others lock the owner of an account out', () => {
    const throttle = new LoginThrottle(manualClock(), { perUser: 20, perSource: 10 });
    throttle.begin('home', 'u');
    throttle.succeeded('home', 'u');
    for (let i = 0; i < 100; i++) fail(throttle, `bot${i}`, 'u');
    expect(fail(throttle, 'bot-new', 'u')).toBe(false);
    expect(fail(throttle, 'home', 'u')).toBe(true);
    throttle.succeeded('home', 'u');
  });

  it('stops one source that tries many users, known or not', () => {
    const throttle = new LoginThrottle(manualClock(), { perSource: 10 });
    const tries = Array.from({ length: 30 }, (_, i) => fail(throttle, 's', `user${i}`));
    expect(tries.filter(Boolean)).toHaveLength(10);
  });

  it('counts attempts that run at the same time', () => {
    const throttle = new LoginThrottle(manualClock());
    expect(Array.from({ length: 50 }, () => fail(throttle, 's', 'u')).filter(Boolean)).toHaveLength(5);
  });

  it('does not count what was not decided, and forgets', async () => {
    const clock = manualClock();
    const throttle = new LoginThrottle(clock);
    for (let i = 0; i < 50; i++) {
      throttle.begin('s', 'u');
      throttle.undecided('s', 'u');
    }
    for (let i = 0; i < 4; i++) throttle.begin('s', 'u');
    await clock.advance(900_001);
    for (let i = 0; i < 5; i++) expect(fail(throttle, 's', 'u')).toBe(true);
  });
});
