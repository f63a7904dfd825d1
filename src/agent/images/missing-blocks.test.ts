import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyBits, setBit } from '#agent-api/swarm';
import { MissingBlocks } from './missing-blocks.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

function bitsOf(blocks: Iterable<number>, count: number): Uint8Array {
  const bits = emptyBits(count);
  for (const block of blocks) setBit(bits, block);
  return bits;
}

test('every block is taken by one at a time, until it is had', () => {
  const COUNT = 40;
  const step = fc.record({
    what: fc.constantFrom('any', 'oneOf', 'heard', 'had', 'back', 'hear'),
    some: fc.uniqueArray(fc.nat(COUNT - 1), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 1e6 }), (steps, seed) => {
      let state = seed;
      const missing = new MissingBlocks(upTo(COUNT), () => (state = (state * 16807) % 2147483647) / 2147483647);
      const free = new Set(upTo(COUNT));
      const taken: number[] = [];
      let heard = new Set<number>();
      for (const { what, some } of steps) {
        if (what === 'hear') {
          heard = new Set(some);
          const nobodys = missing.hear(bitsOf(some, COUNT), 5);
          expect(nobodys).toHaveLength(Math.min(5, [...free].filter((block) => !heard.has(block)).length));
          for (const block of nobodys) expect([free.has(block), heard.has(block)]).toEqual([true, false]);
        } else if (what === 'had') {
          if (taken.pop() !== undefined) missing.had();
        } else if (what === 'back') {
          const block = taken.pop();
          if (block === undefined) continue;
          missing.back(block);
          free.add(block);
        } else {
          const may = { any: free, oneOf: new Set(some), heard }[what];
          const can = [...free].some((block) => may.has(block));
          const block =
            what === 'any'
              ? missing.any()
              : what === 'oneOf'
                ? missing.oneOf(some)
                : missing.heard((one) => heard.has(one));
          expect(block !== undefined).toBe(can);
          if (block === undefined) continue;
          expect([free.has(block), may.has(block)]).toEqual([true, true]);
          free.delete(block);
          taken.push(block);
        }
        expect(missing.left).toBe(free.size + taken.length);
      }
    }),
  );
});

test('a million blocks, of a disk of 4 TiB, are chosen one by one', () => {
  // Looking through all of them for each takes hours.
  const COUNT = 1_000_000;
  const missing = new MissingBlocks(upTo(COUNT), () => 0.5);
  const others = bitsOf(
    upTo(COUNT).filter((block) => block % 2 === 0),
    COUNT,
  );
  expect(missing.hear(others, 64)).toHaveLength(64);
  const seen = new Uint8Array(COUNT);
  while (missing.left > 0) {
    const block = missing.heard((one) => one % 2 === 0) ?? missing.any();
    // A million expectations would take longer than what they are about.
    if (block === undefined || seen[block] === 1) throw new Error(`took ${block}`);
    seen[block] = 1;
    missing.had();
  }
});
