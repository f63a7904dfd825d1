import { errors } from '../errors.ts';

const MAX_BYTES = 65_536;

/**
 * The attributes of a body that are no columns of ours: kept as they are, shown again, and without any meaning.
 * `known` are the names with a meaning; `now` is what was kept before. A null removes one.
 */
export function mergeExtra(now: string, body: Record<string, unknown>, known: readonly string[]): string {
  const extra = JSON.parse(now) as Record<string, unknown>;
  for (const [name, value] of Object.entries(body)) {
    if (known.includes(name)) continue;
    if (value === null) delete extra[name];
    else extra[name] = value;
  }
  const text = JSON.stringify(extra);
  if (Buffer.byteLength(text) > MAX_BYTES) throw errors.Invalid('The additional attributes are too large.');
  return text;
}

/** Shows a resource with its additional attributes; its own ones win. */
export function withExtra(extra: string, own: Record<string, unknown>): Record<string, unknown> {
  return extra === '{}' ? own : { ...(JSON.parse(extra) as Record<string, unknown>), ...own };
}
