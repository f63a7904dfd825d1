import { isUtf8 } from 'node:buffer';
import { HttpErrors } from './errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Nesting a body may have; Ironic's number. */
export const MAX_DEPTH = 25;

/**
 * Parses the JSON of a request body without trusting it. Refused with 400: invalid UTF-8, malformed JSON, more
 * than `maxDepth` levels, keys that reach for prototypes, NUL and lone surrogates in strings (PostgreSQL can
 * store neither), numbers that do not fit. The usual body costs one scan and one `JSON.parse`.
 */
export function parseJsonBody(bytes: Buffer, maxDepth = MAX_DEPTH): unknown {
  if (!isUtf8(bytes)) throw HttpErrors.BadBody('it is not UTF-8');
  const suspicious = scan(bytes, maxDepth);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw HttpErrors.BadBody(`malformed JSON${positionOf(error)}`);
  }
  if (suspicious || bytes.includes('__proto__') || bytes.includes('constructor')) inspect(value);
  return value;
}

/**
 * Measures the depth over the bytes, before any parser recurses. Gives true when the text holds something
 * only a walk over the parsed value can judge: an escape that may hide a character, a number that may overflow.
 * Strings are jumped over (a configdrive is one string of 64 MiB), so the cost is that of two `indexOf`s.
 */
function scan(bytes: Buffer, maxDepth: number): boolean {
  let depth = 0;
  let suspicious = false;
  let digits = 0;
  let backslash = bytes.indexOf(BACKSLASH);
  const end = bytes.length;
  for (let i = 0; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x30 && byte <= 0x39) {
      digits++;
      continue;
    }
    // 1e999 and a number of 309 digits both parse to Infinity, which JSON cannot say again.
    if (digits > 0) {
      if (byte === 0x65 || byte === 0x45 || digits > 300) suspicious = true;
      digits = 0;
    }
    if (byte === QUOTE) {
      let close = bytes.indexOf(QUOTE, i + 1);
      while (backslash >= 0 && backslash < close) {
        if (bytes[backslash + 1] === LETTER_U) suspicious = true;
        else if (backslash + 1 === close) close = bytes.indexOf(QUOTE, close + 1);
        backslash = bytes.indexOf(BACKSLASH, backslash + 2);
      }
      if (close < 0) return suspicious; // an unfinished string: JSON.parse will say so
      i = close;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) throw HttpErrors.BodyTooDeep(maxDepth);
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return suspicious || digits > 300;
}

/** Walks a parsed value; its depth is bounded by `scan`. */
function inspect(value: unknown): void {
  if (typeof value === 'string') {
    checkText(value);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw HttpErrors.BadBody('a number in it is too large');
  } else if (Array.isArray(value)) {
    for (const item of value) inspect(item);
  } else if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value)) {
      checkText(key);
      const item = (value as Record<string, unknown>)[key];
      if (key === '__proto__' || (key === 'constructor' && reachesPrototype(item))) {
        throw HttpErrors.BadBody(`the key ${key} is not allowed`);
      }
      inspect(item);
    }
  }
}

function reachesPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}

function checkText(text: string): void {
  if (text.includes('\0')) throw HttpErrors.BadBody('a string in it holds a NUL character');
  if (LONE_SURROGATE.test(text)) throw HttpErrors.BadBody('a string in it holds half of a surrogate pair');
}

/** V8's message quotes the input, which may hold a password: only the position is told. */
function positionOf(error: unknown): string {
  const at = /position (\d+)/.exec(error instanceof Error ? error.message : '');
  return at === null ? '' : ` at position ${at[1]}`;
}
