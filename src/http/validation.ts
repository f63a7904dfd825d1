import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type { TSchema } from 'typebox';
import { HttpErrors } from './errors.ts';
import type { IngotError } from '#kernel/errors';

// ajv-formats is CommonJS whose types call the function `default`.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

const ajv = new Ajv({
  strict: true,
  strictTypes: false, // unions of types ("string or null") are part of every Ironic schema
  allErrors: false,
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allowUnionTypes: true,
  // Shown values could be secrets or megabytes: messages are made here, from the rule and never from the value.
  verbose: false,
});
addFormats(ajv, ['uuid', 'date-time', 'date', 'uri', 'ipv4', 'ipv6', 'hostname', 'email', 'regex']);
ajv.addVocabulary(['x-lowercase', 'x-repeated', 'x-since', 'x-secret', 'example', 'discriminator']);

/** Checks one value; throws 400 naming the field. */
export type Check = (value: unknown) => void;

/**
 * A check made of a schema. It is compiled when first used, not at start: a service has hundreds of schemas
 * and each costs milliseconds. `what` names the whole value in messages: `body`, `query`.
 */
export function checkOf(schema: TSchema, what: string): Check & { compile(): void } {
  let validate: ValidateFunction | undefined;
  const check = (value: unknown) => {
    validate ??= ajv.compile(schema);
    if (!validate(value)) throw invalid(validate.errors ?? [], what);
  };
  check.compile = () => {
    validate ??= ajv.compile(schema);
  };
  return check;
}

function invalid(errors: readonly ErrorObject[], what: string): IngotError {
  const error = mostTelling(errors);
  if (error === undefined) return HttpErrors.InvalidField(what, 'it does not fit the schema');
  const path = fieldOf(error.instancePath);
  return HttpErrors.InvalidField(path === '' ? what : `field ${path}`, rule(error, errors));
}

/**
 * Of several errors the one that helps most: inside a union Ajv tells why each branch failed and then that all
 * did. The branch that got deepest is the one the client meant; at equal depth the union itself is told.
 */
function mostTelling(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const last = errors.at(-1);
  if (last === undefined || (last.keyword !== 'anyOf' && last.keyword !== 'oneOf')) return last;
  let best = last;
  for (const error of errors) if (error.instancePath.length > best.instancePath.length) best = error;
  if (best !== last) return best;
  const others = errors.filter((error) => error.keyword !== 'type' && error !== last);
  return others.length === 1 ? others[0] : last;
}

/** `/driver_info/ports/0` → `driver_info/ports/0`; what the client chose is cut. */
function fieldOf(pointer: string): string {
  const text = pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
  return text.length > 128 ? `${text.slice(0, 128)}…` : text;
}

function rule(error: ErrorObject, all: readonly ErrorObject[]): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
      return `${cut(params['additionalProperty'])} is not known`;
    case 'unevaluatedProperties':
      return `${cut(params['unevaluatedProperty'])} is not known`;
    case 'required':
      return `${cut(params['missingProperty'])} is missing`;
    case 'type':
      return `it must be ${typeWords(params['type'])}`;
    case 'enum':
      return `it must be one of ${listWords(params['allowedValues'])}`;
    case 'const':
      return `it must be ${JSON.stringify(params['allowedValue'])}`;
    case 'pattern':
      return `it must match ${String(params['pattern'])}`;
    case 'format':
      return `it must be a valid ${String(params['format'])}`;
    case 'anyOf':
    case 'oneOf':
      return unionWords(error, all);
    case 'propertyNames':
      return `the name ${cut(params['propertyName'])} is not allowed`;
    default:
      return `it ${error.message ?? 'is not valid'}`;
  }
}

/** What a union allows, gathered from why its branches refused. */
function unionWords(error: ErrorObject, all: readonly ErrorObject[]): string {
  const words = new Set<string>();
  for (const other of all) {
    const params = other.params as Record<string, unknown>;
    if (other === error || other.instancePath !== error.instancePath) continue;
    if (other.keyword === 'type') words.add(typeWords(params['type']));
    else if (other.keyword === 'const') words.add(JSON.stringify(params['allowedValue']));
    else if (other.keyword === 'enum') words.add(listWords(params['allowedValues']));
    else words.add(`what ${rule(other, [])}`.replace('what it must', 'a value that must'));
  }
  return words.size === 0 ? 'it fits none of the allowed forms' : `it must be ${[...words].join(' or ')}`;
}

function typeWords(type: unknown): string {
  const words: Record<string, string> = {
    string: 'a string',
    integer: 'an integer',
    number: 'a number',
    boolean: 'true or false',
    object: 'an object',
    array: 'an array',
    null: 'null',
  };
  const types = Array.isArray(type) ? type : [type];
  return types.map((name) => words[String(name)] ?? String(name)).join(' or ');
}

function listWords(values: unknown): string {
  const list = Array.isArray(values) ? values : [];
  const shown = list.slice(0, 40).map((value) => (value === null ? 'null' : String(value)));
  return shown.join(', ') + (list.length > 40 ? ', …' : '');
}

function cut(name: unknown): string {
  const text = String(name);
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
