import type { Reader, Statement } from '#store/contract';

/** A row in PostgreSQL's own text, by position: nothing was parsed. Times are in UTC, booleans `t` and `f`. */
export type TextRow = readonly (string | null)[];

// The store hands these to the driver as they are. Lists of a thousand nodes cost half of what objects with
// parsed values cost, and the serializer wants text anyway.
const AS_TEXT = { rowMode: 'array', types: { getTypeParser: () => (text: string) => text } };

/** Runs a statement and gives its rows as text by position. */
export function textRows(reader: Reader, statement: Statement): Promise<TextRow[]> {
  return reader.query<TextRow>({ ...statement, ...AS_TEXT });
}
