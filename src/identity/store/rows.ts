import type { Reader } from '#store/contract';

// The identity tables are many and small, and none of this is a hot path: one small builder of statements
// serves them all. Names of tables and columns are constants of ours; values always go as parameters.

/** A table whose rows have an `id`. */
export interface Table {
  name: string;
  columns: readonly string[];
}

/** A condition: SQL with `?` for each value. */
export interface Condition {
  sql: string;
  values: readonly unknown[];
}

/** A page of a list. */
export interface Page {
  /** Column the list is sorted by, then by id. */
  sort: string;
  /** Rows at most; one more is read to know whether there is a next page. */
  limit: number;
  /** Id of the last row of the page before. */
  marker?: string;
}

class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }

  fill(condition: Condition): string {
    let next = 0;
    return condition.sql.replace(/\?/g, () => this.add(condition.values[next++]));
  }
}

/** Reads one row by its id; undefined when there is none. */
export async function findRow<R>(reader: Reader, table: Table, id: string, lock = false): Promise<R | undefined> {
  const text = `select ${table.columns.join(', ')} from ${table.name} where id = $1${lock ? ' for update' : ''}`;
  const name = `${table.name}_get${lock ? '_lock' : ''}`;
  const [row] = await reader.query<R>({ name, text, values: [id] });
  return row;
}

/** Reads the rows that fulfil all conditions. */
export async function findRows<R>(
  reader: Reader,
  table: Table,
  conditions: readonly Condition[],
  page?: Page,
): Promise<R[]> {
  const values = new Values();
  const where = conditions.map((condition) => `(${values.fill(condition)})`);
  if (page?.marker !== undefined) {
    const at = values.add(page.marker);
    where.push(`(${page.sort}, id) > (select ${page.sort}, id from ${table.name} where id = ${at})`);
  }
  const filter = where.length === 0 ? '' : ` where ${where.join(' and ')}`;
  const order = ` order by ${page === undefined ? 'id' : `${page.sort}, id`}`;
  const limit = page === undefined ? '' : ` limit ${values.add(page.limit + 1)}`;
  const text = `select ${table.columns.join(', ')} from ${table.name}${filter}${order}${limit}`;
  return reader.query<R>({ text, values: values.list });
}

/** Inserts a row and gives it as stored. Columns not given take their default. */
export async function insertRow<R>(reader: Reader, table: Table, row: Record<string, unknown>): Promise<R> {
  const values = new Values();
  const names = Object.keys(row).filter((name) => row[name] !== undefined);
  const places = names.map((name) => values.add(row[name]));
  const text = `insert into ${table.name} (${names.join(', ')}) values (${places.join(', ')}) returning ${table.columns.join(', ')}`;
  const [made] = await reader.query<R>({ text, values: values.list });
  return made as R;
}

/** Changes columns of a row and gives it as stored; undefined when it is not there. */
export async function updateRow<R>(
  reader: Reader,
  table: Table,
  id: string,
  changes: Record<string, unknown>,
): Promise<R | undefined> {
  const names = Object.keys(changes).filter((name) => changes[name] !== undefined);
  if (names.length === 0) return findRow<R>(reader, table, id);
  const values = new Values();
  const sets = names.map((name) => `${name} = ${values.add(changes[name])}`);
  const text = `update ${table.name} set ${sets.join(', ')} where id = ${values.add(id)} returning ${table.columns.join(', ')}`;
  const [row] = await reader.query<R>({ text, values: values.list });
  return row;
}

/** Removes a row; false when it was not there. */
export async function deleteRow(reader: Reader, table: Table, id: string): Promise<boolean> {
  const rows = await reader.query({ text: `delete from ${table.name} where id = $1 returning id`, values: [id] });
  return rows.length > 0;
}
