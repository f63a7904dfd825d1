import type { Reply, RequestContext } from '#http/contract';
import { nextLink } from '#http/list-query';
import { PageBytes } from './page-bytes.ts';

/** Pages of fewer items are made as one string. */
const LONG = 64;

/** A page: `{"nodes":[…],"next":"…"}`. `write` makes an item's JSON, `next` is an absolute URL or null. */
export function collectionReply<T>(
  name: string,
  rows: readonly T[],
  write: (row: T) => string,
  next: string | null,
): Reply {
  const head = `{${JSON.stringify(name)}:[`;
  const tail = next === null ? ']}' : `],"next":${JSON.stringify(next)}}`;
  if (rows.length < LONG) return { json: `${head}${rows.map(write).join(',')}${tail}` };
  const page = new PageBytes();
  for (const [i, row] of rows.entries()) page.add(`${i === 0 ? head : ','}${write(row)}`, rows.length - i);
  page.add(tail, 0);
  return {
    content: page.bytes,
    headers: { 'Content-Type': 'application/json' },
    released: () => page.release(),
  };
}

/**
 * The link to the next page. There is one whenever the page is full, on the exact last page too, as in Ironic;
 * unlike there it keeps every filter, so that a client that follows links gets what it asked for.
 */
export function nextOf(
  context: RequestContext,
  path: string,
  query: Readonly<Record<string, unknown>>,
  page: { limit: number; items: number; last: string | null | undefined },
): string | null {
  if (page.items === 0 || page.items !== page.limit || typeof page.last !== 'string') return null;
  return nextLink(context.baseUrl, path, query, page.limit, page.last);
}
