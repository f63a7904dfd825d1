import type { RequestContext } from '#http/contract';
import { nextLink } from '#http/list-query';

/** A page as JSON: `{"nodes":[…],"next":"…"}`. `next` is an absolute URL or null. */
export function collectionJson(name: string, items: readonly string[], next: string | null): string {
  const list = `{${JSON.stringify(name)}:[${items.join(',')}]`;
  return next === null ? `${list}}` : `${list},"next":${JSON.stringify(next)}}`;
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
