/** A page as JSON: `{"nodes":[…],"next":"…"}`. `next` is an absolute URL or null. */
export function collectionJson(name: string, items: readonly string[], next: string | null): string {
  const list = `{${JSON.stringify(name)}:[${items.join(',')}]`;
  return next === null ? `${list}}` : `${list},"next":${JSON.stringify(next)}}`;
}

/**
 * The link to the next page. There is one whenever the page is full, as in Ironic; unlike there it keeps every
 * filter, so that a client that follows links gets what it asked for.
 */
export function nextLink(
  url: string,
  echo: Readonly<Record<string, string>>,
  limit: number,
  items: number,
  marker: string | undefined,
): string | null {
  if (items === 0 || items !== limit || marker === undefined) return null;
  const args = Object.entries(echo).map(
    ([name, value]) => `${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`,
  );
  return `${url}?${[...args, `limit=${limit}`, `marker=${marker}`].join('&')}`;
}
