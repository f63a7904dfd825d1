import type { Reader } from '#store/contract';
import { beyondSql, conditionsOf, orderOf, orderSql } from '../model/listing.ts';
import type { Resource } from '../model/resource.ts';
import { documentSql, type Sight, whereSql } from './documents.ts';

export interface ListWish {
  /** The caller's project. */
  project: string;
  /** Facts that make a row visible to the caller; null: all rows are. */
  seenBy: readonly string[] | null;
  parentId: string | null;
  sight: Sight;
  wanted: ReadonlySet<string> | null;
  query: Readonly<Record<string, unknown>>;
  /** Null: no end. */
  limit: number | null;
  marker: string | null;
  reversed: boolean;
}

/** Documents of a list with their ids, one more than asked for when there are more; in the order asked for. */
export async function readList(
  reader: Reader,
  resource: Resource,
  wish: ListWish,
): Promise<{ id: string; doc: string }[]> {
  const values: unknown[] = [wish.project];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const order = orderOf(resource, wish.query);
  const conditions = ['$1::text is not null', ...conditionsOf(resource, wish.query, bind)];
  if (wish.seenBy !== null) conditions.push(`(${seenSql(resource, wish.seenBy)})`);
  if (wish.marker !== null) conditions.push(beyondSql(resource.table, order, wish.reversed, bind(wish.marker)));
  const where = `${conditions.join(' and ')}${whereSql(resource, wish.parentId, bind)}`;
  const limit = wish.limit === null ? '' : ` limit ${bind(wish.limit + 1)}`;
  const text = `select t.id, ${documentSql(resource, wish.sight, wish.wanted)} as doc from ${resource.table} t
    where ${where} order by ${orderSql(order, wish.reversed)}${limit}`;
  const rows = await reader.query<{ id: string; doc: string }>({ text, values });
  return rows;
}

/** Rows of whom one of the facts holds: found by each on its own index, not by looking at all rows for any. */
function seenSql({ facts, table }: Resource, names: readonly string[]): string {
  const conditions = names.flatMap((name) => {
    const fact = facts[name];
    if (fact === undefined) return [];
    return [fact.list ?? (fact.kind === 'project' ? `${fact.sql} = $1` : fact.sql)];
  });
  const [first = 'false', ...rest] = conditions;
  if (rest.length === 0) return first;
  const branches = conditions.map((condition) => `select t.id from ${table} t where ${condition}`);
  return `t.id in (${branches.join(' union ')})`;
}

/** Is there such a row at all? For markers that are none. */
export async function isThere(reader: Reader, resource: Resource, id: string): Promise<boolean> {
  const text = `select from ${resource.table} where id = $1`;
  return (await reader.query({ text, values: [id] })).length > 0;
}
