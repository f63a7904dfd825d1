import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attribution } from './attribution.ts';

type Act = { kind: 'byte' | 'check' | 'begin' | 'end' | 'lose' | 'open'; wait: number; delay: number };

describe('whose bytes are', () => {
  it('never gives a byte to a tenancy that did not have the machine when it came', () => {
    const act: fc.Arbitrary<Act> = fc.record({
      kind: fc.constantFrom('byte', 'byte', 'check', 'check', 'begin', 'end', 'lose', 'open'),
      wait: fc.nat(30),
      delay: fc.nat(10),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 100 }), fc.constantFrom(0, 5, 20), (acts, settleMs) => {
        const attribution = new Attribution(settleMs);
        attribution.lineOpened(0);
        let now = 0;
        let next = 1;
        let truth: number | null = null;
        let beganAt = 0;
        let pending: { at: number; truth: number | null }[] = [];
        for (const { kind, wait, delay } of acts) {
          now += wait;
          if (kind === 'byte') pending.push({ at: now, truth });
          else if (kind === 'begin') {
            truth = next++;
            beganAt = now;
          } else if (kind === 'end') truth = null;
          else if (kind === 'lose') attribution.lineLost();
          else if (kind === 'open') attribution.lineOpened(now);
          else {
            const check = { askedAt: now, answeredAt: now + delay, tenancy: truth, ageMs: now - beganAt };
            const owners = attribution.settle(
              check,
              pending.map(({ at }) => at),
            );
            for (const [i, owner] of owners.entries()) {
              if (owner !== null) expect(owner).toBe(pending[i]?.truth);
            }
            pending = [];
            now += delay;
          }
        }
      }),
    );
  });

  it('gives a tenant what it wrote once the tenancy is known and settled', () => {
    const attribution = new Attribution(100);
    const check = (at: number, tenancy: number | null, ageMs: number, times: number[]) =>
      attribution.settle({ askedAt: at, answeredAt: at + 2, tenancy, ageMs }, times);
    attribution.lineOpened(0);
    expect(check(1000, null, 0, [500])).toEqual([null]);
    expect(check(2000, 7, 10, [1500])).toEqual([null]); // it began somewhere in between
    expect(check(3000, 7, 1010, [2050, 2100, 2500])).toEqual([null, 7, 7]); // 2,002 and what is left of 100
    attribution.lineLost();
    attribution.lineOpened(4000);
    expect(check(4100, 7, 2000, [4001])).toEqual([7]); // back within the tenancy
    attribution.lineLost();
    expect(check(5000, 8, 10, [])).toEqual([]);
    attribution.lineOpened(6000);
    expect(check(7000, 8, 2000, [6050, 6100])).toEqual([null, 8]); // the BMC may have kept tenant 7's
  });
});
