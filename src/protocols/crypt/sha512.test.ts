import { describe, expect, test } from 'vitest';
import { sha512Crypt } from './sha512.ts';

// Ulrich Drepper's test vectors of 5000 rounds, and what `openssl passwd -6` gives.
describe('crypt with SHA-512', () => {
  test.each([
    [
      'Hello world!',
      'saltstring',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    ['', 'ab', undefined],
    ['ü'.repeat(90), 'abcdefghABCDEFGH', undefined],
  ])('%s', async (password, salt, known) => {
    const made = sha512Crypt(password, salt);
    if (known !== undefined) expect(made).toBe(known);
    const { run } = await import('#kernel/run');
    const asked = await run('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], {
      timeoutMs: 20_000,
      input: `${password}\n`,
    });
    if (password !== '') expect(made).toBe(asked.stdout.trim());
  });

  test('a salt of other characters is refused', () => {
    expect(() => sha512Crypt('x', 'a$b')).toThrow(TypeError);
  });
});
