import { BlockList } from 'node:net';
import { ipFamily } from '#kernel/ip-family';
import { errors } from '../../errors.ts';
import type { RulePart } from '../inspection-rules/run.ts';
import { readPath, WRITABLE_NODE_FIELDS } from '../inspection-rules/subject.ts';
import type { Document } from '../node.ts';
import { placeOfField } from './field.ts';
import { literal, readText } from './texts.ts';

/** Where a rule's scope is looked for. */
export const SCOPE = '{node[properties][inspection_scope]}';
const MAX_PARTS = 100;
const MULTIPLE = new Set(['all', 'any', 'first']);

/** Parameters besides those of the rule's frame, checked as inspector checks them. */
function parameters(kind: string, op: string, item: Document, required: string[], optional: string[] = []): void {
  const frame = ['op', 'field', 'multiple', 'invert', 'action'];
  const passed = Object.keys(item).filter((key) => !frame.includes(key) && item[key] !== null);
  const missing = required.filter((key) => !passed.includes(key));
  const unknown = passed.filter((key) => !required.includes(key) && !optional.includes(key));
  const said = [
    ...(missing.length > 0 ? [`missing required parameter(s): ${missing.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`unexpected parameter(s): ${unknown.map((key) => key.slice(0, 64)).join(', ')}`] : []),
  ];
  if (said.length > 0) throw errors.Invalid(`Invalid parameters for ${kind} ${op}: ${said.join('; ')}`);
}

const COMPARED = new Set(['eq', 'ne', 'lt', 'le', 'gt', 'ge']);

/** A condition's arguments, with `at` in the place of the field's value. */
function argsOf(op: string, at: string, item: Document): Document {
  const value = literal(item['value']);
  const bad = (why: string) => errors.Invalid(`Invalid parameters for operator ${op}: ${why}`);
  if (COMPARED.has(op)) return { values: [at, value] };
  switch (op) {
    case 'is-empty':
      return { value: at };
    case 'in-net':
      if (typeof value !== 'string' || !isNet(value)) throw bad('invalid value: it is no network');
      return { address: at, subnet: value };
    case 'matches':
    case 'contains':
      if (typeof value !== 'string') throw bad('invalid regular expression: it is no text');
      return { value: at, regex: op === 'matches' && !value.endsWith('$') ? `${value}$` : value };
    default:
      throw errors.Invalid(`Validation failed for conditions: '${op.slice(0, 64)}' is no condition's operator`);
  }
}

function isNet(text: string): boolean {
  const [net = '', bits, more] = text.split('/');
  const family = ipFamily(net);
  if (family === 0 || more !== undefined || !/^\d*$/.test(bits ?? '')) return false;
  try {
    new BlockList().addSubnet(
      net,
      bits === undefined ? (family === 6 ? 128 : 32) : Number(bits),
      family === 6 ? 'ipv6' : 'ipv4',
    );
    return true;
  } catch {
    return false;
  }
}

/** A condition as ours: a rule does not apply where the field is not there, whatever the operator. */
function readCondition(item: Document): RulePart[] {
  const { op, field, multiple = 'any', invert = false } = item;
  if (typeof op !== 'string' || typeof field !== 'string') {
    throw errors.Invalid("Validation failed for conditions: 'op' and 'field' are required");
  }
  if (!MULTIPLE.has(multiple as string)) {
    throw errors.Invalid("Validation failed for conditions: 'multiple' is not one of all, any, first");
  }
  if (typeof invert !== 'boolean') throw errors.Invalid("Validation failed for conditions: 'invert' is no boolean");
  const { place, many } = placeOfField(field);
  const args = argsOf(op, many ? '{item}' : `{${place}}`, item);
  parameters('operator', op, item, op === 'is-empty' ? [] : ['value']);
  const part: RulePart = {
    op: invert ? `!${op}` : op,
    args,
    ...(many ? { loop: `{${place}}` } : {}),
    ...(multiple === 'any' ? {} : { multiple: multiple as 'all' | 'first' }),
  };
  if (many) {
    if (op === 'is-empty') {
      throw errors.Invalid(`Validation failed for conditions: is-empty does not go with the many values of ${field}`);
    }
    return multiple === 'all' ? [{ op: '!is-empty', args: { value: `{${place}}` } }, part] : [part];
  }
  if (op === 'is-empty') return [part];
  return [{ op: '!is-none', args: { value: `{${place}}` } }, part];
}

function writable(path: unknown): unknown {
  let root: string | undefined;
  try {
    [root] = readPath(path);
  } catch (cause) {
    throw errors.Invalid(`Invalid parameters for action: the path ${String(path).slice(0, 100)} leads nowhere`, {
      cause,
    });
  }
  if (!WRITABLE_NODE_FIELDS.has(root as string)) {
    throw errors.Invalid(`Invalid parameters for action: rules may not write ${root?.slice(0, 64)} of a node`);
  }
  return literal(path);
}

function readAction(item: Document): RulePart {
  const { action, name } = item;
  switch (action) {
    case 'fail':
      parameters('action', action, item, ['message']);
      return { op: 'fail', args: { msg: literal(String(item['message'])) } };
    case 'set-attribute':
      if (!Object.hasOwn(item, 'value')) {
        throw errors.Invalid('Invalid parameters for action set-attribute: missing required parameter(s): value');
      }
      parameters('action', action, item, ['path'], ['value', 'reset_interfaces']);
      return { op: action, args: { path: writable(item['path']), value: readText(item['value']) } };
    case 'extend-attribute':
      parameters('action', action, item, ['path', 'value'], ['unique']);
      return {
        op: action,
        args: {
          path: writable(item['path']),
          value: readText(item['value']),
          ...(item['unique'] ? { unique: true } : {}),
        },
      };
    case 'set-capability': {
      parameters('action', action, item, ['name'], ['value']);
      const value = item['value'];
      return value === undefined || value === null
        ? { op: 'unset-capability', args: { name: literal(name) } }
        : { op: action, args: { name: literal(name), value: readText(value) } };
    }
    case 'add-trait':
    case 'remove-trait':
      parameters('action', action, item, ['name']);
      return { op: action, args: { name: literal(name) } };
    default:
      throw errors.Invalid(
        `Validation failed for actions: ${JSON.stringify(action ?? null).slice(0, 64)} is no action`,
      );
  }
}

function items(what: string, value: unknown): Document[] {
  if (!Array.isArray(value) || value.length > MAX_PARTS) {
    throw errors.Invalid(`Validation failed for ${what}: it is no list of at most ${MAX_PARTS} items`);
  }
  return value.map((item: unknown) => {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) return item as Document;
    throw errors.Invalid(`Validation failed for ${what}: an item is no object`);
  });
}

/** A rule in the words of ironic-inspector's API, as ours. Throws 400 for what ours cannot say. */
export function readInspectorRule(body: Document): { conditions: RulePart[]; actions: RulePart[] } {
  const scope = body['scope'] ?? null;
  if (scope !== null && (typeof scope !== 'string' || scope.length > 255)) {
    throw errors.Invalid('Invalid scope: the length of the scope should be within 255 characters');
  }
  const scoped: RulePart[] =
    scope === null || scope === ''
      ? []
      : [{ op: 'eq', args: { values: [SCOPE, literal(scope)], force_strings: true } }];
  const actions = items('actions', body['actions'] ?? []).map(readAction);
  if (actions.length === 0) throw errors.Invalid('Validation failed for actions: [] is too short');
  return { conditions: [...scoped, ...items('conditions', body['conditions'] ?? []).flatMap(readCondition)], actions };
}
