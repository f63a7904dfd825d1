import type { Reader } from '#store/contract';
import type { Document } from '../model/node.ts';
import { prepared } from './prepared.ts';

/** The steps of the deploy templates named like these traits, in the order of the traits. */
export async function templatesOf(reader: Reader, traits: readonly string[]): Promise<Document[]> {
  const rows = await reader.query<{ steps: string }>(
    prepared(
      'select steps from deploy_templates where name = any ($1::text[]) order by array_position($1::text[], name)',
      [traits],
    ),
  );
  return rows.flatMap((row) => JSON.parse(row.steps) as Document[]);
}
