import pg from 'pg';
import { toStoreError } from '../errors.ts';
import { clientConfig, defaultDeadlines } from '../pool.ts';

/** Every value as PostgreSQL's own text. */
export const rawTypes = { getTypeParser: () => (text: string) => text } as unknown as pg.CustomTypesConfig;

/**
 * Runs `fn` in one transaction on a connection of its own, without time limits for the statements: a big
 * database and a slow disk at the other end take as long as they take. Rolls back when it throws.
 */
export async function inSession<T>(url: string, begin: string, fn: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    ...clientConfig(url, 'ingot-archive', defaultDeadlines),
    statement_timeout: 0,
    query_timeout: 0,
    idle_in_transaction_session_timeout: 0,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(begin);
    const result = await fn(client);
    await client.query('commit');
    return result;
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end().catch(() => {}); // rolls back what was not committed
  }
}
