import type { Reader } from '#store/contract';
import type { Columns, Resource } from '../model/resource.ts';

// Rows of any resource's table, written.

/** Columns whose values are PostgreSQL arrays; every other array or object is JSON. */
const ARRAYS = new Set([
  'tags',
  'availability_zone_hints',
  'dns_nameservers',
  'service_types',
  'prefixes',
  'addresses',
]);

const valueOf = (column: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !ARRAYS.has(column) ? JSON.stringify(value) : value;

/** Clients choose which columns one row has: the first shapes of statements get a name, and are planned once. */
const MOST_NAMES = 100;
const insertNames = new Map<string, string>();
function nameOfInsert(table: string, text: string): string | undefined {
  const known = insertNames.get(text);
  if (known !== undefined || insertNames.size >= MOST_NAMES) return known;
  const name = `network insert ${table} ${insertNames.size}`;
  insertNames.set(text, name);
  return name;
}

/** An `insert` of rows, and the values it binds; `default` stands for what a row does not say. */
export function insertSql(table: string, rows: readonly Columns[]): { text: string; values: unknown[] } {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const values: unknown[] = [];
  const tuples = rows.map((row) => {
    const places = names.map((name) =>
      row[name] === undefined ? 'default' : `$${values.push(valueOf(name, row[name]))}`,
    );
    return `(${places.join(', ')})`;
  });
  return { text: `insert into ${table} (${names.join(', ')}) values ${tuples.join(', ')}`, values };
}

/** Inserts rows by one statement. Throws `Conflict`, `StillReferenced`. */
export async function insertRows(reader: Reader, table: string, rows: readonly Columns[]): Promise<void> {
  if (rows.length === 0) return;
  const statement = insertSql(table, rows);
  await reader.query({ ...namedInsert(table, rows.length, statement.text), ...statement });
}

/** The name of a statement that inserts one row; none for others. */
export function namedInsert(table: string, rows: number, text: string): { name?: string } {
  const name = rows === 1 ? nameOfInsert(table, text) : undefined;
  return name === undefined ? {} : { name };
}

/** Writes columns of a row and raises its revision. */
export async function updateRow(reader: Reader, resource: Resource, id: string, columns: Columns): Promise<void> {
  const values: unknown[] = [id];
  const sets = Object.entries(columns).map(([name, value]) => `${name} = $${values.push(valueOf(name, value))}`);
  if (resource.fields['revision_number'] !== undefined)
    sets.push('revision = revision + 1', 'updated_at = clock_timestamp()');
  if (sets.length === 0) return;
  await reader.query({ text: `update ${resource.table} set ${sets.join(', ')} where id = $1`, values });
}

/** Raises revisions of rows something of theirs was changed of. */
export async function touchRows(reader: Reader, table: string, ids: readonly string[]): Promise<void> {
  const text = `update ${table} set revision = revision + 1, updated_at = clock_timestamp() where id = any($1::uuid[])`;
  await reader.query({ name: `network touch ${table}`, text, values: [ids] });
}

export async function deleteRow(tx: Reader, { table }: Pick<Resource, 'table'>, id: string): Promise<void> {
  await tx.query({ name: `network delete ${table}`, text: `delete from ${table} where id = $1`, values: [id] });
}
