import type { PolicyTarget } from '#http/contract';
import { errors } from '../errors.ts';
import type { Check } from './expression.ts';
import { CALLER_FACTS, readTarget, type Subject, textOf } from './facts.ts';

/** A compiled rule. */
export type Decide = (caller: Subject, target: PolicyTarget) => boolean;

/** Where names in an expression lead. */
export interface Names {
  /** The decision of another rule; called at run time, so that overrides may come in any order. */
  rule(name: string): Decide;
  /** The path in the target that `%(name)s` means, or a fixed text for `config.*`. Throws when unknown. */
  target(name: string): { path: string } | { fixed: string };
}

const always: Decide = () => true;
const never: Decide = () => false;

/**
 * Compiles a parsed check into closures. A fact that is absent equals nothing, not even another absent one
 * (an owner of nobody is not the project of a caller without one); only the literal `None` equals it.
 */
export function compile(check: Check, names: Names): Decide {
  switch (check.kind) {
    case 'always':
      return always;
    case 'never':
      return never;
    case 'role': {
      const { name } = check;
      return (caller) => caller.roles.has(name);
    }
    case 'rule':
      return names.rule(check.name);
    case 'not': {
      const part = compile(check.part, names);
      return (caller, target) => !part(caller, target);
    }
    case 'and': {
      const parts = check.parts.map((part) => compile(part, names));
      return (caller, target) => {
        for (const part of parts) if (!part(caller, target)) return false;
        return true;
      };
    }
    case 'or': {
      const parts = check.parts.map((part) => compile(part, names));
      return (caller, target) => {
        for (const part of parts) if (part(caller, target)) return true;
        return false;
      };
    }
    case 'compare':
      return compileCompare(check, names);
  }
}

function compileCompare(check: Check & { kind: 'compare' }, names: Names): Decide {
  const { left, right } = readers(check, names);
  // The literal None on either side asks for absence; otherwise absence never matches.
  if (('literal' in check.left && check.left.literal === null) || isNone(check)) {
    return (caller, target) => left(caller) === null && right(target) === null;
  }
  return (caller, target) => {
    const value = left(caller);
    return value !== null && value === right(target);
  };
}

function isNone(check: Check & { kind: 'compare' }): boolean {
  return 'literal' in check.right && check.right.literal === null;
}

/** The two sides of a comparison as functions; also used to explain it. */
export function readers(
  check: Check & { kind: 'compare' },
  names: Names,
): { left: (caller: Subject) => string | null; right: (target: PolicyTarget) => string | null } {
  return { left: leftReader(check.left), right: rightReader(check.right, names) };
}

function leftReader(left: (Check & { kind: 'compare' })['left']): (caller: Subject) => string | null {
  if ('literal' in left) {
    const { literal } = left;
    return () => literal;
  }
  const fact = Object.hasOwn(CALLER_FACTS, left.fact) ? CALLER_FACTS[left.fact] : undefined;
  if (fact === undefined) {
    throw errors.PolicyBroken(
      `"${left.fact}" is not a fact of callers; there are ${Object.keys(CALLER_FACTS).join(', ')}, role and rule`,
    );
  }
  return (caller) => fact(caller) ?? null;
}

function rightReader(right: (Check & { kind: 'compare' })['right'], names: Names): (t: PolicyTarget) => string | null {
  if ('literal' in right) {
    const { literal } = right;
    return () => literal;
  }
  const found = names.target(right.target);
  if ('fixed' in found) {
    const { fixed } = found;
    return () => fixed;
  }
  const { path } = found;
  if (path.includes('.')) return (target) => textOf(readTarget(target, path));
  return (target) => textOf(target[path]);
}
