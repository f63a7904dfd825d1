import { isIP } from 'node:net';
import { booleanOf } from '#http/query';
import { isUuid } from '#kernel/ids';
import { refusals } from '../refusals.ts';
import type { Field, Resource } from './resource.ts';

// A list as somebody asked for it, made into SQL conditions and an order.

/** Arguments that are no filters. */
export const PAGING = ['limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir', 'fields'] as const;
export const TAG_FILTERS = ['tags', 'tags-any', 'not-tags', 'not-tags-any'] as const;

type Query = Readonly<Record<string, unknown>>;
type Bind = (value: unknown) => string;

/** The conditions of a query's filters. Throws `HTTPBadRequest` for a value that cannot be compared. */
export function conditionsOf(resource: Resource, query: Query, bind: Bind): string[] {
  const found: string[] = [];
  for (const [name, values] of Object.entries(query)) {
    const field = resource.fields[name];
    if (field?.filter === undefined || !Array.isArray(values)) continue;
    found.push(condition(name, field, values as string[], bind));
  }
  if (resource.tags === true) found.push(...tagConditions(query, bind));
  const since = query['changed_since'];
  if (typeof since === 'string') {
    if (Number.isNaN(Date.parse(since))) throw refusals.HTTPBadRequest(`The input changed_since must be a time`);
    found.push(`t.updated_at >= ${bind(since)}::timestamptz`);
  }
  return found;
}

function condition(name: string, field: Field, values: readonly string[], bind: Bind): string {
  const sql = field.filterSql ?? field.sql ?? 'null';
  const { filter } = field;
  if (filter === undefined) return 'true';
  if (typeof filter === 'function') return `(${filter(values, bind)})`;
  // Nothing after the equals sign asks for those that have none.
  const given = values.filter((value) => value !== '');
  const empty = given.length < values.length;
  const among = (type: string, good: readonly unknown[]) => {
    const any = `${sql} = any(${bind(good)}::${type}[])`;
    if (filter === 'text') return empty ? `(${any} or ${sql} is null or ${sql} = '')` : any;
    return empty ? `(${any} or ${sql} is null)` : any;
  };
  switch (filter) {
    case 'text':
      return among('text', given);
    case 'uuid':
      return among('uuid', given.filter(isUuid));
    case 'integer':
      return among(
        'bigint',
        given.map((value) => {
          if (!/^-?\d{1,18}$/.test(value)) throw refusals.HTTPBadRequest(`'${value}' is not an integer (${name})`);
          return value;
        }),
      );
    case 'boolean':
      return among(
        'boolean',
        given.map((value) => {
          const is = booleanOf(value);
          if (is === undefined) throw refusals.HTTPBadRequest(`'${value}' cannot be converted to boolean (${name})`);
          return is;
        }),
      );
    case 'address':
      return among(
        'inet',
        given.filter((value) => isIP(value) !== 0 && !value.includes('%')),
      );
    case 'mac':
      return among(
        'macaddr',
        given.filter((value) => /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(value)),
      );
  }
}

function tagConditions(query: Query, bind: Bind): string[] {
  const found: string[] = [];
  for (const name of TAG_FILTERS) {
    const values = query[name];
    if (!Array.isArray(values)) continue;
    const words = values.flatMap((value: string) => value.split(',')).filter((word) => word !== '');
    const sign = name.endsWith('any') ? '&&' : '@>';
    found.push(`${name.startsWith('not') ? 'not ' : ''}t.tags ${sign} ${bind(words)}::text[]`);
  }
  return found;
}

export interface Order {
  sql: string;
  descending: boolean;
}

/** The order asked for, the order of making last, so that every order is total. Throws `HTTPBadRequest`. */
export function orderOf(resource: Resource, query: Query): Order[] {
  const keys = (query['sort_key'] ?? []) as string[];
  const directions = (query['sort_dir'] ?? []) as string[];
  if (directions.length > keys.length && keys.length > 0)
    throw refusals.HTTPBadRequest('The number of sort_keys and sort_dirs must be same');
  const order = keys.map((key, at): Order => {
    const field = resource.fields[key];
    if (field?.sort !== true || field.sql === undefined)
      throw refusals.HTTPBadRequest(`["'${key}' is not a valid attribute for sort_key"]`);
    const direction = directions[at] ?? 'asc';
    if (direction !== 'asc' && direction !== 'desc')
      throw refusals.HTTPBadRequest(`'${direction}' is not a sort_dir: asc or desc`);
    return { sql: field.sql, descending: direction === 'desc' };
  });
  return [...order, { sql: 't.seq', descending: keys.length === 0 && directions[0] === 'desc' }];
}

/** `order by` of an order; what is null counts as the smallest. */
export const orderSql = (order: readonly Order[], reversed: boolean): string =>
  order
    .map(({ sql, descending }) => (descending === reversed ? `${sql} asc nulls first` : `${sql} desc nulls last`))
    .join(', ');

/** Rows behind a marker in an order, or before it. */
export function beyondSql(table: string, order: readonly Order[], reversed: boolean, marker: string): string {
  const at = (sql: string) => `(select ${sql} from ${table} t where t.id = ${marker}::uuid)`;
  const steps = order.map(({ sql, descending }, index) => {
    const before = order.slice(0, index).map((one) => `${one.sql} is not distinct from ${at(one.sql)}`);
    const own = at(sql);
    const beyond =
      descending === reversed
        ? `(${sql} > ${own} or (${sql} is not null and ${own} is null))`
        : `(${sql} < ${own} or (${sql} is null and ${own} is not null))`;
    return `(${[...before, beyond].join(' and ')})`;
  });
  return `(${steps.join(' or ')})`;
}
