import { expect, test } from 'vitest';
import { systemRandom } from '#kernel/random';
import { makePassword } from './made-password.ts';

test('a made password begins with no dash, whatever the bytes', () => {
  for (let first = 0; first < 256; first++) {
    const bytes = (count: number) => Buffer.alloc(count, 7).fill(first, 0, 1);
    expect(makePassword({ ...systemRandom, bytes })).toMatch(/^[\w][\w-]{23}$/);
  }
});
