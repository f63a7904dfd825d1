import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BlockManifest } from './manifest.ts';
import { bitsToText, emptyBits, hasBit, setBit } from './swarm.ts';
import { SwarmKeeper } from './swarm-keeper.ts';

const image = (blocks: number): BlockManifest => ({
  version: 1,
  virtual_bytes: blocks * 65_536,
  block_bytes: 65_536,
  blocks: Array.from({ length: blocks }, (_, i) => (i % 5 === 4 ? null : i.toString(16).padStart(64, '0'))),
});

const announcement = (node: string, have: Uint8Array, want: readonly number[]) => ({
  node_uuid: node,
  url: `https://${node}:9999/v1/ingot`,
  verify_ca: '',
  secret: node,
  have: bitsToText(have),
  want,
});

describe('the keeper of a swarm', () => {
  test('hands each block of the source to one machine, however many ask and in whatever order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat({ max: 4 }), { maxLength: 200 }), (n, turns) => {
        const manifest = image(n);
        const keeper = new SwarmKeeper(manifest);
        const have = new Map<number, Uint8Array>();
        const fromSource: number[] = [];
        for (const [at, who] of [...turns, ...Array.from({ length: n * 5 }, (_, i) => i % 5)].entries()) {
          const mine = have.get(who) ?? emptyBits(n);
          have.set(who, mine);
          const want = Array.from({ length: n }, (_, i) => i).filter((i) => !hasBit(mine, i));
          const { granted = [] } = keeper.announce(announcement(String(who), mine, want), at);
          const first = granted[0];
          if (first !== undefined) {
            setBit(mine, first);
            fromSource.push(first);
          }
        }
        expect(new Set(fromSource).size).toBe(fromSource.length);
        expect(fromSource.every((block) => manifest.blocks[block] !== null)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('gives a block to somebody else when its taker is silent or slow', () => {
    const keeper = new SwarmKeeper(image(1), { silentMs: 100, grantMs: 1000 });
    expect(keeper.announce(announcement('a', emptyBits(1), [0]), 0).granted).toEqual([0]);
    expect(keeper.announce(announcement('b', emptyBits(1), [0]), 50).granted).toEqual([]);
    expect(keeper.announce(announcement('b', emptyBits(1), [0]), 151).granted).toEqual([0]);
    expect(keeper.size).toBe(1);
  });

  test('names a machine to the others until it leaves', () => {
    const keeper = new SwarmKeeper(image(2));
    const all = Uint8Array.of(3);
    keeper.announce(announcement('a', all, []), 0);
    const answer = keeper.announce(announcement('b', emptyBits(2), [0, 1]), 1);
    expect(answer.peers.map((peer) => peer.secret)).toEqual(['a']);
    expect(answer.granted).toEqual([]); // a has them: nobody needs the source
    expect(keeper.lacking('b')).toBe(131_072);
    keeper.announce({ ...announcement('a', all, []), leaving: true }, 2);
    expect(keeper.announce(announcement('b', emptyBits(2), [0]), 3)).toMatchObject({ peers: [], granted: [0] });
  });
});
