import type { Connection } from './connection.ts';
import { SdkError } from './errors.ts';
import type { LooseInput, Operation } from './operation.ts';

/** A row of a list. */
export type Row = Record<string, unknown>;

export interface PagesOptions {
  /** The list's name in the reply: `nodes`. */
  key: string;
  /** The field a page's last row is named by. Default `uuid`. */
  marker?: string;
  /** Rows in all, at most. */
  limit?: number | undefined;
}

/**
 * The rows of a list, page after page, as the server cuts them. A page is asked for when it is needed. Follows the
 * arguments of `next` and not its address: that may be another's.
 */
export async function* pages(
  connection: Connection,
  operation: Operation,
  input: LooseInput,
  { key, marker = 'uuid', limit }: PagesOptions,
): AsyncGenerator<Row> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  let query = { ...input.query };
  const seen = new Set<string>();
  while (left > 0) {
    if (Number.isFinite(left)) query['limit'] = left;
    const page = (await connection.loose(operation, { ...input, query })) as Row | undefined;
    const rows = (page?.[key] ?? []) as Row[];
    for (const row of rows.slice(0, left)) yield row;
    left -= rows.length;
    const { next } = page ?? {};
    if (typeof next !== 'string' || rows.length === 0) return;
    const last = new URL(next, 'http://server').searchParams.get('marker') ?? String(rows.at(-1)?.[marker] ?? '');
    if (last === '' || seen.has(last)) throw new SdkError('PagesTurn', 0, `The pages of ${key} do not come to an end.`);
    seen.add(last);
    query = { ...query, marker: last };
  }
}
