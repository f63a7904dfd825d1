import type { Reader } from './contract.ts';

/** Which keys sealed what: distinct pairs of key id and `schema.table.column`. */
export async function sealedWith(store: Pick<Reader, 'query'>): Promise<{ id: string; column: string }[]> {
  const columns = await store.query<{ s: string; t: string; c: string }>({
    text: `select n.nspname as s, r.relname as t, a.attname as c
             from pg_attribute a join pg_class r on r.oid = a.attrelid join pg_namespace n on n.oid = r.relnamespace
            where r.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attname ~ '(^|_)sealed$'
              and n.nspname !~ '^(pg_|information_schema)' order by 1, 2, 3`,
  });
  const found: { id: string; column: string }[] = [];
  for (const { s, t, c } of columns) {
    const [schema, table, column] = [s, t, c].map((name) => `"${name.replaceAll('"', '""')}"`);
    const rows = await store.query<{ id: string }>({
      text: `select distinct split_part(${column}, '.', 2) as id from ${schema}.${table} where ${column} is not null order by 1`,
    });
    for (const { id } of rows) found.push({ id, column: `${s}.${t}.${c}` });
  }
  return found;
}
