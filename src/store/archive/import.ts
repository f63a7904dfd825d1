import type { Readable } from 'node:stream';
import type pg from 'pg';
import { type Keyring, parseKeyring } from '../keyring.ts';
import { SEEDED } from '../migrate.ts';
import { type Catalog, quoted, readCatalog, readEngine, readLevel, type Table } from './catalog.ts';
import {
  type ArchiveHeader,
  type ArchiveMark,
  type ArchiveRow,
  archiveErrors,
  parseHeader,
  readLines,
} from './format.ts';
import { inSession } from './session.ts';

/** A transaction that is over for everybody. */
const FROZEN = '3';
const BATCH_BYTES = 1024 * 1024;
/** The protocol counts parameters with 16 bits. */
const MAX_PARAMETERS = 60_000;

/** Tables that a fresh database has rows in: facts about itself, replaced by the archive's. */
const OWN_FACTS = ['public.migrations', 'public.meta', 'dbos.dbos_migrations', 'dbos.application_versions'];

export interface Imported {
  tables: number;
  rows: number;
  created: string;
  /** Ids of the keys that sealed its secrets: `checkKeys` says which of them this host lacks. */
  keys: string[];
  /** The keys themselves, when the archive has them: `addKeys` puts them in place. */
  keyring: Keyring | undefined;
}

/**
 * Loads an archive into an empty database of the same migration level, all of it or nothing, with constant
 * memory. The workflow engine's tables must have been made before, when the archive has them. Nobody else may
 * use the database meanwhile. Throws `ArchiveBroken`, `ArchiveLevel`, `ArchiveTarget` and StoreErrors.
 */
export async function importDatabase(store: { readonly url: string }, stream: Readable): Promise<Imported> {
  // It may break before the first line is asked for; the reading below throws that error again.
  stream.on('error', () => {});
  const done = await inSession(store.url, 'begin', async (client) => {
    await client.query("set local lock_timeout = '10s'");
    const catalog = await readCatalog(client);
    const lines = readLines(stream)[Symbol.asyncIterator]();
    const header = parseHeader((await lines.next()).value?.value);
    await checkLevel(client, header);
    await makeRoom(client, catalog);
    const imported = await load(client, catalog, header, lines);
    await makeWhole(client, catalog);
    return imported;
  });
  // The planner knows nothing of the new rows yet.
  await inSession(store.url, 'select 1', (client) => client.query('analyze'));
  return done;
}

async function checkLevel(client: pg.Client, header: ArchiveHeader): Promise<void> {
  const here = await readLevel(client);
  const text = (level: [string, string][]) => level.map((pair) => pair.join(' '));
  const lacks = text(header.level).find((item) => !text(here).includes(item));
  if (lacks !== undefined) throw archiveErrors.ArchiveLevel(`it has the migration ${lacks.split(' ')[0]}`);
  const more = text(here).find((item) => !text(header.level).includes(item));
  if (more !== undefined) throw archiveErrors.ArchiveLevel(`it lacks the migration ${more.split(' ')[0]}`);
  const engine = await readEngine(client);
  if (header.engine !== null && header.engine !== engine) {
    const why = engine === null ? 'the workflow engine has no tables here yet' : 'its workflow engine is another one';
    throw archiveErrors.ArchiveLevel(why);
  }
}

/** Makes sure that nothing is lost, then opens the way: no foreign keys, no triggers. */
async function makeRoom(client: pg.Client, catalog: Catalog): Promise<void> {
  const { rows } = await client.query<{ value: string }>('select value from public.meta where key = $1', [SEEDED]);
  const mayHaveRows = new Set([...OWN_FACTS, ...(rows[0]?.value ?? '').split(' ')]);
  for (const table of catalog.tables) {
    if (mayHaveRows.has(table.name)) continue;
    const { rowCount } = await client.query(`select 1 from ${table.sql} limit 1`);
    if (rowCount !== 0) throw archiveErrors.ArchiveTarget(table.name);
  }
  for (const key of catalog.foreignKeys) await client.query(`alter table ${key.table} drop constraint ${key.name}`);
  for (const table of catalog.triggered) await client.query(`alter table ${table} disable trigger user`);
  if (catalog.tables.length > 0) await client.query(`truncate ${catalog.tables.map((table) => table.sql).join(', ')}`);
}

/** Puts foreign keys back, which checks every row against them, and triggers. */
async function makeWhole(client: pg.Client, catalog: Catalog): Promise<void> {
  for (const { table, name, definition } of catalog.foreignKeys) {
    await client.query(`alter table ${table} add constraint ${name} ${definition}`);
  }
  for (const table of catalog.triggered) await client.query(`alter table ${table} enable trigger user`);
}

async function load(
  client: pg.Client,
  catalog: Catalog,
  header: ArchiveHeader,
  lines: ReturnType<typeof readLines>,
): Promise<Imported> {
  const tables = new Map(catalog.tables.map((table) => [table.name, table]));
  const sequences = new Map(catalog.sequences.map((sequence) => [sequence.name, sequence.sql]));
  const positions: { sql: string; value: string; called: boolean }[] = [];
  let keyring: Keyring | undefined;
  let counted = 0;
  let rows = 0;
  for (;;) {
    const next = await lines.next();
    if (next.done) throw archiveErrors.ArchiveBroken('it ends too early');
    const mark = next.value.value as ArchiveMark;
    if (mark.end) {
      if (mark.sha256 !== next.value.hashBefore()) throw archiveErrors.ArchiveBroken('its checksum is wrong');
      if (mark.rows !== rows || counted !== header.tables) throw archiveErrors.ArchiveBroken('its counts are wrong');
      break;
    }
    if (mark.keyring !== undefined) keyring = parseKeyring(JSON.stringify(mark.keyring), 'the archive');
    else if (mark.table !== undefined) {
      const table = tables.get(mark.table);
      if (table === undefined) throw archiveErrors.ArchiveLevel(`it has the table ${mark.table}`);
      rows += await loadTable(client, table, mark.columns ?? [], lines);
      tables.delete(mark.table);
      counted += 1;
    } else if (mark.sequence !== undefined) {
      const sql = sequences.get(mark.sequence);
      if (sql === undefined || mark.value === undefined) {
        throw archiveErrors.ArchiveLevel(`it has the sequence ${mark.sequence}`);
      }
      positions.push({ sql, value: mark.value, called: mark.called === true });
    } else throw archiveErrors.ArchiveBroken('a line means nothing');
  }
  // At the very end, since a sequence does not go back when the transaction does.
  for (const { sql, value, called } of positions) {
    await client.query('select setval($1::regclass, $2::bigint, $3)', [sql, value, called]);
  }
  return { tables: counted, rows, created: header.created, keys: header.keys, keyring };
}

/** Loads the rows up to the mark that counts them; gives how many. */
async function loadTable(
  client: pg.Client,
  table: Table,
  columns: string[],
  lines: ReturnType<typeof readLines>,
): Promise<number> {
  if (columns.length !== table.columns.length || columns.some((name) => !table.columns.includes(name))) {
    throw archiveErrors.ArchiveLevel(`the columns of ${table.name} are others`);
  }
  const frozen = columns.map((name) => table.transactionIds.includes(name));
  const head = `insert into ${table.sql} (${columns.map(quoted).join(', ')}) overriding system value values `;
  const most = Math.max(1, Math.floor(MAX_PARAMETERS / Math.max(1, columns.length)));
  let values: (string | null)[] = [];
  let batch = 0;
  let bytes = 0;
  let rows = 0;
  const flush = async () => {
    if (batch === 0) return;
    const row = (n: number) => `(${columns.map((_, i) => `$${n * columns.length + i + 1}`).join(',')})`;
    const tuples = Array.from({ length: batch }, (_, n) => row(n)).join(',');
    await client.query(head + tuples, values);
    values = [];
    batch = 0;
    bytes = 0;
  };
  for (;;) {
    const next = await lines.next();
    if (next.done) throw archiveErrors.ArchiveBroken('it ends too early');
    const value = next.value.value;
    if (!Array.isArray(value)) {
      await flush();
      if (value.rows !== rows) throw archiveErrors.ArchiveBroken(`the count of ${table.name} is wrong`);
      return rows;
    }
    const row: ArchiveRow = value;
    if (row.length !== columns.length) throw archiveErrors.ArchiveBroken(`a row of ${table.name} is not whole`);
    for (const [i, item] of row.entries()) {
      values.push(frozen[i] && item !== null ? FROZEN : item);
      bytes += item?.length ?? 4;
    }
    batch += 1;
    rows += 1;
    if (batch >= most || bytes >= BATCH_BYTES) await flush();
  }
}
