import { describe, expect, test } from 'vitest';
import { run } from '#kernel/run';
import { sha512Crypt } from './sha512.ts';

describe('crypt with SHA-512 gives what openssl gives', () => {
  test.each([
    ['Hello world!', 'saltstring'],
    ['a', '.'],
    ['ü'.repeat(90), 'abcdefghABCDEFGH'],
  ])('%s', async (password, salt) => {
    const made = sha512Crypt(password, salt);
    const asked = await run('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], {
      timeoutMs: 20_000,
      input: `${password}\n`,
    });
    expect(made).toBe(asked.stdout.trim());
  });

  test('a salt of other characters is refused', () => {
    expect(() => sha512Crypt('x', 'a$b')).toThrow(TypeError);
  });
});
