import type { Reader } from '#store/contract';

/** Raises revisions of rows something of theirs was changed of. */
export async function touchRows(reader: Reader, table: string, ids: readonly string[]): Promise<void> {
  const text = `update ${table} set revision = revision + 1, updated_at = clock_timestamp() where id = any($1::uuid[])`;
  await reader.query({ name: `network touch ${table}`, text, values: [ids] });
}
