import { errors } from '../../errors.ts';
import { ACTIONS } from './actions.ts';
import { OPERATORS, readOperator } from './operators.ts';

const MAX_PARTS = 100;

function checkArgs(
  what: string,
  op: string,
  args: unknown,
  required: readonly string[],
  optional: readonly string[],
): void {
  const bad = (why: string) => errors.Invalid(`Invalid parameters for ${what} operator ${op}: ${why}`);
  if (typeof args !== 'object' || args === null) throw bad('args is not an object or a list');
  if (Array.isArray(args)) {
    if (args.length < required.length || args.length > required.length + optional.length) {
      throw bad(`expected ${required.join(', ')}`);
    }
    return;
  }
  const missing = required.filter((name) => !Object.hasOwn(args, name));
  if (missing.length > 0) throw bad(`missing ${missing.join(', ')}`);
  const unknown = Object.keys(args).filter((name) => !required.includes(name) && !optional.includes(name));
  if (unknown.length > 0) throw bad(`unexpected ${unknown.map((name) => name.slice(0, 64)).join(', ')}`);
}

function parts(name: string, value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value) || value.length > MAX_PARTS) {
    throw errors.Invalid(`Validation failed for inspection rule: ${name} is not a list of at most ${MAX_PARTS} items`);
  }
  return value.map((item: unknown) => {
    if (typeof item !== 'object' || item === null || typeof (item as { op?: unknown }).op !== 'string') {
      throw errors.Invalid(`Validation failed for inspection rule: an item of ${name} has no 'op'`);
    }
    const extra = Object.keys(item).find((key) => !['op', 'args', 'loop', 'multiple'].includes(key));
    if (extra !== undefined) {
      throw errors.Invalid(`Validation failed for inspection rule: '${extra.slice(0, 64)}' of ${name} was unexpected`);
    }
    return item as Record<string, unknown>;
  });
}

/** Checks a rule before it is kept. Throws 400 in Ironic's words. */
export function checkRule(rule: { priority: unknown; phase: unknown; conditions: unknown; actions: unknown }): void {
  const { priority, phase } = rule;
  if (phase !== 'main') throw errors.Invalid(`Invalid phase: ${String(phase).slice(0, 64)}. Valid phases are: main`);
  if (typeof priority !== 'number' || priority > 9999) {
    throw errors.Invalid('Priority must be between 0 and 9999 for user-defined rules.');
  }
  if (priority < 0) throw errors.Invalid('Priority cannot be negative for user-defined rules.');
  for (const condition of parts('conditions', rule.conditions)) {
    const { name } = readOperator(condition['op'] as string);
    const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (operator === undefined) throw errors.Invalid(`Unsupported condition operator: ${name.slice(0, 64)}`);
    checkArgs('condition', name, condition['args'] ?? {}, operator.required, operator.optional ?? []);
    checkPattern(name, condition['args']);
  }
  const actions = parts('actions', rule.actions ?? []);
  if (actions.length === 0) throw errors.Invalid('Validation failed for inspection rule: actions is too short');
  for (const action of actions) {
    const op = action['op'] as string;
    const known = Object.hasOwn(ACTIONS, op) ? ACTIONS[op] : undefined;
    if (known === undefined) {
      throw errors.Invalid(`Unsupported action operator: ${op.slice(0, 64)}`);
    }
    checkArgs('action', op, action['args'] ?? {}, known.required, known.optional);
  }
}

function checkPattern(name: string, args: unknown): void {
  if (name !== 'matches' && name !== 'contains') return;
  const source = Array.isArray(args) ? (args[1] as unknown) : (args as { regex?: unknown }).regex;
  // A text filled in from the inventory is a value, not a pattern: `{` would make most of them invalid.
  try {
    if (typeof source !== 'string' || source.length > 1000) throw new Error('not a text of at most 1000 characters');
    new RegExp(source);
  } catch (cause) {
    throw errors.Invalid(`Invalid parameters for condition operator ${name}: the regex cannot be used`, { cause });
  }
}
