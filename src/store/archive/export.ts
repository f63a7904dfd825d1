import { createHash } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { type Clock, systemClock } from '#kernel/clock';
import type { Secret } from '#kernel/secret';
import { sealedWith } from '../sealed-columns.ts';
import { quoted, readCatalog, readEngine, readLevel, type Table } from './catalog.ts';
import { ARCHIVE_VERSION, type ArchiveEnd, type ArchiveHeader } from './format.ts';
import { inSession, rawTypes } from './session.ts';

/** About how much is in memory at once. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_ROWS = 2_000;

export interface ExportOptions {
  /** The text of keys.json, to be put into the archive. Without it the archive opens no secret by itself. */
  keyFile?: Secret;
  clock?: Clock;
}

export interface Exported {
  tables: number;
  rows: number;
  /** Ids of the keys whose secrets are in it; the host that imports it needs these. */
  keys: string[];
}

/**
 * Writes everything our role owns, in all schemas, as of one moment, to `stream`; the program may go on
 * working. Memory stays constant. Does not end the stream. Throws StoreErrors and the stream's errors.
 */
export async function exportDatabase(
  store: { readonly url: string },
  stream: Writable,
  options: ExportOptions = {},
): Promise<Exported> {
  const done: Exported = { tables: 0, rows: 0, keys: [] };
  await inSession(store.url, 'begin isolation level repeatable read read only', async (client) => {
    await pipeline(Readable.from(archive(client, options, done), { objectMode: false }), stream, { end: false });
  });
  // The pipeline ends when the stream has taken everything; wait until it has also passed it on.
  await new Promise<void>((resolve, reject) => {
    stream.write('', (error) => (error ? reject(error) : resolve()));
  });
  return done;
}

async function* archive(client: pg.Client, options: ExportOptions, done: Exported): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const line = (value: unknown): string => {
    const text = `${JSON.stringify(value)}\n`;
    hash.update(text);
    return text;
  };
  const catalog = await readCatalog(client);
  const sealed = await sealedWith({ query: async (s) => (await client.query(s as pg.QueryConfig)).rows as never });
  done.keys = [...new Set(sealed.map((pair) => pair.id))];
  const header: ArchiveHeader = {
    ingot: 'archive',
    version: ARCHIVE_VERSION,
    created: new Date((options.clock ?? systemClock).now()).toISOString(),
    level: await readLevel(client),
    engine: await readEngine(client),
    keys: done.keys,
    tables: catalog.tables.length,
  };
  yield line(header);
  if (options.keyFile) yield line({ keyring: JSON.parse(options.keyFile.reveal()) });
  for (const table of catalog.tables) {
    yield line({ table: table.name, columns: table.columns });
    let rows = 0;
    for await (const batch of readRows(client, table)) {
      rows += batch.length;
      yield batch.map(line).join('');
    }
    yield line({ rows });
    done.tables += 1;
    done.rows += rows;
  }
  // Last: sequences stand outside of snapshots, so these are at least as far as the rows.
  for (const { name, sql } of catalog.sequences) {
    const { rows } = await client.query(`select last_value::text as value, is_called as called from ${sql}`);
    yield line({ sequence: name, value: rows[0].value, called: rows[0].called });
  }
  const end: ArchiveEnd = { end: true, rows: done.rows, sha256: hash.digest('hex') };
  yield `${JSON.stringify(end)}\n`;
}

async function* readRows(client: pg.Client, table: Table): AsyncGenerator<(string | null)[][]> {
  if (table.columns.length === 0) return;
  const columns = table.columns.map(quoted).join(', ');
  await client.query(`declare archive no scroll cursor for select ${columns} from ${table.sql}`);
  let count = 32;
  for (;;) {
    const { rows } = await client.query<(string | null)[]>({
      text: `fetch ${count} from archive`,
      rowMode: 'array',
      types: rawTypes,
    } as pg.QueryArrayConfig);
    if (rows.length === 0) break;
    yield rows;
    const bytes = rows.reduce((sum, row) => sum + row.reduce((s, value) => s + (value?.length ?? 4), 0), 1);
    count = Math.max(1, Math.min(BATCH_ROWS, Math.floor((BATCH_BYTES * rows.length) / bytes)));
  }
  await client.query('close archive');
}
