import bcrypt from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { createHasher, isKnownHash } from './hash.ts';

describe('password hashes', () => {
  const hasher = createHasher();

  it('fit their password and no other', async () => {
    const hash = await hasher.hash('pässword');
    expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=1\$/);
    expect(await hasher.verify('pässword', hash)).toBe(true);
    expect(await hasher.verify('pa\u0308ssword', hash)).toBe(true);
    expect(await hasher.verify('password', hash)).toBe(false);
    expect(await hasher.hash('pässword')).not.toBe(hash);
  });

  it('of passlib and htpasswd are understood', async () => {
    // passlib.hash.scrypt.using(rounds=10).hash('secret'), and htpasswd -B's marker.
    const passlib = '$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$AAAA';
    expect(isKnownHash(passlib)).toBe(false);
    const b = bcrypt.hashSync('secret', 5).replace(/^\$2b/, '$2y');
    expect(await hasher.verify('secret', b)).toBe(true);
    expect(await hasher.verify('Secret', b)).toBe(false);
    for (const bad of ['secret', '{SHA}x', '$apr1$x$y', '$2y$31$' + 'a'.repeat(53), '$scrypt$ln=40,r=8,p=1$x$y', '']) {
      expect(isKnownHash(bad)).toBe(false);
    }
  });

  it('take the same time for a user who is not there', async () => {
    const hash = await hasher.hash('x');
    const time = async (h: string | null) => {
      const t = performance.now();
      for (let i = 0; i < 4; i++) await hasher.verify('y', h);
      return performance.now() - t;
    };
    await time(null);
    const [there, missing] = [await time(hash), await time(null)];
    expect(missing).toBeGreaterThan(there / 3);
    expect(there).toBeGreaterThan(missing / 3);
  });

  it('are refused when too many wait, and the waiting are served', async () => {
    const small = createHasher({ parallel: 1, queue: 2 });
    const hash = await small.hash('x');
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => small.verify('x', hash)));
    expect(all.filter((r) => r.status === 'fulfilled' && r.value)).toHaveLength(3);
    expect(all.filter((r) => r.status === 'rejected' && r.reason.status === 503)).toHaveLength(3);
    expect(await small.verify('x', hash)).toBe(true);
  });

  it('of endless passwords are not computed', async () => {
    expect(await hasher.verify('x'.repeat(100_000), await hasher.hash('x'))).toBe(false);
  });
});
