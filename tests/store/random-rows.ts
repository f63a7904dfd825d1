import pg from 'pg';
import type { Random } from '#kernel/random';
import { readCatalog } from '#store/archive/catalog';

interface Column {
  name: string;
  type: string;
  nullable: boolean;
  identity: string;
  /** What a check of the form `column in ('a', 'b')` allows. */
  words: string[];
}

/**
 * Puts up to `count` random rows into every table of the database, whatever its columns are. Foreign keys and
 * checks are off meanwhile, so references are filled first and made to point at rows that exist.
 */
export async function fillTables(adminUrl: string, url: string, random: Random, count: number): Promise<void> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  const catalog = await readCatalog(owner);
  await owner.end();
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    // Several rounds: a table whose references come later in the alphabet gets its rows in the next one.
    for (let round = 0; round < 4; round++) {
      for (const table of catalog.tables) {
        if (/\.(migrations|dbos_migrations)$/.test(table.name)) continue;
        const columns = await columnsOf(client, table.sql);
        for (let i = 0; i < count / 4; i++) await insertRow(client, table.sql, columns, random, i);
      }
    }
  } finally {
    await client.end();
  }
}

async function columnsOf(client: pg.Client, table: string): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
            a.attidentity::text as identity,
            array(select m[1] from pg_constraint k cross join regexp_matches(pg_get_constraintdef(k.oid), '''([^'']*)''::text', 'g') m
                   where k.contype = 'c' and k.conrelid = a.attrelid and k.conkey = array[a.attnum]) as words
       from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      order by a.attnum`,
    [table],
  );
  return rows;
}

/** One row; a unique or check constraint may refuse a random one, which is no matter. Keys must hold. */
async function insertRow(
  client: pg.Client,
  table: string,
  columns: Column[],
  random: Random,
  i: number,
): Promise<void> {
  const filled = columns.filter((column) => column.identity !== 'a');
  const refs = await references(client, table);
  const names: string[] = [];
  const values: string[] = [];
  const parameters: unknown[] = [];
  for (const column of filled) {
    const ref = refs.get(column.name);
    names.push(`"${column.name.replaceAll('"', '""')}"`);
    if (ref !== undefined) {
      values.push(
        column.nullable && (i === 0 || random.next() < 0.4)
          ? 'null'
          : `(select ${ref.column} from ${ref.table} order by random() limit 1)`,
      );
    } else if (column.nullable && random.next() < 0.3) values.push('null');
    else {
      const word = column.words[Math.floor(random.next() * column.words.length)];
      parameters.push(word ?? randomValue(column.type, random));
      values.push(`$${parameters.length}`);
    }
  }
  const head = names.length === 0 ? 'default values' : `(${names.join(', ')}) values (${values.join(', ')})`;
  await client.query(`insert into ${table} ${head}`, parameters).catch((error: { code?: string }) => {
    if (!/^(23|54)/.test(error.code ?? '')) throw error; // 54: too long for an index
  });
}

async function references(client: pg.Client, table: string): Promise<Map<string, { table: string; column: string }>> {
  const { rows } = await client.query<{ name: string; table: string; column: string }>(
    `select a.attname::text as name, k.confrelid::regclass::text as table, quote_ident(b.attname) as column
       from pg_constraint k cross join lateral unnest(k.conkey, k.confkey) as u(mine, theirs)
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.mine
       join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.theirs
      where k.contype = 'f' and k.conrelid = $1::regclass`,
    [table],
  );
  return new Map(rows.map((row) => [row.name, row]));
}

const TEXTS = [
  '',
  ' ',
  'plain',
  'it\'s "quoted" \\ back',
  'zwei\nZeilen\r\n\ttab',
  '\u{1f525} 火 ü',
  '\u2028\u0001',
  '\\N',
  'null',
  '{1,2}',
];

function randomText(random: Random): string {
  const size = random.next() < 0.05 ? 20_000 : 12;
  return (
    (TEXTS[Math.floor(random.next() * TEXTS.length)] ?? '') +
    random.bytes(Math.floor(random.next() * size)).toString('hex')
  );
}

function randomValue(type: string, random: Random): unknown {
  const n = Math.floor(random.next() * 2_000_000_000);
  const time = new Date(n * 1000).toISOString().replace('Z', `${String(n).slice(0, 3).padStart(3, '0')}Z`);
  if (type.endsWith('[]')) {
    return Array.from({ length: Math.floor(random.next() * 4) }, () => randomValue(type.slice(0, -2), random));
  }
  const hex = random.bytes(16).toString('hex');
  const simple: Record<string, () => unknown> = {
    // Small ones often: versions of IP and numbers of ports have checks.
    smallint: () => [4, 6, n % 32_000][n % 3],
    integer: () => (n % 3 === 0 ? n : 1 + (n % 65_535)),
    bigint: () => `${n}${n % 10_000}`,
    boolean: () => n % 2 === 0,
    'double precision': () => [random.next() * 1e300, -0.1, 1 / 3, 'NaN', '-Infinity', 5e-324][n % 6],
    real: () => [random.next(), 'Infinity', 1e-40][n % 3],
    numeric: () => `${n}.${hex.replace(/\D/g, '')}`,
    uuid: () => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`,
    'timestamp with time zone': () =>
      [time, 'infinity', '0044-03-15 12:00:00+00 BC', '294276-01-01 00:00:00+00'][n % 4 === 0 ? (n >> 2) % 4 : 0],
    'timestamp without time zone': () => time.slice(0, -1),
    date: () => time.slice(0, 10),
    'time without time zone': () => '23:59:59.999999',
    interval: () => `${n % 99} mons ${n % 999} days ${n} microseconds`,
    json: () => `{"b" : ${n}.10, "a":[null,"${hex}"],  "b":2}`,
    jsonb: () => JSON.stringify({ a: n, list: [hex, null] }),
    bytea: () => random.bytes(n % 50),
    inet: () => ['10.0.0.1', '2001:db8::1/64', '192.168.0.0/16'][n % 3],
    cidr: () => ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7/32'][n % 3],
    macaddr: () => hex.slice(0, 12),
    '"char"': () => 'x',
    'bit(5)': () => '10101',
    int4range: () => ['empty', '[1,5)', '(,9)'][n % 3],
    point: () => `(${random.next()},1e-10)`,
  };
  const text = /^(text|character)/.test(type) ? () => randomText(random) : () => String(1 + (n % 1000)); // xid8, oid, …
  return (simple[type] ?? text)();
}
