import { hash, timingSafeEqual } from 'node:crypto';
import { systemRandom } from '#kernel/random';

/** A new agent token: 43 characters, 256 bits. */
export function newAgentToken(): string {
  return systemRandom.bytes(32).toString('base64url');
}

/** What is kept of a token for comparison. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** Is this the token with the given hash (hex)? Takes the same time whatever was sent. */
export function tokenMatches(token: string, kept: string): boolean {
  const known = Buffer.from(kept, 'hex');
  const sent = hashToken(token);
  return known.length === sent.length && timingSafeEqual(known, sent);
}
