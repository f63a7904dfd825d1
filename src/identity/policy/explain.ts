import type { Reason } from '#contracts/policy';
import type { PolicyTarget } from '#http/contract';
import { compile, type Names, readers } from './compile.ts';
import type { Check } from './expression.ts';
import type { Subject } from './facts.ts';

/** Names, and the parsed form of other rules to walk into. */
export interface ExplainNames extends Names {
  parsed(name: string): Check | undefined;
}

const show = (value: string | null) => (value === null ? 'nothing' : `"${value}"`);

/** Says, part by part, why a check gives what it gives. Evaluates every part, also where deciding stops early. */
export function explainCheck(check: Check, names: ExplainNames, caller: Subject, target: PolicyTarget): Reason {
  const result = compile(check, names)(caller, target);
  const walk = (part: Check) => explainCheck(part, names, caller, target);
  switch (check.kind) {
    case 'always':
      return { check: check.text || '@', result, why: 'always allowed' };
    case 'never':
      return { check: check.text, result, why: 'never allowed' };
    case 'role':
      return {
        check: check.text,
        result,
        why: `the caller has ${caller.roles.size === 0 ? 'no role' : `the roles ${[...caller.roles].sort().join(', ')}`}`,
      };
    case 'rule': {
      const parsed = names.parsed(check.name);
      if (parsed === undefined) return { check: check.text, result, why: 'there is no such rule' };
      return { check: check.text, result, why: `rule ${check.name}`, parts: [walk(parsed)] };
    }
    case 'not':
      return { check: check.text, result, why: 'the opposite of', parts: [walk(check.part)] };
    case 'and':
      return { check: check.text, result, why: 'all of', parts: check.parts.map(walk) };
    case 'or':
      return { check: check.text, result, why: 'one of', parts: check.parts.map(walk) };
    case 'compare': {
      const { left, right } = readers(check, names);
      const mine = 'fact' in check.left ? `the caller's ${check.left.fact} is ${show(left(caller))}` : check.text;
      const theirs =
        'target' in check.right
          ? `the target's ${check.right.target} is ${show(right(target))}`
          : `wanted is ${show(right(target))}`;
      return { check: check.text, result, why: `${mine}, ${theirs}` };
    }
  }
}
