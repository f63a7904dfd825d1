/**
 * The shape of a version table: one per resource, the only place that knows which field, filter or verb came with
 * which microversion. The serializer, the validator, the OpenAPI file and the tests read it.
 */

/**
 * How a field is kept and written. `json` (an object), `list` (a JSON array) and `texts` (an array of strings)
 * are spliced as text.
 */
export type FieldKind =
  | 'uuid'
  | 'text'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'json'
  | 'list'
  | 'time'
  | 'texts'
  | 'mac'
  | 'any';

export interface FieldSpec {
  kind: FieldKind;
  /** Minor version that brought it. Default 1. */
  since?: number;
  /** Column, when its name differs; null when the field is computed or only ever written. */
  column?: string | null;
  /** Taken from POST, never shown. */
  writeOnly?: boolean;
  /** Columns a computed field reads; the serializer is given a function of the same name. */
  reads?: readonly string[];
  /** In lists that ask for no fields. */
  brief?: boolean;
  /** Accepted by POST. */
  create?: boolean;
  /** Accepted by PATCH, as the first element of a path. */
  patch?: boolean;
  /** May it be a sort key? Default: all but json, texts and computed ones. */
  sort?: boolean;
  /** The column is never null: sorting and paging by it can use its index alone. */
  notNull?: boolean;
  /** Never null on the wire either: what null becomes. */
  empty?: '{}' | '[]' | '""';
  minLength?: number;
  maxLength?: number;
  /** A value shown under another name to versions below one. Later entries see what earlier ones gave. */
  renamed?: readonly { below: number; from: string; to: string | null }[];
  /** Keys of a document that are shown only from `since` until `until` (exclusive). */
  keys?: Readonly<Record<string, { since: number; until?: number }>>;
  /** Rule a caller below the threshold must pass to see it, and what is shown instead. */
  guard?: { rule: string; shown: unknown };
  /** For OpenAPI. */
  about: string;
}

/** How a query argument is read. `strings`: a comma list, lower-cased, without repeats. */
export type ArgumentKind = 'boolean' | 'string' | 'uuid' | 'uuid_or_name' | 'integer' | 'strings' | 'mac' | 'host';

export interface ArgumentSpec {
  kind: ArgumentKind;
  since?: number;
  /**
   * What happens below `since`: 406 with the version that is needed (the default), 406 without a word, or 400.
   */
  below?: 'version' | 'silent' | 'invalid';
  /** The only values it may have, and the sentence otherwise. */
  values?: { of: readonly string[]; refuse: (value: string) => string };
  about: string;
}

/** A link to a sub-collection, shown where a resource is shown whole. */
export interface SubLinkSpec {
  since?: number;
  /** Ironic wraps this one in a list of its own. */
  wrapped?: boolean;
}

export interface ResourceTable<F extends string = string, A extends string = string> {
  /** Plural, as in the path and in lists. */
  name: string;
  /** Path below `/v1/`, when it is not the name: `volume/targets`. */
  path?: string;
  /** Database table. */
  table: string;
  /** Column of the default sort and of the tie-break. */
  seq: string;
  /** What names it in links. */
  key: string;
  fields: { readonly [K in F]: FieldSpec };
  subLinks?: Readonly<Record<string, SubLinkSpec>>;
  /** Arguments of lists, paging and fields apart. */
  filters: { readonly [K in A]: ArgumentSpec };
}

/** Keeps the literal keys while checking the shape. */
export function defineResource<F extends string, A extends string>(table: ResourceTable<F, A>): ResourceTable<F, A> {
  return table;
}

/** Minor version a field came with. */
export function sinceOf(spec: { since?: number }): number {
  return spec.since ?? 1;
}

/** Names of the fields a version knows, in the table's order. */
export function fieldsAt(table: ResourceTable, version: number): string[] {
  return Object.entries(table.fields)
    .filter(([, spec]) => sinceOf(spec) <= version && spec.writeOnly !== true)
    .map(([name]) => name);
}

/** Fields lists may be sorted by. */
export function isSortable(spec: FieldSpec): boolean {
  return (
    spec.sort ??
    (spec.kind !== 'json' &&
      spec.kind !== 'list' &&
      spec.kind !== 'texts' &&
      spec.kind !== 'any' &&
      spec.column !== null)
  );
}
