import { Type } from 'typebox';
import { HttpErrors } from './errors.ts';

/** Items of a page when the client names no number, and the most it can have. */
export const MAX_LIMIT = 1000;

/** The paging arguments every list takes, to spread into a route's `query` schema. */
export const listParameters = {
  limit: Type.Optional(Type.Integer({ minimum: 1, description: `Items of a page; more than ${MAX_LIMIT} means that` })),
  marker: Type.Optional(Type.String({ maxLength: 255, description: 'The last item of the page before' })),
  sort_key: Type.Optional(Type.String({ maxLength: 64, description: 'The field to sort by' })),
  sort_dir: Type.Optional(Type.Enum(['asc', 'desc'], { description: 'The direction to sort in' })),
};

/** A page somebody asked for. */
export interface Page {
  limit: number;
  marker: string | null;
  sortKey: string;
  descending: boolean;
}

/**
 * Reads the paging arguments of a validated query. `sortable` are the fields a list can be sorted by, its first
 * the default. Throws 400 for another. A limit above `max` is cut to it.
 */
export function pageOf(
  query: Readonly<Record<string, unknown>>,
  sortable: readonly [string, ...string[]],
  max: number = MAX_LIMIT,
): Page {
  const {
    limit,
    marker,
    sort_key: key,
    sort_dir: direction,
  } = query as {
    limit?: number;
    marker?: string;
    sort_key?: string;
    sort_dir?: string;
  };
  const sortKey = key ?? sortable[0];
  if (!sortable.includes(sortKey)) {
    throw HttpErrors.BadArgument('sort_key', `it must be one of ${sortable.join(', ')}`);
  }
  return {
    limit: Math.min(limit ?? max, max),
    marker: marker ?? null,
    sortKey,
    descending: direction === 'desc',
  };
}

/**
 * The URL of the next page: the same question, filters and all, with another marker. `path` begins with a slash.
 * Safe inside a JSON string as it is.
 */
export function nextLink(
  baseUrl: string,
  path: string,
  query: Readonly<Record<string, unknown>>,
  limit: number,
  marker: string,
): string {
  let link = `${baseUrl}${path}?limit=${limit}`;
  for (const [name, value] of Object.entries(query)) {
    if (name === 'limit' || name === 'marker' || value === undefined) continue;
    const text = Array.isArray(value) ? value.join(',') : String(value);
    link += `&${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
  }
  return `${link}&marker=${encodeURIComponent(marker)}`;
}
