import type pg from 'pg';

/** A table of ours. */
export interface Table {
  /** `schema.name`, for people and archives. */
  name: string;
  /** Quoted, for statements. */
  sql: string;
  /** Columns that hold data (generated ones are made again), in order. */
  columns: string[];
  /** Those of them that hold ids of transactions, which mean nothing on another server. */
  transactionIds: string[];
}

/** Everything in the database that an archive carries, or that stands in the way of loading it. */
export interface Catalog {
  tables: Table[];
  sequences: { name: string; sql: string }[];
  /** Foreign keys, with the text that makes them again. */
  foreignKeys: { table: string; name: string; definition: string }[];
  /** Tables with triggers of their own, quoted. */
  triggered: string[];
}

/** Quotes a name for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and c.relowner = (select oid from pg_roles where rolname = current_user)`;

/** Reads what the current role owns in all schemas: an external database may hold other people's tables. */
export async function readCatalog(client: pg.ClientBase): Promise<Catalog> {
  const tables = await client.query<{ s: string; t: string; columns: string[]; xids: string[] }>(
    `select n.nspname::text as s, c.relname::text as t,
            coalesce(array_agg(a.attname::text order by a.attnum) filter (where a.attgenerated = ''), '{}') as columns,
            coalesce(array_agg(a.attname::text) filter (where a.atttypid = 'xid8'::regtype), '{}') as xids
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind = 'r' and ${OURS}
      group by 1, 2 order by 1, 2`,
  );
  const sequences = await client.query<{ s: string; t: string }>(
    `select n.nspname::text as s, c.relname::text as t
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'S' and ${OURS} order by 1, 2`,
  );
  const keys = await client.query<{ s: string; t: string; name: string; definition: string }>(
    `select n.nspname::text as s, c.relname::text as t, k.conname::text as name, pg_get_constraintdef(k.oid) as definition
       from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      where k.contype = 'f' and k.conparentid = 0 and ${OURS} order by 1, 2, 3`,
  );
  const triggers = await client.query<{ s: string; t: string }>(
    `select distinct n.nspname::text as s, c.relname::text as t
       from pg_trigger g join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
      where not g.tgisinternal and g.tgparentid = 0 and ${OURS} order by 1, 2`,
  );
  const sql = (row: { s: string; t: string }) => `${quoted(row.s)}.${quoted(row.t)}`;
  return {
    tables: tables.rows.map((row) => ({
      name: `${row.s}.${row.t}`,
      sql: sql(row),
      columns: row.columns,
      transactionIds: row.xids,
    })),
    sequences: sequences.rows.map((row) => ({ name: `${row.s}.${row.t}`, sql: sql(row) })),
    foreignKeys: keys.rows.map((row) => ({ table: sql(row), name: quoted(row.name), definition: row.definition })),
    triggered: triggers.rows.map(sql),
  };
}

/** The migrations a database has, in order. */
export async function readLevel(client: pg.ClientBase): Promise<[name: string, checksum: string][]> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from public.migrations order by name',
  );
  return rows.map((row) => [row.name, row.checksum]);
}

/** Version of the workflow engine's tables; null when there are none. */
export async function readEngine(client: pg.ClientBase): Promise<string | null> {
  const there = await client.query<{ t: string | null }>("select to_regclass('dbos.dbos_migrations')::text as t");
  if ((there.rows[0]?.t ?? null) === null) return null;
  const { rows } = await client.query<{ v: string }>(
    'select string_agg(m::text, chr(10) order by m::text) as v from dbos.dbos_migrations m',
  );
  return rows[0]?.v ?? '';
}
