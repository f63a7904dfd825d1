import { createHash } from 'node:crypto';
import { refuse } from '../refusal.ts';
import type { Traits } from '../traits.ts';

/** The bare tag of a representation. */
export function tagOf(body: unknown): string {
  return createHash('sha1').update(JSON.stringify(body)).digest('hex').slice(0, 16);
}

/** The ETag header as this make of BMC writes it; undefined: none. `packed`: the answer is compressed. */
export function etagHeader(tag: string, traits: Traits, packed: boolean): string | undefined {
  switch (traits.etags) {
    case 'none':
      return undefined;
    case 'empty':
      return '""';
    case 'weak':
    case 'weak-refused':
      return `W/"${tag}"`;
    default:
      return packed && traits.gzip === 'spoils-etag' ? `"${tag}-gzip"` : `"${tag}"`;
  }
}

/**
 * Whether a write may go on. Throws PreconditionFailed or PreconditionRequired.
 * `tag` is undefined where the resource has no representation (actions).
 */
export function checkIfMatch(header: string | undefined, tag: string | undefined, traits: Traits): void {
  if (header === undefined) {
    if (traits.ifMatch !== 'optional') throw refuse('PreconditionRequired');
    return;
  }
  if (traits.etags === 'never-match') throw refuse('PreconditionFailed');
  if (header.trim() === '*') return;
  if (traits.ifMatch === 'star') throw refuse('PreconditionFailed');
  if (traits.etags === 'none') return;
  const given = header.split(',').map((t) => t.trim());
  const right = [`"${tag}"`];
  if (traits.etags === 'weak') right.push(`W/"${tag}"`);
  if (traits.etags === 'empty' || !given.some((t) => right.includes(t))) throw refuse('PreconditionFailed');
}
