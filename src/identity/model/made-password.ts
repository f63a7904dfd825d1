import type { Random } from '#kernel/random';

/** A password that nobody has to think of: 144 bits. It begins with no dash, which commands take for an option. */
export function makePassword(random: Random): string {
  return random.bytes(18).toString('base64url').replace(/^-/, 'A');
}
