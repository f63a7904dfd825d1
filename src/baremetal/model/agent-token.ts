import { createHash, timingSafeEqual } from 'node:crypto';
import { systemRandom } from '#kernel/random';

/** A new agent token: 43 characters, 256 bits. */
export function newAgentToken(): string {
  return systemRandom.bytes(32).toString('base64url');
}

/** What is kept of a token for comparison. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Is this the token with the given hash (hex)? Takes the same time whatever was sent. */
export function tokenMatches(token: string, hash: string): boolean {
  const kept = Buffer.from(hash, 'hex');
  const sent = hashToken(token);
  return kept.length === sent.length && timingSafeEqual(kept, sent);
}
