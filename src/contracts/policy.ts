import type { Caller, PolicyTarget } from '#http/contract';

/** Kinds of scope a token can have. An unscoped token counts as `project`, as in oslo.policy. */
export type Scope = 'system' | 'domain' | 'project';

/** One rule, as data. `check` is oslo.policy's language, so that operators can bring what they know. */
export interface RuleDefinition {
  /** `baremetal:node:get`, or a bare name for a rule that others refer to with `rule:<name>`. */
  name: string;
  check: string;
  /** Scopes a token may have; any when absent. */
  scopes?: readonly Scope[];
  description: string;
}

/** The rules of one service, with the facts of targets they may look at. */
export interface RuleSet {
  service: string;
  /** Names usable in `%(name)s`; anything else is a mistake that is found at start. */
  targets: readonly string[];
  /** Prefixes that may be written before a target's name: `%(node.owner)s` means `owner`. */
  prefixes?: readonly string[];
  rules: readonly RuleDefinition[];
  /** Beginnings of names that only a policy file gives a rule to. One that has none is allowed. */
  open?: readonly string[];
}

/** How the facts of a kind of resource are found, for explanations. */
export interface TargetReader {
  /** From the database, by what people call it; null when there is none. */
  read(id: string): Promise<PolicyTarget | null>;
  /** The rule that says who may know that it exists. */
  seenBy: string;
}

/** What was looked at to decide, as a tree. */
export interface Reason {
  /** The part of the expression. */
  check: string;
  result: boolean;
  /** In words: `caller's project_id is "p1", target's owner is "p2"`. */
  why: string;
  parts?: Reason[];
}

export interface Explanation {
  rule: string;
  allowed: boolean;
  /** `default`, `override` or `unknown` (which is refused). */
  source: 'default' | 'override' | 'unknown';
  expression: string;
  description: string;
  scope: { needed: readonly Scope[]; caller: Scope; ok: boolean };
  reason: Reason | null;
}

/** Decides who may do what. Pure and synchronous: called several times a request. */
export interface Policy {
  /** An unknown rule is refused, unless its set leaves names like it open. */
  allows(rule: string, caller: Caller, target?: PolicyTarget): boolean;
  explain(rule: string, caller: Caller, target?: PolicyTarget): Explanation;
  /** All rules in force, for people. */
  rules(): readonly { name: string; check: string; source: 'default' | 'override'; description: string }[];
  /** Throws `UnknownRule` when one of the names is not a rule. Called at start with every route's. */
  assertKnown(names: Iterable<string>): void;
}
