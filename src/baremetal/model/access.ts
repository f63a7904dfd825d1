import type { Actor } from './verbs.ts';

/** The facts of a node, port or allocation that rules look at. */
export interface Ownership {
  owner: string | null;
  lessee?: string | null;
  /** Of runbooks: for everybody to use. */
  public?: boolean;
}

/** A caller as verbs see one: who it is, and what it may do. */
export interface Access {
  readonly actor: Actor;
  /** Its project's id; null for callers with the system's scope. */
  readonly projectId: string | null;
  /** True for system scope. */
  readonly system: boolean;
  /** May it do `rule` to what belongs to `target`? */
  allows(rule: string, target?: Ownership): boolean;
}
