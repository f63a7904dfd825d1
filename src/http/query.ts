import type { TSchema } from 'typebox';
import { HttpErrors } from './errors.ts';

type Coerce = (name: string, text: string) => unknown;

/** A route's query arguments, ready to read. */
export interface QueryReader {
  /** Reads the raw query string. Throws 400 naming the argument. */
  read(raw: string): Record<string, unknown>;
}

/** oslo.utils' words for a boolean. */
const TRUE_WORDS = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const FALSE_WORDS = new Set(['0', 'f', 'false', 'off', 'n', 'no']);

/** A boolean said in one of oslo's words, any case; undefined when it is none of them. */
export function booleanOf(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : undefined;
}

const coerceBoolean: Coerce = (name, text) => {
  const value = booleanOf(text);
  if (value === undefined) {
    throw HttpErrors.BadArgument(name, `it must be one of ${[...TRUE_WORDS, ...FALSE_WORDS].join(', ')}`);
  }
  return value;
};

const coerceNumber = (integer: boolean): Coerce => {
  const shape = integer ? /^[+-]?\d{1,15}$/ : /^[+-]?\d{1,15}(\.\d{1,15})?$/;
  return (name, text) => {
    if (!shape.test(text.trim()))
      throw HttpErrors.BadArgument(name, integer ? 'it must be an integer' : 'it must be a number');
    return Number(text);
  };
};

const coerceText: Coerce = (_name, text) => text;

/** `a,b` → ['a', 'b'], without blanks, empty items and repetitions. */
const coerceList = (lower: boolean): Coerce => {
  return (_name, text) => {
    const items = new Set<string>();
    for (const part of text.split(',')) {
      const item = lower ? part.trim().toLowerCase() : part.trim();
      if (item !== '') items.add(item);
    }
    return [...items];
  };
};

interface ObjectSchema {
  properties?: Record<string, { type?: string; 'x-lowercase'?: boolean; 'x-repeated'?: boolean }>;
  additionalProperties?: unknown;
}

/**
 * Makes the reader of a route's `query` schema: an object schema whose properties are booleans (oslo's words),
 * integers, numbers, strings, or arrays of strings: comma lists (`'x-lowercase': true` lower-cases them), or with
 * `'x-repeated': true` an argument given once for each, in which a comma means nothing. Names outside
 * the schema are refused, unless it says `additionalProperties: true` (vendor passthru); then they stay text.
 */
export function queryReader(schema: TSchema | undefined): QueryReader {
  const { properties = {}, additionalProperties } = (schema ?? {}) as ObjectSchema;
  const coercers = new Map<string, Coerce>();
  const lists = new Set<string>();
  const repeated = new Set<string>();
  for (const [name, property] of Object.entries(properties)) {
    const type = property.type;
    if (property['x-repeated'] === true) repeated.add(name);
    else if (type === 'array') lists.add(name);
    coercers.set(
      name,
      type === 'boolean'
        ? coerceBoolean
        : type === 'integer' || type === 'number'
          ? coerceNumber(type === 'integer')
          : type === 'array'
            ? coerceList(property['x-lowercase'] === true)
            : coerceText,
    );
  }
  const open = additionalProperties === true;
  return {
    read(raw) {
      const query: Record<string, unknown> = {};
      if (raw === '') return query;
      const unknown: string[] = [];
      const texts = new Map<string, string>();
      for (const part of raw.split('&')) {
        if (part === '') continue;
        const equals = part.indexOf('=');
        const name = decode(equals < 0 ? part : part.slice(0, equals));
        const text = equals < 0 ? '' : decode(part.slice(equals + 1));
        if (!coercers.has(name) && (!open || name === '__proto__')) unknown.push(name);
        else if (repeated.has(name)) {
          const known = query[name] as string[] | undefined;
          if (known === undefined) query[name] = [text];
          else known.push(text);
        } else if (!texts.has(name)) texts.set(name, text);
        else if (lists.has(name)) texts.set(name, `${texts.get(name)},${text}`);
        else throw HttpErrors.BadArgument(shown(name), 'it is given more than once');
      }
      if (unknown.length > 0) throw HttpErrors.UnexpectedArguments(unknown.slice(0, 8).map(shown).join(', '));
      for (const [name, text] of texts) query[name] = (coercers.get(name) ?? coerceText)(shown(name), text);
      return query;
    },
  };
}

/** Decodes one piece of a query string. Throws 400 for bad percent encoding and for NUL. */
function decode(text: string): string {
  let decoded = text;
  if (text.includes('%') || text.includes('+')) {
    try {
      decoded = decodeURIComponent(text.replaceAll('+', ' '));
    } catch {
      throw HttpErrors.BadUrl('bad percent encoding');
    }
  }
  if (decoded.includes('\0')) throw HttpErrors.BadUrl('it holds a NUL character');
  return decoded;
}

/** A client's own word, short enough to be said back. */
function shown(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name;
}
