import type { Reader } from '#store/contract';
import { named, shaped } from './named.ts';
import { type TextRow, textRows } from './text-rows.ts';

/** The conditions of a statement and the values they speak of. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #texts: string[] = [];

  /** Gives a placeholder for a value: `$3`. */
  bind(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  add(text: string): void {
    this.#texts.push(text);
  }

  get where(): string {
    return this.#texts.length === 0 ? '' : ` where ${this.#texts.join(' and ')}`;
  }
}

export interface SortOrder {
  column: string;
  notNull: boolean;
  descending: boolean;
}

export interface ListStatement {
  /** `nodes t`, with joins. */
  from: string;
  select: string;
  conditions: Conditions;
  /** Column of the default order and of ties, unique: `seq`. */
  seq: string;
  sort: SortOrder | null;
  /** The last row the client has: its place in the order. */
  after: { value: string | null; seq: string } | null;
  descending: boolean;
  limit: number;
}

/**
 * Runs a list by keyset: the place after which to go on is a condition, so that page 1,000 costs what page 1
 * costs. Nulls come last when ascending and first when descending, as PostgreSQL's indexes have them.
 */
export function listRows(reader: Reader, list: ListStatement): Promise<TextRow[]> {
  const { conditions, sort, after } = list;
  const direction = list.descending ? ' desc' : '';
  const beyond = list.descending ? '<' : '>';
  const seq = `t.${list.seq}`;
  if (after !== null) {
    const at = `${conditions.bind(after.seq)}::bigint`;
    if (sort === null) conditions.add(`${seq} ${beyond} ${at}`);
    else {
      const column = `t.${sort.column}`;
      if (after.value === null) {
        const rest = `${column} is null and ${seq} ${beyond} ${at}`;
        conditions.add(list.descending ? `((${rest}) or ${column} is not null)` : `(${rest})`);
      } else {
        const value = conditions.bind(after.value);
        const pair = `(${column}, ${seq}) ${beyond} (${value}, ${at})`;
        conditions.add(sort.notNull || list.descending ? pair : `(${pair} or ${column} is null)`);
      }
    }
  }
  const order = sort === null ? `${seq}${direction}` : `t.${sort.column}${direction}, ${seq}${direction}`;
  const limit = conditions.bind(list.limit);
  const rest = ` from ${list.from}${conditions.where} order by ${order} limit ${limit}`;
  return textRows(
    reader,
    shaped(list.select, rest, () => `select ${list.select}${rest}`, conditions.values),
  );
}

/**
 * Where a marker stands in the order: the row's sort value as text and its `seq`; undefined when there is no
 * such row.
 */
export async function markerPlace(
  reader: Reader,
  table: string,
  key: { column: string; value: string },
  seq: string,
  sort: SortOrder | null,
): Promise<{ value: string | null; seq: string } | undefined> {
  const column = sort === null ? 'null' : `${sort.column}::text`;
  const rows = await textRows(
    reader,
    named(`select ${column}, ${seq} from ${table} where ${key.column} = $1`, [key.value]),
  );
  const row = rows[0];
  return row === undefined ? undefined : { value: row[0] ?? null, seq: row[1] as string };
}
