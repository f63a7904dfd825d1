import type { IngotError } from '#kernel/errors';
import type { Access, Ownership } from '../../model/access.ts';
import type { BaremetalDeps } from '../../model/deps.ts';

/** Values of a record's fields by name, as read from a request. */
export type RecordValues = Record<string, unknown>;

/** What a check of a new or changed record is told. */
export interface RecordChange {
  deps: BaremetalDeps;
  access: Access;
  /** Minor microversion of the request. */
  version: number;
  uuid: string;
  /** Values as they will be; for an edit only those it touches. May be changed in place. */
  values: RecordValues;
  /** Whose it is (for records of a node: the node's owner and lessee). */
  target: Ownership;
  /** For edits: the fields as they are (all that `facts` names and all that are touched). */
  before: RecordValues;
}

/**
 * What the verbs need to know of a kind of record that stands beside nodes: where it is kept, whose it is,
 * which rules guard it, and what must hold. One of these per resource.
 */
export interface RecordKind {
  /** Database table. */
  table: string;
  /** For people and errors: `Portgroup`. */
  title: string;
  /** Who owns it: the node it hangs on, a project named in `owner`, or nobody (the system). */
  owned: 'node' | 'owner' | 'nobody';
  /** May it be found by name? */
  named: boolean;
  /** May it be found by its MAC address too? */
  addressed?: boolean;
  rules: { get: string; create: string; update: string; delete: string };
  /** Columns that hold a JSON object or array, with what null becomes. */
  documents: Readonly<Record<string, '{}' | '[]'>>;
  /** What null means in columns that are never null. */
  defaults: Readonly<Record<string, unknown>>;
  /** Document whose secrets are masked, and sealed beside. */
  secret?: string;
  /** Read before each edit and delete, beside what is touched. */
  facts: readonly string[];
  notFound(ident: string): IngotError;
  /** Checks a new one, completes its values. Throws 4xx. */
  checkNew?(change: RecordChange): void | Promise<void>;
  checkEdit?(change: RecordChange): void | Promise<void>;
  checkDelete?(change: RecordChange): void | Promise<void>;
  /** What a broken constraint means, in Ironic's words; undefined when it is none of its own. */
  conflict?(constraint: string, values: RecordValues, uuid: string): IngotError | undefined;
}
