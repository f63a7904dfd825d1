import { randomBytes, randomInt } from 'node:crypto';

/** Randomness, injected, so that a simulated fleet can be replayed from a seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** `n` bytes. From a CSPRNG in `systemRandom`; never use a seeded source for secrets. */
  bytes(n: number): Buffer;
}

/** The operating system's generator; fit for tokens. */
export const systemRandom: Random = {
  next: () => randomInt(2 ** 47) / 2 ** 47,
  bytes: (n) => randomBytes(n),
};

/** A reproducible generator (mulberry32) for simulations. Never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    bytes: (n) => Buffer.from(Array.from({ length: n }, () => Math.floor(next() * 256))),
  };
}
