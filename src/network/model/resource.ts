import type { TSchema } from 'typebox';
import type { RequestContext } from '#http/contract';
import type { Tx } from '#store/contract';
import type { NetworkRoom } from '../room.ts';

// What the Network API is made of. A resource is described once, as data, and from the description come its routes,
// schemas, SQL, policy rules, quota and tags; only what is its own is code.
//
// To add a resource:
//  1. `src/network/api/resources/<noun>.ts`: a `Resource` (look at `address-scopes.ts` for a small one). Its SQL calls
//     the row `t`; `$1` is always the caller's project.
//  2. What its verbs do beyond writing columns goes into `src/network/app/<noun>/<verb>.ts`: `create` inserts the rows,
//     `update` gives the columns to write (the frame raises `revision`), `delete` removes the row. All run in one
//     transaction that holds the row; nothing else may be waited for in it.
//  3. List it in `src/network/api/resources/index.ts`, and its extension's alias in `src/network/api/extensions.ts`.
//  4. `npm run generate`, and a line for each new rule and route in `tests/network/api-matrix.test.ts`.
//
// Refusals are `refusals` of `src/network/refusals.ts`; their codes are Neutron's names and go to clients as `type`.

/** How the text of a query becomes a comparison. A function gives SQL of its own; `bind` makes a placeholder. */
export type Filter =
  | 'text'
  | 'uuid'
  | 'boolean'
  | 'integer'
  | 'address'
  | 'mac'
  | ((values: readonly string[], bind: (value: unknown) => string) => string);

/** One attribute. */
export interface Field {
  /** Its value in answers, as SQL. Absent: it is only written. */
  sql?: string;
  /** What clients may send. Absent: it is only read. */
  input?: TSchema;
  /** Is it in what makes a new one? Default `may`, where there is an `input`. */
  create?: 'must' | 'may' | 'never';
  /** May it be changed? Default true, where there is an `input`. */
  update?: boolean;
  /** What a new one has that names none. */
  preset?: unknown;
  /** The column that takes it as it is, when verbs leave it to the frame. */
  column?: string;
  /** Lists can be asked for some values of it. `filterSql` is compared then; default `sql`. */
  filter?: Filter;
  filterSql?: string;
  /** Lists can be sorted by it; its `sql` is then a column. */
  sort?: boolean;
  /** Only who this check of policy allows sees it: the rule `get_<name>:<field>`. Others do not see that it exists. */
  see?: string;
  /** Only who this check allows may send another value than the preset: `create_<name>:<field>`, `update_…`. */
  set?: string | { create?: string; update?: string };
  /** Does this value need what `set` asks? Default: every other than the preset. */
  guards?: (value: unknown) => boolean;
}

/** A fact of the row that rules look at. */
export interface Fact {
  sql: string;
  /** The condition by which lists find rows of whom it holds, where it can be said quicker than by `sql`. */
  list?: string;
  /** Compared with the caller's project, or true and false. */
  kind: 'project' | 'flag';
}

/** What a client wants a new one to be, checked, with presets. `project_id` is always there. */
export type Wish = Readonly<Record<string, unknown>> & { readonly project_id: string };
/** What a client wants changed. */
export type Changes = Readonly<Record<string, unknown>>;
export type Facts = Readonly<Record<string, unknown>>;
/** Values for columns of the resource's own table. */
export type Columns = Record<string, unknown>;
/** Those of a new row. */
export type NewColumns = Columns & { id: string; project_id: string };

/** The row a verb works on: its id, its project and the facts rules look at. It is held until the end. */
export interface Held {
  readonly id: string;
  readonly project_id: string;
  readonly facts: Facts;
}

/** A request being worked on, in its transaction. */
export interface Call {
  readonly room: NetworkRoom;
  readonly context: RequestContext;
  readonly tx: Tx;
  /** The caller's project; `''` when it has none. */
  readonly project: string;
  /** Does policy let the caller do `rule` to something with these facts? */
  allows(rule: string, facts?: Facts): boolean;
  /** Throws `PolicyNotAuthorized` (403) unless `allows`. */
  demand(rule: string, facts?: Facts): void;
  /** Runs after the transaction, before the caller is answered with what is there then. */
  afterwards(fn: () => Promise<void>): void;
  /** What was read once for this request, by key: bulk requests ask the same for each of theirs. */
  once<T>(key: string, read: () => Promise<T>): Promise<T>;
}

/** Something one can ask of one resource beside the usual: `PUT /routers/{id}/add_router_interface`. */
export interface Action {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** After the id; may have parameters. Default: the action's name. */
  path?: string;
  summary: string;
  input?: TSchema;
  /** Default of the rule, which is called as the action with the resource after it: `add_router_interface`. */
  check: string;
  /** The rule's name. Default: the action's name. */
  rule?: string;
  success?: number;
  /** Raises the row's revision after it. Default: unless it is a GET. */
  touches?: boolean;
  /** Gives the answer; undefined for none, `show` for the resource as it now is. */
  run(call: Call, row: Held, body: unknown, params: Readonly<Record<string, string>>): Promise<unknown>;
}

/** Given by an action whose answer is the resource as it now is. */
export const SHOW = Symbol('show');

export interface Resource {
  /** `security_group`: the key of one in bodies, the word in rules. */
  name: string;
  /** `security_groups`: the key of many. */
  collection: string;
  /** `security-groups`; default: the collection. Under `/v2.0`. */
  path?: string;
  /** What people call it, for summaries and messages: `security group`. */
  title: string;
  /** The code of the 404: `SecurityGroupNotFound`. */
  notFound: string;
  table: string;
  /** Its members live under one of another: `/qos/policies/{policy_id}/…`. */
  parent?: { resource: Resource; param: string; sql: string };
  fields: Readonly<Record<string, Field>>;
  /** Conditions rows must meet to be of this resource at all, as SQL. */
  where?: string;
  facts: Readonly<Record<string, Fact>>;
  /** Facts rules look at before there is a row, beside its project. */
  factsOfWish?: (call: Call, wish: Wish) => Promise<Facts>;
  /** Reads at once, before anything else of a request that makes some, what will be asked by `Call.once`. */
  foresee?: (call: Call, sent: readonly Changes[]) => Promise<void>;
  /**
   * Requests of one caller that come at once and make one each are done together where this gives the same text for
   * each, and that is not null. What is made so must not do anything after the transaction.
   */
  together?: (sent: Changes) => string | null;
  /** Defaults of its rules. An absent verb does not exist. */
  rules: { create?: string; get: string; update?: string; delete?: string };
  /** Rules of its own that its verbs ask for, with their defaults: `create_port:fixed_ips:ip_address`. */
  moreRules?: Readonly<Record<string, readonly [check: string, description: string]>>;
  /** Has `/tags`. */
  tags?: boolean;
  /** Its name in quotas with what a project may have by default; -1 without limit. */
  quota?: { name: string; fallback: number };
  /**
   * Verbs that do more than write the fields that have a `column`. `columns` are those, of each wish with a new `id`
   * and its `project_id`; `create` inserts (`insertRows`), `update` gives what the frame shall write.
   */
  create?: (call: Call, wishes: readonly Wish[], columns: readonly NewColumns[]) => Promise<void>;
  update?: (call: Call, row: Held, changes: Changes, columns: Columns) => Promise<Columns>;
  delete?: (call: Call, row: Held) => Promise<void>;
  /** What has to be there before a project's rows are listed: its first security group. */
  firstTouch?: (tx: Tx, project: string) => Promise<unknown>;
  /** Code of the 409 when something still refers to a row that is deleted: `NetworkInUse`. */
  inUse?: string;
  actions?: Readonly<Record<string, Action>>;
}

/** `/v2.0/security-groups` */
export function pathOf({ parent, path, collection }: Resource): string {
  const above = parent === undefined ? '/v2.0' : `${pathOf(parent.resource)}/:${parent.param}`;
  return `${above}/${path ?? collection}`;
}

/** Columns of the fields that name one, as far as they are in `values`. */
export function plainColumns(resource: Resource, values: Readonly<Record<string, unknown>>): Columns {
  const columns: Columns = {};
  for (const [name, { column, input }] of Object.entries(resource.fields)) {
    if (column === undefined || input === undefined || values[name] === undefined) continue;
    columns[column] = values[name];
  }
  return columns;
}
