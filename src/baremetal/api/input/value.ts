import { isUuid } from '#kernel/ids';
import { errors } from '../../errors.ts';
import type { FieldSpec } from '../versions/resource.ts';

const TRUE_WORDS = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const FALSE_WORDS = new Set(['0', 'f', 'false', 'off', 'n', 'no']);
const WORDS = "'0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'";

/** A boolean, or one of oslo's words for one. Throws 400 in Ironic's words. */
export function readBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  throw errors.InvalidParameterValue(
    `Invalid ${name}: Unrecognized value '${shown(value)}', acceptable values are: ${WORDS}`,
  );
}

/** A UUID with dashes. Throws 400 in Ironic's words. */
export function readUuid(name: string, value: unknown): string {
  if (typeof value === 'string' && isUuid(value)) return value.toLowerCase();
  throw errors.InvalidParameterValue(`Expected UUID for ${name}: ${shown(value)}`);
}

/** What a client sent, short enough to be said back, never a document (it may hold secrets). */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 100 ? `${value.slice(0, 100)}…` : value;
  return typeof value === 'object' && value !== null ? (Array.isArray(value) ? '[…]' : '{…}') : String(value);
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** A MAC address in lower case with colons; dashes are taken too. Throws 400 in Ironic's words. */
export function readMac(name: string, value: unknown): string {
  const mac = typeof value === 'string' ? value.toLowerCase().replaceAll('-', ':') : '';
  if (MAC.test(mac)) return mac;
  throw errors.InvalidParameterValue(`Expected valid MAC address for ${name}: ${shown(value)}`);
}

function schemaError(what: string, name: string, value: unknown, types: string): never {
  throw errors.InvalidParameterValue(
    `Schema error for ${what}: ${typeof value === 'string' ? `'${shown(value)}'` : shown(value)} is not of type ${types} (${name})`,
  );
}

/**
 * Brings a field's value into the one form verbs take: text, boolean, lower-case UUID or object; null when it was
 * null. `what` names the body in errors (`node`, `patch`). Throws 400.
 */
export function readField(what: string, name: string, spec: FieldSpec, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (spec.kind) {
    case 'boolean':
      if (typeof value !== 'boolean' && typeof value !== 'string')
        schemaError(what, name, value, "'string', 'boolean', 'null'");
      return readBoolean(name, value);
    case 'uuid':
      if (typeof value !== 'string') schemaError(what, name, value, "'string', 'null'");
      return readUuid(name, value);
    case 'mac':
      if (typeof value !== 'string') schemaError(what, name, value, "'string'");
      return readMac(name, value);
    case 'json':
      if (typeof value !== 'object' || Array.isArray(value)) schemaError(what, name, value, "'object', 'null'");
      return value;
    case 'list':
    case 'texts':
      if (!Array.isArray(value)) schemaError(what, name, value, "'array'");
      return value;
    case 'integer': {
      const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
      if (!Number.isSafeInteger(number)) schemaError(what, name, value, "'integer'");
      return number;
    }
    default:
      return readText(what, name, spec, value);
  }
}

function readText(what: string, name: string, spec: FieldSpec, value: unknown): string {
  if (typeof value !== 'string') schemaError(what, name, value, "'string', 'null'");
  if (spec.maxLength !== undefined && value.length > spec.maxLength) {
    throw errors.InvalidParameterValue(
      `Schema error for ${what}: '${shown(value)}' is too long (${name}: at most ${spec.maxLength})`,
    );
  }
  if (spec.minLength !== undefined && value.length < spec.minLength) {
    throw errors.InvalidParameterValue(`Schema error for ${what}: '${shown(value)}' is too short (${name})`);
  }
  return value;
}
