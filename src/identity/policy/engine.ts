import type { Policy, RuleDefinition, RuleSet } from '#contracts/policy';
import type { PolicyTarget } from '#http/contract';
import { messageOf } from '#kernel/errors';
import { errors } from '../errors.ts';
import { compile, type Decide, type Names } from './compile.ts';
import { type ExplainNames, explainCheck } from './explain.ts';
import { type Check, parseCheck } from './expression.ts';
import { scopeFits, scopeOf } from './facts.ts';

interface Entry {
  definition: RuleDefinition;
  set: RuleSet;
  source: 'default' | 'override';
  expression: string;
  parsed: Check;
  decide: Decide;
}

export interface PolicyOptions {
  /** Values of `%(config.<name>)s`. */
  config?: Readonly<Record<string, string>>;
}

/** The policy, and how its overrides are exchanged while running. */
export interface PolicyEngine extends Policy {
  /**
   * Puts the given expressions in the place of the defaults (all at once). Throws `PolicyBroken` naming every
   * mistake, and then keeps what was in force.
   */
  override(expressions: Readonly<Record<string, string>>): void;
}

const NO_TARGET: PolicyTarget = {};
/** A rule that refers to itself through others would never end. */
const MAX_CHAIN = 32;

/** Builds the policy of all services. Throws `PolicyBroken` when the tables themselves are wrong. */
export function createPolicy(sets: readonly RuleSet[], options: PolicyOptions = {}): PolicyEngine {
  const config = options.config ?? {};
  let entries = build(sets, {}, config);

  const namesFor = (entry: Entry): ExplainNames => ({
    ...namesOf(entry.set, config, (name) => entries.get(name)),
    parsed: (name) => entries.get(name)?.parsed,
  });

  return {
    allows(rule, caller, target = NO_TARGET) {
      const entry = entries.get(rule);
      if (entry === undefined) return openSet(sets, rule) !== undefined;
      return scopeFits(caller, entry.definition.scopes) && entry.decide(caller, target);
    },
    explain(rule, caller, target = NO_TARGET) {
      const entry = entries.get(rule);
      const scope = scopeOf(caller);
      if (entry === undefined) {
        const open = openSet(sets, rule) !== undefined;
        return {
          rule,
          allowed: open,
          source: open ? 'default' : 'unknown',
          expression: '',
          description: open
            ? 'A policy file may add a rule of this name; none does, so nothing more is asked.'
            : 'There is no rule of this name; what is not known is refused.',
          scope: { needed: [], caller: scope, ok: true },
          reason: null,
        };
      }
      const { definition } = entry;
      const ok = scopeFits(caller, definition.scopes);
      return {
        rule,
        allowed: ok && entry.decide(caller, target),
        source: entry.source,
        expression: entry.expression,
        description: definition.description,
        scope: { needed: definition.scopes ?? ['system', 'domain', 'project'], caller: scope, ok },
        reason: explainCheck(entry.parsed, namesFor(entry), caller, target),
      };
    },
    rules: () =>
      [...entries.values()].map(({ definition, expression, source }) => ({
        name: definition.name,
        check: expression,
        source,
        description: definition.description,
      })),
    assertKnown(names) {
      const unknown = [...new Set(names)].filter((name) => !entries.has(name));
      if (unknown.length > 0) throw errors.UnknownRule(unknown.sort().join(', '));
    },
    override(expressions) {
      entries = build(sets, expressions, config);
    },
  };
}

function namesOf(
  set: RuleSet,
  config: Readonly<Record<string, string>>,
  find: (name: string) => { decide: Decide } | undefined,
): Names {
  return {
    // Found at the first use and kept: by then all rules are there, and an override builds all of them anew.
    rule(name) {
      let decide: Decide | undefined;
      return (caller, target) => {
        decide ??= find(name)?.decide ?? (() => false);
        return decide(caller, target);
      };
    },
    target(name) {
      if (name.startsWith('config.')) {
        const fixed = config[name.slice('config.'.length)];
        if (fixed === undefined) throw errors.PolicyBroken(`there is no setting "%(${name})s"`);
        return { fixed };
      }
      const prefix = set.prefixes?.find((p) => name.startsWith(p));
      const path = prefix === undefined ? name : name.slice(prefix.length);
      if (!set.targets.includes(path)) {
        throw errors.PolicyBroken(
          `"%(${name})s" is not a fact of ${set.service} targets; there are ${set.targets.join(', ') || 'none'}`,
        );
      }
      return { path };
    },
  };
}

/** Compiles everything; collects all mistakes before it throws. */
function build(
  sets: readonly RuleSet[],
  overrides: Readonly<Record<string, string>>,
  config: Readonly<Record<string, string>>,
): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const mistakes: string[] = [];
  const add = (set: RuleSet, definition: RuleDefinition) => {
    const { name } = definition;
    if (entries.has(name)) mistakes.push(`rule "${name}" is defined twice`);
    const changed = Object.hasOwn(overrides, name) ? overrides[name] : undefined;
    const expression = changed ?? definition.check;
    try {
      const parsed = parseCheck(expression);
      const decide = compile(
        parsed,
        namesOf(set, config, (other) => entries.get(other)),
      );
      const source = changed === undefined ? 'default' : 'override';
      entries.set(name, { definition, set, source, expression, parsed, decide });
    } catch (error) {
      mistakes.push(`rule "${name}": ${messageOf(error)}`);
    }
  };
  for (const set of sets) for (const rule of set.rules) add(set, rule);
  const defined = new Set(sets.flatMap((set) => set.rules.map((rule) => rule.name)));
  const added = Object.entries(overrides).filter(([name]) => !defined.has(name));
  // A name of the operator's own is a building block when another override uses it, and else a slip of the pen.
  const used = new Set(Object.values(overrides).flatMap(wordsOf));
  for (const [name, check] of added) {
    const open = openSet(sets, name);
    if (open !== undefined) add(open, { name, check, description: 'Added by the policy file' });
    else if (used.has(name)) add(unionOf(sets), { name, check, description: 'Added by the policy file' });
    else mistakes.push(`there is no rule "${name}" to override, and no other override uses it`);
  }
  if (mistakes.length === 0) for (const name of entries.keys()) checkChain(name, entries, [], mistakes);
  if (mistakes.length > 0) throw errors.PolicyBroken([...new Set(mistakes)].join('; '));
  return entries;
}

/** The service that leaves rules of such a name to policy files. */
function openSet(sets: readonly RuleSet[], name: string): RuleSet | undefined {
  return sets.find(({ open = [] }) => open.some((start) => name.startsWith(start) && name.length > start.length));
}

/** Names of rules in an expression; none when it cannot be read, which is told elsewhere. */
function wordsOf(expression: string): string[] {
  try {
    return referred(parseCheck(expression));
  } catch {
    return [];
  }
}

/** A building block may be used by rules of any service, so it may look at any fact. */
function unionOf(sets: readonly RuleSet[]): RuleSet {
  return {
    service: 'all',
    targets: sets.flatMap((set) => set.targets),
    prefixes: sets.flatMap((set) => set.prefixes ?? []),
    rules: [],
  };
}

function referred(check: Check): string[] {
  if (check.kind === 'rule') return [check.name];
  if (check.kind === 'and' || check.kind === 'or') return check.parts.flatMap(referred);
  return check.kind === 'not' ? referred(check.part) : [];
}

/** Finds references to rules that do not exist and rings of references. */
function checkChain(name: string, entries: Map<string, Entry>, above: readonly string[], mistakes: string[]): void {
  const entry = entries.get(name);
  if (entry === undefined) {
    mistakes.push(`rule "${above.at(-1)}" refers to "${name}", which does not exist`);
    return;
  }
  if (above.includes(name) || above.length > MAX_CHAIN) {
    mistakes.push(`rule "${name}" refers to itself: ${[...above, name].join(' → ')}`);
    return;
  }
  for (const other of referred(entry.parsed)) checkChain(other, entries, [...above, name], mistakes);
}
