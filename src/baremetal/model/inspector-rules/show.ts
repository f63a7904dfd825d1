import { isDeepStrictEqual } from 'node:util';
import { OPERATORS, readOperator } from '../inspection-rules/operators.ts';
import { ACTIONS } from '../inspection-rules/actions.ts';
import type { RulePart } from '../inspection-rules/run.ts';
import type { Document } from '../node.ts';
import { fieldOfPlace } from './field.ts';
import { SCOPE } from './read.ts';
import { showText } from './texts.ts';

/** A rule in the words of ironic-inspector's API. */
export interface InspectorRule {
  scope: string | null;
  /** What inspector has no words for stands as ours: `op`, `args`, `loop`. */
  conditions: Document[];
  actions: Document[];
}

const named = (part: RulePart, names: readonly string[]): Document =>
  Array.isArray(part.args)
    ? Object.fromEntries(part.args.map((value, i) => [names[i] ?? `_${i}`, value]))
    : (part.args ?? {});

/** The place a text is, when it is one and nothing else. */
function placeOf(value: unknown): string | undefined {
  return typeof value === 'string' ? /^\{([^{}\s]+)\}$/.exec(value)?.[1] : undefined;
}

const OTHER: Readonly<Record<string, readonly [at: string, value: string]>> = {
  'in-net': ['address', 'subnet'],
  matches: ['value', 'regex'],
  contains: ['value', 'regex'],
};

/** What a condition looks at and holds it against. */
function sides(name: string, args: Document): { at: unknown; value?: unknown } | undefined {
  if (name === 'is-empty') return { at: args['value'] };
  const other = OTHER[name];
  if (other !== undefined) {
    const value = args[other[1]];
    return { at: args[other[0]], value: name === 'matches' ? String(value).replace(/(?<!\\)\$$/, '') : value };
  }
  const { values } = args;
  if (!['eq', 'ne', 'lt', 'le', 'gt', 'ge'].includes(name) || !Array.isArray(values) || values.length !== 2) {
    return undefined;
  }
  return { at: values[0], value: values[1] as unknown };
}

function showCondition(part: RulePart): Document | undefined {
  const { name, inverted } = readOperator(part.op);
  const operator = OPERATORS[name];
  if (operator === undefined || part.multiple === 'last') return undefined;
  const args = named(part, [...operator.required, ...(operator.optional ?? [])]);
  const found = sides(name, args);
  if (found === undefined || args['force_strings'] === true) return undefined;
  const looped = part.loop !== undefined && part.loop !== null;
  if (looped !== (found.at === '{item}')) return undefined;
  const place = placeOf(looped ? part.loop : found.at);
  const field = place === undefined ? undefined : fieldOfPlace(place);
  if (field === undefined) return undefined;
  return {
    op: name,
    field,
    multiple: part.multiple ?? 'any',
    invert: inverted,
    ...('value' in found ? { value: found.value } : {}),
  };
}

/** Does `guard` only say that what `part` looks at is there? */
function guards(guard: RulePart, part: RulePart | undefined): boolean {
  if (part === undefined || (guard.op !== '!is-none' && guard.op !== '!is-empty')) return false;
  const { name } = readOperator(part.op);
  const at = part.loop ?? sides(name, named(part, OPERATORS[name]?.required ?? []))?.at;
  const wanted = part.loop === undefined ? '!is-none' : '!is-empty';
  return guard.op === wanted && isDeepStrictEqual(guard.args, { value: at }) && showCondition(part) !== undefined;
}

function showAction(part: RulePart): Document | undefined {
  if (part.loop !== undefined && part.loop !== null) return undefined;
  const spec = ACTIONS[part.op];
  const args = spec === undefined ? {} : named(part, [...spec.required, ...spec.optional]);
  const shown = showText(args)?.text as Document | undefined;
  if (shown === undefined) return undefined;
  switch (part.op) {
    case 'fail':
      return { action: 'fail', message: shown['msg'] };
    case 'unset-capability':
      return { action: 'set-capability', name: shown['name'] };
    case 'set-attribute':
    case 'extend-attribute':
    case 'set-capability':
    case 'add-trait':
    case 'remove-trait':
      return { action: part.op, ...shown };
    default:
      return undefined;
  }
}

function scopeOf(part: RulePart | undefined): string | null {
  if (part?.op !== 'eq') return null;
  const { values, force_strings } = named(part, ['values', 'force_strings']);
  if (!Array.isArray(values) || values.length !== 2 || values[0] !== SCOPE || force_strings !== true) return null;
  return typeof values[1] === 'string' ? values[1] : null;
}

/** A rule of ours in inspector's words. */
export function showInspectorRule(rule: {
  conditions: readonly RulePart[];
  actions: readonly RulePart[];
}): InspectorRule {
  const scope = scopeOf(rule.conditions[0]);
  const rest = scope === null ? rule.conditions : rule.conditions.slice(1);
  return {
    scope,
    conditions: rest.filter((part, i) => !guards(part, rest[i + 1])).map((part) => showCondition(part) ?? { ...part }),
    actions: rule.actions.map((part) => showAction(part) ?? { ...part }),
  };
}
