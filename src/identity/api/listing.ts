import type { HandlerInput, Reply, RequestContext } from '#http/contract';
import type { Condition, Page } from '../store/rows.ts';

/** Where this API lies below the server's address. */
export const V3 = '/identity/v3';

/** Rows of a page when the client says nothing, and at most. */
const MAX_PAGE = 10_000;

/** `http://host:port/identity/v3/users/…` */
export function linkTo(context: RequestContext, ...parts: string[]): string {
  return `${context.baseUrl}${V3}/${parts.map(encodeURIComponent).join('/')}`;
}

/** The page a list request asks for. */
export function pageOf(input: HandlerInput, sort = 'name'): Page {
  const limit = input.query['limit'];
  const marker = input.query['marker'];
  return {
    sort,
    limit: typeof limit === 'number' && limit > 0 ? Math.min(limit, MAX_PAGE) : MAX_PAGE,
    ...(typeof marker === 'string' ? { marker } : {}),
  };
}

/** The reply of a list: `{ <plural>: […], links: { next, self, previous } }`; `rows` may hold one more than the page. */
export function listReply<R extends { id: string }>(
  context: RequestContext,
  input: HandlerInput,
  plural: string,
  path: string,
  rows: readonly R[],
  show: (row: R) => object,
  page?: Page,
): Reply {
  const more = page !== undefined && rows.length > page.limit;
  const shown = more ? rows.slice(0, page.limit) : rows;
  const self = `${context.baseUrl}${V3}${path}`;
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query)) {
    if (name !== 'marker') asked.append(name, String(value));
  }
  let next: string | null = null;
  if (more) {
    asked.set('limit', String(page.limit));
    asked.set('marker', shown.at(-1)?.id ?? '');
    next = `${self}?${asked.toString()}`;
    asked.delete('marker');
  }
  const query = asked.toString();
  return {
    body: {
      [plural]: shown.map(show),
      links: { next, self: query === '' ? self : `${self}?${query}`, previous: null },
    },
  };
}

const like = (text: string) => text.replace(/[\\%_]/g, (c) => `\\${c}`);

const COMPARISONS: Record<string, (column: string, text: string) => Condition> = {
  contains: (column, text) => ({ sql: `${column} like ?`, values: [`%${like(text)}%`] }),
  icontains: (column, text) => ({ sql: `${column} ilike ?`, values: [`%${like(text)}%`] }),
  startswith: (column, text) => ({ sql: `${column} like ?`, values: [`${like(text)}%`] }),
  istartswith: (column, text) => ({ sql: `${column} ilike ?`, values: [`${like(text)}%`] }),
  endswith: (column, text) => ({ sql: `${column} like ?`, values: [`%${like(text)}`] }),
  iendswith: (column, text) => ({ sql: `${column} ilike ?`, values: [`%${like(text)}`] }),
};

/** Conditions of `name=x`, `name__contains=x`, … for the given text columns. */
export function textFilters(query: Record<string, unknown>, columns: readonly string[]): Condition[] {
  const found: Condition[] = [];
  for (const [key, value] of Object.entries(query)) {
    if (typeof value !== 'string') continue;
    const [column = '', comparison] = key.split('__', 2);
    if (!columns.includes(column)) continue;
    if (comparison === undefined) found.push({ sql: `${column} = ?`, values: [value] });
    else if (Object.hasOwn(COMPARISONS, comparison)) {
      const make = COMPARISONS[comparison];
      if (make !== undefined) found.push(make(column, value));
    }
  }
  return found;
}

/** A flag of a query: there and not `0` or `false` means yes, as Keystone reads it. */
export function isAsked(query: Record<string, unknown>, name: string): boolean {
  const value = query[name];
  return value !== undefined && !/^(0|false|no|off)$/i.test(String(value));
}

/** The condition of `enabled=…`. */
export function enabledFilter(query: Record<string, unknown>): Condition[] {
  return query['enabled'] === undefined ? [] : [{ sql: 'enabled = ?', values: [isAsked(query, 'enabled')] }];
}

/** The condition of `tags`, `tags-any`, `not-tags`, `not-tags-any`. */
export function tagFilters(query: Record<string, unknown>): Condition[] {
  const found: Condition[] = [];
  const add = (name: string, sql: string) => {
    const value = query[name];
    if (typeof value === 'string') found.push({ sql, values: [value.split(',')] });
  };
  add('tags', 'tags @> ?::text[]');
  add('tags-any', 'tags && ?::text[]');
  add('not-tags', 'not (tags @> ?::text[])');
  add('not-tags-any', 'not (tags && ?::text[])');
  return found;
}
