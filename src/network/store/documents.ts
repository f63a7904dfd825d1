import type { Reader } from '#store/contract';
import type { Facts, Resource } from '../model/resource.ts';

// Answers are made by PostgreSQL as JSON text and spliced into the reply as they are.

/** Names of the fields the caller sees: of its own project's rows, and of others. */
export interface Sight {
  own: readonly string[];
  others: readonly string[];
}

/** The SQL of a row's document. `t` is the row, `$1` the caller's project. */
export function documentSql(resource: Resource, sight: Sight, wanted: ReadonlySet<string> | null): string {
  if (wanted !== null) return makeDocumentSql(resource, sight, wanted);
  return kept(documents, sight, '', () => makeDocumentSql(resource, sight, null));
}

function makeDocumentSql(resource: Resource, sight: Sight, wanted: ReadonlySet<string> | null): string {
  const object = (names: readonly string[]) => {
    const columns = names
      .filter((name) => wanted === null || wanted.has(name))
      .map((name) => `${resource.fields[name]?.sql ?? 'null'} as "${name}"`);
    // A row's own function takes any number of fields; json_build_object ends at fifty.
    return columns.length === 0 ? `'{}'` : `(select row_to_json(x)::text from (select ${columns.join(', ')}) x)`;
  };
  const others = object(sight.others);
  if (sight.own.join() === sight.others.join()) return others;
  return `case when t.project_id = $1 then ${object(sight.own)} else ${others} end`;
}

/** The SQL of the facts rules look at, as JSON text. */
export function factsSql({ facts }: Resource): string {
  const pairs = Object.entries(facts).map(([name, { sql }]) => `'${name}', ${sql}`);
  return `json_build_object(${pairs.join(', ')})::text`;
}

/** Conditions all rows of a resource meet. */
function whereSql({ where, parent }: Resource, parentId: string | null, bind: (value: unknown) => string): string {
  const conditions = where === undefined ? [] : [where];
  if (parent !== undefined) conditions.push(`${parent.sql} = ${bind(parentId)}`);
  return conditions.map((condition) => ` and ${condition}`).join('');
}

/** One row with its facts, and its document when there is a `sight`. */
export async function readOne(
  reader: Reader,
  resource: Resource,
  project: string,
  at: { id: string; parentId: string | null },
  options: { sight?: Sight; wanted?: ReadonlySet<string> | null; hold?: boolean },
): Promise<{ facts: Facts; revision: bigint; doc: string } | undefined> {
  const { sight, wanted = null, hold = false } = options;
  const make = (): Text => {
    const where = whereSql(resource, at.parentId, () => '$3');
    const doc = sight === undefined ? "''" : documentSql(resource, sight, wanted);
    const text = `select ${factsSql(resource)} as facts, ${revisionOf(resource)} as revision, ${doc} as doc
      from ${resource.table} t where t.id = $2 and $1::text is not null${where}${hold ? ' for no key update of t' : ''}`;
    return wanted === null ? { name: nameOf(`network one ${resource.name}`, text), text } : { text };
  };
  const statement = wanted === null ? kept(ones, sight ?? resource, hold, make) : make();
  const values = resource.parent === undefined ? [project, at.id] : [project, at.id, at.parentId];
  const [row] = await reader.query<{ facts: string; revision: bigint; doc: string }>({ ...statement, values });
  return row === undefined ? undefined : { ...row, facts: JSON.parse(row.facts) as Facts };
}

/** Documents by id, in the order of the ids. */
export async function readDocuments(
  reader: Pick<Reader, 'query'>,
  resource: Resource,
  project: string,
  ids: readonly string[],
  sight: Sight,
): Promise<string[]> {
  // PostgreSQL plans anew for each array, which takes it longer than reading one row.
  const single = ids.length === 1;
  const statement = kept(somes, sight, single, (): Text => {
    const doc = documentSql(resource, sight, null);
    const text = single
      ? `select ${doc} as doc from ${resource.table} t where t.id = $2 and $1::text is not null`
      : `select ${doc} as doc from ${resource.table} t
         join unnest($2::uuid[]) with ordinality as u(id, n) on u.id = t.id where $1::text is not null order by u.n`;
    return { name: nameOf(`network some ${resource.name}`, text), text };
  });
  const rows = await reader.query<{ doc: string }>({ ...statement, values: [project, single ? ids[0] : ids] });
  return rows.map(({ doc }) => doc);
}

export const revisionOf = ({ fields }: Resource): string =>
  fields['revision_number'] === undefined ? '0::bigint' : 't.revision';

interface Text {
  name?: string;
  text: string;
}

// Statements hang on what a kind of caller sees (`sightOf` gives the same one each time): a port has forty fields, and
// putting their text together for each request took longer than the request.
type Kept<T> = WeakMap<object, Map<unknown, T>>;
const documents: Kept<string> = new WeakMap();
const ones: Kept<Text> = new WeakMap();
const somes: Kept<Text> = new WeakMap();

function kept<T>(where: Kept<T>, of: object, key: unknown, make: () => T): T {
  let all = where.get(of);
  if (all === undefined) where.set(of, (all = new Map()));
  let found = all.get(key);
  if (found === undefined) all.set(key, (found = make()));
  return found;
}

const names = new Map<string, string>();
/** A short name for a statement that comes in a few shapes: one for each kind of caller. */
function nameOf(prefix: string, text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `${prefix} ${names.size}`;
    names.set(text, name);
  }
  return name;
}

export { whereSql };
