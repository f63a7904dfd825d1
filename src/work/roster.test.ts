import { describe, expect, it } from 'vitest';
import { makeRoster, type Present } from './roster.ts';

const present = (incarnation: string, workflows: string[], more: Partial<Present> = {}): Present => ({
  incarnation,
  host: incarnation,
  groups: [''],
  workflows,
  state: 'up',
  beats: 1,
  age: 100,
  ...more,
});

describe('makeRoster', () => {
  it('chooses the newest version that every live conductor of the group knows', () => {
    const roster = makeRoster(6_000);
    expect(roster.newestKnown('', 'deploy', [1, 2, 3])).toBe(3);
    roster.update([
      present('a', ['deploy@1', 'deploy@2', 'deploy@3']),
      present('b', ['deploy@1', 'deploy@2']),
      present('c', ['deploy@1'], { groups: ['elsewhere'] }),
      present('d', ['deploy@1'], { age: 9_000 }),
      present('e', ['deploy@1'], { state: 'draining' }),
    ]);
    expect(roster.newestKnown('', 'deploy', [1, 2, 3])).toBe(2);
    expect(roster.newestKnown('elsewhere', 'deploy', [1, 2, 3])).toBe(1);
    expect(roster.newestKnown('nowhere', 'deploy', [1, 2, 3])).toBe(3);
    // Only what this process has registered: it made the input.
    expect(roster.newestKnown('', 'deploy', [1])).toBe(1);
    expect(roster.newestKnown('elsewhere', 'deploy', [2, 3])).toBe(3);
    roster.update([present('a', ['deploy@3'])]);
    expect(roster.newestKnown('', 'deploy', [1, 2, 3])).toBe(3);
  });

  it('shares keys out over live conductors, and moves only those of one that goes', () => {
    const roster = makeRoster(6_000);
    const all = ['a', 'b', 'c'].map((name) => present(name, []));
    roster.update(all);
    const keys = Array.from({ length: 300 }, (_, i) => `node-${i}`);
    const before = new Map(keys.map((key) => [key, roster.ownerOf('', key)?.incarnation]));
    for (const name of ['a', 'b', 'c']) {
      expect([...before.values()].filter((owner) => owner === name).length).toBeGreaterThan(60);
    }
    roster.update(all.slice(0, 2));
    for (const key of keys) {
      const after = roster.ownerOf('', key)?.incarnation;
      if (before.get(key) !== 'c') expect(after).toBe(before.get(key));
    }
    expect(roster.ownerOf('nowhere', 'x')).toBeUndefined();
  });
});
