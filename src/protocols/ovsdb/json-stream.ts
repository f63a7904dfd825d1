import { errors } from './errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/** Deeper than anything OVSDB says; a value that is deeper is an attack on the parser's stack. */
const MAX_DEPTH = 64;

/**
 * Cuts a stream of JSON objects that nothing separates (RFC 7047, 4) into values. Looks at bytes only: all of JSON's
 * own signs are ASCII, so a character cut in two by a chunk is no matter. Throws `OvsdbGarbage` for what cannot
 * become an object and for messages above `limit` bytes; the stream is of no use after that.
 */
export function jsonStream(limit: number, onValue: (value: unknown) => void): (chunk: Uint8Array) => void {
  let parts: Uint8Array[] = [];
  let size = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;

  const finish = (last: Uint8Array): void => {
    const text =
      parts.length === 0 ? Buffer.from(last.buffer, last.byteOffset, last.length) : Buffer.concat([...parts, last]);
    parts = [];
    size = 0;
    let value: unknown;
    try {
      value = JSON.parse(text.toString('utf8'));
    } catch (cause) {
      throw errors.OvsdbGarbage('a message is not JSON', { cause });
    }
    onValue(value);
  };

  return (chunk) => {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (depth === 0 && byte === OPEN_BRACKET) throw errors.OvsdbGarbage('a message that is no object');
        if (++depth > MAX_DEPTH) throw errors.OvsdbGarbage('a message is too deep');
      } else if (depth === 0) {
        if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) throw errors.OvsdbGarbage('bytes between messages');
        from = i + 1;
      } else if (byte === QUOTE) inString = true;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (--depth > 0) continue;
        finish(chunk.subarray(from, i + 1));
        from = i + 1;
      }
    }
    if (from === chunk.length) return;
    size += chunk.length - from;
    if (size > limit) throw errors.OvsdbGarbage(`a message has more than ${limit} bytes`);
    parts.push(chunk.subarray(from));
  };
}
