import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock } from '#kernel/clock';
import { seededRandom } from '#kernel/random';
import { DEFAULT_TRAITS } from '../bmc/traits.ts';
import { allQuirks } from '../quirks/all.ts';
import { ActiveEffects } from './active.ts';
import { checkedEffects } from './check.ts';
import { faultEffects, namedFaults } from './named.ts';
import { edited, pointerSteps, valueAt } from './pointer.ts';

const ON = { power: 'on' as const, post: false, powerChangedAt: 0, poweredOffAt: 0 };
const GET = { method: 'GET', path: '/redfish/v1/Systems/1', headers: {}, body: undefined };

describe('JSON pointers', () => {
  const document = fc.object({ maxDepth: 4 });

  it('find what is there, and edits leave the original alone', () => {
    fc.assert(
      fc.property(
        document,
        fc.array(fc.string({ maxLength: 5 }), { maxLength: 4 }),
        fc.jsonValue(),
        (json, steps, value) => {
          const pointer = steps.map((s) => `/${s.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
          fc.pre(pointer !== '' && !steps.includes('*') && !steps.includes('__proto__'));
          expect(pointerSteps(pointer)).toEqual(steps);
          const before = JSON.stringify(json);
          const set = edited(json, [{ at: pointer, op: 'set', value }]);
          const parent = steps
            .slice(0, -1)
            .map((s) => `/${s.replaceAll('~', '~0').replaceAll('/', '~1')}`)
            .join('');
          const holder = valueAt(json, parent);
          if (typeof holder === 'object' && holder !== null && !Array.isArray(holder)) {
            expect(valueAt(set, pointer)).toEqual(value);
            expect(valueAt(edited(set, [{ at: pointer, op: 'remove' }]), pointer)).toBeUndefined();
          }
          expect(JSON.stringify(json)).toBe(before);
        },
      ),
    );
  });

  it('stand for every member with a star', () => {
    const json = { list: [{ a: 1, b: 2 }, { a: 3 }], map: { x: { a: 4 } } };
    const done = edited(json, [
      { at: '/list/*/a', op: 'remove' },
      { at: '/map/*/a', op: 'set', value: 9 },
    ]);
    expect(done).toEqual({ list: [{ b: 2 }, {}], map: { x: { a: 9 } } });
  });
});

describe('active effects', () => {
  it('bite as often as they say', async () => {
    const clock = manualClock();
    const active = new ActiveEffects(clock, seededRandom(7));
    active.on('thrice', { http: [{ times: 3, effect: { kind: 'hang' } }] });
    expect(Array.from({ length: 5 }, () => active.http(GET, ON).length)).toEqual([1, 1, 1, 0, 0]);
    active.on('thrice', { http: [{ times: 1, effect: { kind: 'hang' } }] });
    expect(Array.from({ length: 2 }, () => active.http(GET, ON).length)).toEqual([1, 0]);
    active.clear();
    active.on('rate', { http: [{ abovePerSecond: 2, effect: { kind: 'hang' } }] });
    expect(Array.from({ length: 4 }, () => active.http(GET, ON).length)).toEqual([0, 0, 1, 1]);
    await clock.advance(1_000);
    expect(active.http(GET, ON)).toHaveLength(0);
    active.clear();
    active.on('chance', { http: [{ chance: 0.25, effect: { kind: 'hang' } }] });
    const bitten = Array.from({ length: 4_000 }, () => active.http(GET, ON).length).reduce((a, b) => a + b, 0);
    expect(bitten).toBeGreaterThan(850);
    expect(bitten).toBeLessThan(1_150);
  });

  it('wait for the state they name', async () => {
    const clock = manualClock(10_000);
    const active = new ActiveEffects(clock);
    const rule = (when: object) => active.on('x', { http: [{ when, effect: { kind: 'hang' } }] });
    const bites = (facts: object) => active.http(GET, { ...ON, ...facts }).length === 1;
    rule({ post: true });
    expect([bites({ post: true }), bites({})]).toEqual([true, false]);
    rule({ power: 'off', poweredOffWithinMs: 500 });
    expect(bites({ power: 'off', poweredOffAt: 9_800 })).toBe(true);
    expect(bites({ power: 'off', poweredOffAt: 9_000 })).toBe(false);
    expect(bites({ power: 'on', poweredOffAt: 9_800 })).toBe(false);
    rule({ powerChangedWithinMs: 100 });
    expect([bites({ powerChangedAt: 9_950 }), bites({ powerChangedAt: 1 })]).toEqual([true, false]);
  });

  it('look at bodies and headers', () => {
    const active = new ActiveEffects();
    active.on('x', { http: [{ method: ['POST'], bodyLacks: ['/a', '/b'], effect: { kind: 'hang' } }] });
    const bites = (body: unknown) => active.http({ ...GET, method: 'POST', body }, ON).length === 1;
    expect([bites({ a: 1, b: 1 }), bites({ a: 1 }), bites({}), bites(undefined)]).toEqual([false, true, true, true]);
    active.on('x', {
      http: [{ headerMatches: { 'if-match': '^W/' }, headerLacks: ['x-auth-token'], effect: { kind: 'hang' } }],
    });
    expect(active.http({ ...GET, headers: { 'if-match': 'W/"1"' } }, ON)).toHaveLength(1);
    expect(active.http({ ...GET, headers: { 'if-match': 'W/"1"', 'x-auth-token': 't' } }, ON)).toHaveLength(0);
    expect(active.http(GET, ON)).toHaveLength(0);
  });
});

describe('disks', () => {
  it('have what was switched on last for them, or for all', () => {
    const active = new ActiveEffects();
    expect(active.disk('nvme0')).toBeUndefined();
    active.on('slow-disk', faultEffects('slow-disk', { bytesPerSecond: 1000 }));
    active.on('failing-disk', faultEffects('failing-disk', { disk: 'sata1' }));
    expect(active.disk('nvme0')).toEqual({ kind: 'slow', bytesPerSecond: 1000 });
    expect(active.disk('sata1')).toEqual({ kind: 'failing' });
    active.off('slow-disk');
    expect(active.disk('nvme0')).toBeUndefined();
    expect(() => checkedEffects({ disks: { nvme0: { kind: 'haunted' } } })).toThrow(/a disk is/);
    expect(() => checkedEffects({ disks: { nvme0: { kind: 'slow' } } })).toThrow(/a disk is/);
  });
});

describe('named faults and quirks', () => {
  it('are well formed, told apart, and sourced', () => {
    for (const { id, changes, source, effects } of allQuirks) {
      expect(id).toMatch(/^[a-z0-9-]+$/);
      expect(changes.length).toBeGreaterThan(10);
      expect(source.length).toBeGreaterThan(8);
      expect(() => checkedEffects(effects as Record<string, unknown>)).not.toThrow();
      for (const trait of Object.keys(effects.traits ?? {})) expect(Object.hasOwn(DEFAULT_TRAITS, trait)).toBe(true);
    }
    expect(new Set(allQuirks.map((q) => q.id)).size).toBe(allQuirks.length);
  });

  it('refuse parameters that make no sense', () => {
    for (const [name, params] of [
      ['nothing', {}],
      ['latency', {}],
      ['latency', { ms: -1 }],
      ['latency', { ms: 'long' }],
      ['latency', { ms: 1, path: '(' }],
      ['redirect', {}],
      ['certificate', { kind: 'pretty' }],
      ['lying-power', { reports: 'Maybe' }],
      ['ignored-power', { verbs: 'on' }],
    ] as const) {
      expect(() => faultEffects(name, params)).toThrow();
    }
    expect(() => checkedEffects({ nonsense: 1 })).toThrow(/no part/);
    expect(() => checkedEffects({ traits: { nope: 1 } })).toThrow(/no trait/);
    expect(() => checkedEffects({ http: [{ path: '(', effect: { kind: 'hang' } }] })).toThrow(/regular expression/);
    expect(Object.keys(namedFaults).length).toBeGreaterThan(15);
  });
});
