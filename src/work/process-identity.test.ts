import { describe, expect, it } from 'vitest';
import { start } from '#kernel/run';
import { isProvablyDead, ownIdentity } from './process-identity.ts';

describe('isProvablyDead', () => {
  const own = ownIdentity();

  it('is never true of a living process', () => {
    expect(isProvablyDead(own)).toBe(false);
    expect(isProvablyDead({ ...own, pid: 1, startedTicks: own.startedTicks })).toBe(true);
  });

  it('is true once the process is gone, or its number was given to another', async () => {
    const child = start('sleep', ['60']);
    const pid = child.pid ?? 0;
    const gone = new Promise((resolve) => child.once('close', resolve));
    expect(isProvablyDead({ ...own, pid, startedTicks: 'another' })).toBe(true);
    child.kill('SIGKILL');
    await gone;
    expect(isProvablyDead({ ...own, pid })).toBe(true);
  });

  it('is false in doubt: another boot, another container, nothing known', () => {
    const dead = { ...own, pid: 2 ** 22 - 1 };
    expect(isProvablyDead(dead)).toBe(true);
    expect(isProvablyDead({ ...dead, bootId: 'another' })).toBe(false);
    expect(isProvablyDead({ ...dead, pidNamespace: 'pid:[1]' })).toBe(false);
    expect(isProvablyDead({ ...dead, startedTicks: '' })).toBe(false);
  });
});
