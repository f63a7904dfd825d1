import { type FieldSpec, type ResourceTable, fieldsAt, sinceOf } from '../versions/resource.ts';
import { type Write, writerOf } from './write.ts';

/** A row in PostgreSQL's own text, by position; see `textRows`. */
export type Row = readonly (string | null)[];

/** What a plan needs of one request. */
export interface PlanEnv {
  /** `http://host:port`, for links. */
  baseUrl: string;
  /** Makes the computed fields' values; `at` gives the text of a column. Written as JSON. */
  computed?: Readonly<Record<string, (at: (column: string) => string | null) => unknown>>;
}

/**
 * Writes one row as JSON text. `hidden`: bit i set means the i-th guarded field of the plan is shown as its
 * placeholder.
 */
export type RowWriter = (row: Row, hidden?: number) => string;

/**
 * How one answer is made, compiled once for a version and a choice of fields: which columns to select, and a
 * function that joins them as text. Documents are spliced in as they are stored, never parsed.
 */
export interface Plan {
  /** What to put between `select` and `from`, for the table's alias `t`. Equal texts make equal statements. */
  readonly select: string;
  /** Position of a column in the row; throws for one that was not asked for. */
  at(column: string): number;
  /** How many columns `select` has; columns added behind it start here. */
  readonly width: number;
  /** Rules of the guarded fields, in the order of the bits of `hidden`. */
  readonly guards: readonly string[];
  writer(env: PlanEnv): RowWriter;
}

export interface PlanChoice {
  version: number;
  /** Names of fields that exist and that the version knows; null for all. */
  fields: readonly string[] | null;
}

interface Part {
  /** Text before the value: `,"name":`. */
  head: string;
  name: string;
  /** Position in the row; -1 for computed ones. */
  index: number;
  write: Write;
  /** Bit of `hidden`, and what is shown then. */
  bit: number;
  shown: string;
}

/**
 * Rows are read by position, so all columns are called `c`: PostgreSQL tells the names with every answer, and the
 * driver makes an object of them each time. With sixty different names that costs more than the row itself.
 */
function columnOf(name: string, spec: FieldSpec | undefined): string {
  const column = spec?.column ?? name;
  return `${spec?.kind === 'texts' ? `array_to_json(t.${column})` : `t.${column}`} c`;
}

/** Compiles a plan that also selects the columns `also`. Costs tens of microseconds: keep it (`planCache`). */
export function compilePlan(table: ResourceTable, choice: PlanChoice, also: readonly string[] = []): Plan {
  const { version, fields } = choice;
  const known = fieldsAt(table, version);
  const names = fields === null ? known : known.filter((name) => fields.includes(name));
  const places = new Map<string, number>();
  const place = (name: string) => {
    const at = places.get(name) ?? places.size;
    places.set(name, at);
    return at;
  };
  place(table.key);
  for (const name of also) place(name);
  const guards: string[] = [];
  const parts = names.map((name, i): Part => {
    const spec = table.fields[name] as FieldSpec;
    for (const read of spec.reads ?? []) place(read);
    const bit = spec.guard === undefined ? 0 : 1 << guards.length;
    if (spec.guard !== undefined) guards.push(spec.guard.rule);
    return {
      head: `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`,
      name,
      index: spec.reads === undefined ? place(name) : -1,
      write: writerOf(spec, version),
      bit,
      shown: JSON.stringify(spec.guard?.shown ?? null),
    };
  });
  const subLinks =
    fields === null
      ? Object.keys(table.subLinks ?? {}).filter((name) => sinceOf(table.subLinks?.[name] ?? {}) <= version)
      : [];
  const at = (column: string) => {
    const index = places.get(column);
    if (index === undefined) throw new Error(`the plan of ${table.name} does not read ${column}`);
    return index;
  };
  return {
    select: [...places.keys()].map((name) => columnOf(name, table.fields[name])).join(', '),
    at,
    width: places.size,
    guards,
    writer: (env) => makeWriter(table, parts, subLinks, at, env),
  };
}

function makeWriter(
  table: ResourceTable,
  parts: readonly Part[],
  subLinks: readonly string[],
  at: (column: string) => number,
  env: PlanEnv,
): RowWriter {
  const { baseUrl, computed = {} } = env;
  const path = table.path ?? table.name;
  const versioned = `${baseUrl}/v1/${path}/`;
  const plain = `${baseUrl}/${path}/`;
  const links = (head: string, tail: string, wrapped = false) => [
    `${head}${wrapped ? '[[' : '['}{"href":"${versioned}`,
    `${tail}","rel":"self"},{"href":"${plain}`,
    `${tail}","rel":"bookmark"}${wrapped ? ']]' : ']'}`,
  ];
  const all = [
    links(`${parts.length === 0 ? '{' : ','}"links":`, ''),
    ...subLinks.map((name) => links(`,"${name}":`, `/${name}`, table.subLinks?.[name]?.wrapped)),
  ] as [string, string, string][];
  const key = at(table.key);
  return (row, hidden = 0) => {
    let out = '';
    for (const part of parts) {
      out += part.head;
      if ((hidden & part.bit) !== 0) out += part.shown;
      else if (part.index < 0)
        out += JSON.stringify(computed[part.name]?.((column) => row[at(column)] ?? null) ?? null);
      else out += part.write(row[part.index] ?? null);
    }
    const id = row[key] as string;
    for (const [head, middle, tail] of all) out += head + id + middle + id + tail;
    return `${out}}`;
  };
}

/**
 * Keeps compiled plans. Clients ask for few choices of fields; whoever invents new ones for each request pushes
 * out the oldest, not the memory.
 */
export function planCache(
  table: ResourceTable,
  also: readonly string[] = [],
  limit = 256,
): (choice: PlanChoice) => Plan {
  const plans = new Map<string, Plan>();
  return (choice) => {
    const key = `${choice.version}|${choice.fields === null ? '*' : choice.fields.join(',')}`;
    let plan = plans.get(key);
    if (plan === undefined) {
      plan = compilePlan(table, choice, also);
      if (plans.size >= limit) plans.delete(plans.keys().next().value as string);
      plans.set(key, plan);
    }
    return plan;
  };
}
