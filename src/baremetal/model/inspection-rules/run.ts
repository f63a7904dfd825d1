import { messageOf } from '#kernel/errors';
import type { Document } from '../node.ts';
import { isTrait } from '../traits.ts';
import { ACTIONS } from './actions.ts';
import { type ApiCall, readApiCall } from './api-call.ts';
import { fill } from './fill.ts';
import { OPERATORS, readOperator } from './operators.ts';
import {
  deleteAt,
  extendAt,
  readPath,
  type RulePort,
  type RuleSubject,
  setAt,
  WRITABLE_NODE_FIELDS,
  WRITABLE_PORT_FIELDS,
} from './subject.ts';

/** A condition or an action as it is kept. */
export interface RulePart {
  op: string;
  args?: Document | unknown[];
  loop?: unknown;
  /** Of conditions with a loop: how many items must fit. */
  multiple?: 'any' | 'all' | 'first' | 'last';
}

/** A rule as it is kept. */
export interface InspectionRule {
  uuid: string;
  description: string | null;
  priority: number;
  sensitive: boolean;
  conditions: readonly RulePart[];
  actions: readonly RulePart[];
}

/** Thrown by the action `fail`: the inspection is to fail with this text. */
export class RuleFailed extends Error {}

/** A line for the log. */
export type RuleLog = (level: string, message: string) => void;

const MAX_LOOP = 1000;

function namedArgs(args: RulePart['args'], names: readonly string[]): Document {
  if (Array.isArray(args)) return Object.fromEntries(args.map((value, i) => [names[i] ?? `_${i}`, value]));
  return args ?? {};
}

/** The items of a loop; one nameless one without it. */
function itemsOf(loop: unknown, subject: RuleSubject): unknown[] {
  if (loop === undefined || loop === null) return [undefined];
  const filled = fill(loop, subject, undefined);
  if (Array.isArray(filled)) return (filled as unknown[]).slice(0, MAX_LOOP);
  return typeof filled === 'object' && filled !== null ? Object.values(filled).slice(0, MAX_LOOP) : [filled];
}

/** Does a condition hold? */
export function holds(condition: RulePart, subject: RuleSubject): boolean {
  const { name, inverted } = readOperator(condition.op);
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (operator === undefined) throw new Error(`unknown operator ${name}`);
  const names = [...operator.required, ...(operator.optional ?? [])];
  const results = itemsOf(condition.loop, subject).map((item) => {
    const args = fill(namedArgs(condition.args, names), subject, item) as Document;
    return operator.holds(args) !== inverted;
  });
  switch (condition.multiple ?? 'any') {
    case 'all':
      return results.every(Boolean);
    case 'first':
      return results[0] === true;
    case 'last':
      return results.at(-1) === true;
    default:
      return results.some(Boolean);
  }
}

type Act = (args: Document, subject: RuleSubject, log: RuleLog) => void;

const nodePath = (path: unknown): string[] => {
  const keys = readPath(path);
  if (!WRITABLE_NODE_FIELDS.has(keys[0] as string)) throw new Error(`rules may not write ${keys[0]} of a node`);
  return keys;
};

function onPort(act: (port: RulePort, keys: string[], args: Document) => void): Act {
  return (args, subject) => {
    const id = String(args['port_id']).toLowerCase();
    const port = subject.ports.find((one) => one.uuid === id || one.address === id);
    if (port === undefined) throw new Error(`there is no port ${id.slice(0, 64)}`);
    const keys = readPath(args['path']);
    if (!WRITABLE_PORT_FIELDS.has(keys[0] as string)) throw new Error(`rules may not write ${keys[0]} of a port`);
    act(port, keys, args);
  };
}

/** `a:1,b:2` with one capability set or taken away. */
function editCapability(subject: RuleSubject, name: unknown, value: unknown): void {
  const properties = (subject.node['properties'] ??= {}) as Document;
  const old = typeof properties['capabilities'] === 'string' ? properties['capabilities'] : '';
  const kept = old.split(',').filter((part) => part !== '' && part.split(':')[0] !== String(name));
  if (value !== undefined) kept.push(`${String(name)}:${String(value)}`);
  properties['capabilities'] = kept.join(',');
}

const ACTS: Readonly<Record<string, Act>> = {
  fail: ({ msg }) => {
    throw new RuleFailed(String(msg));
  },
  log: ({ msg, level }, _subject, log) => log(String(level ?? 'info'), String(msg).slice(0, 1000)),
  'set-attribute': ({ path, value }, { node }) => setAt(node, nodePath(path), value),
  'extend-attribute': ({ path, value, unique }, { node }) => extendAt(node, nodePath(path), value, unique === true),
  'del-attribute': ({ path }, { node }) => deleteAt(node, nodePath(path)),
  'add-trait': ({ name }, { traits }) => {
    if (!isTrait(String(name))) throw new Error(`${String(name).slice(0, 64)} is no trait`);
    traits.add(String(name));
  },
  'remove-trait': ({ name }, { traits }) => void traits.delete(String(name)),
  'set-capability': ({ name, value }, subject) => editCapability(subject, name, value),
  'unset-capability': ({ name }, subject) => editCapability(subject, name, undefined),
  'set-plugin-data': ({ path, value }, { pluginData }) => setAt(pluginData, readPath(path), value),
  'extend-plugin-data': ({ path, value, unique }, { pluginData }) =>
    extendAt(pluginData, readPath(path), value, unique === true),
  'unset-plugin-data': ({ path }, { pluginData }) => deleteAt(pluginData, readPath(path)),
  'set-port-attribute': onPort((port, keys, { value }) => setAt(port.fields, keys, value)),
  'extend-port-attribute': onPort((port, keys, { value, unique }) =>
    extendAt(port.fields, keys, value, unique === true),
  ),
  'del-port-attribute': onPort((port, keys) => deleteAt(port.fields, keys)),
};

/**
 * Runs rules on what an inspection found, highest priority first, changing `subject` in place. Gives the UUIDs of
 * those that applied, and collects in `calls` what they ask to be called afterwards. Throws `RuleFailed` for the action `fail`, and an Error that names the rule for one that
 * cannot be carried out. What sensitive rules do is not logged.
 */
export function runRules(
  rules: readonly InspectionRule[],
  subject: RuleSubject,
  log: RuleLog,
  calls: ApiCall[] = [],
): string[] {
  const applied: string[] = [];
  for (const rule of [...rules].sort((a, b) => b.priority - a.priority)) {
    try {
      if (!rule.conditions.every((condition) => holds(condition, subject))) continue;
      const call = (args: Document) => void calls.push(readApiCall(args, rule.uuid, rule.sensitive));
      for (const action of rule.actions) runAction(action, subject, rule.sensitive ? () => {} : log, call);
      applied.push(rule.uuid);
    } catch (error) {
      if (error instanceof RuleFailed) throw error;
      const why = rule.sensitive ? 'it is sensitive: no details' : messageOf(error);
      throw new Error(`Inspection rule ${rule.uuid} could not be carried out: ${why}`, { cause: error });
    }
  }
  return applied;
}

function runAction(action: RulePart, subject: RuleSubject, log: RuleLog, call: (args: Document) => void): void {
  const act = action.op === 'api-call' ? call : Object.hasOwn(ACTS, action.op) ? ACTS[action.op] : undefined;
  const spec = ACTIONS[action.op];
  if (act === undefined || spec === undefined) throw new Error(`unknown action ${action.op}`);
  const names = [...spec.required, ...spec.optional];
  for (const item of itemsOf(action.loop, subject)) {
    act(fill(namedArgs(action.args, names), subject, item) as Document, subject, log);
  }
}
