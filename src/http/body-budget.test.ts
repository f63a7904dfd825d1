import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyBudget } from './body-budget.ts';

const MIB = 1024 * 1024;

describe('BodyBudget', () => {
  it('never holds more than its limits and ends empty', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 2 * MIB })), { maxLength: 50 }), (steps) => {
        const budget = new BodyBudget({ small: 3 * MIB, large: 4 * MIB });
        const sizes = new Map<number, number>();
        for (const [body, more] of steps) {
          const size = sizes.get(body) ?? 0;
          if (budget.grow(size, more)) sizes.set(body, size + more);
          else {
            budget.release(size);
            sizes.delete(body);
          }
          const sum = (part: (size: number) => number) =>
            [...sizes.values()].reduce((total, one) => total + part(one), 0);
          expect(budget.held).toBe(sum((one) => one));
          expect(sum((one) => Math.min(one, MIB))).toBeLessThanOrEqual(3 * MIB);
          expect(sum((one) => Math.max(0, one - MIB))).toBeLessThanOrEqual(4 * MIB);
        }
        for (const size of sizes.values()) budget.release(size);
        expect(budget.held).toBe(0);
      }),
    );
  });
});
