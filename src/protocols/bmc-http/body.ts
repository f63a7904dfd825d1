import { errors } from './errors.ts';

/** Reads a body to its end. Throws BmcTooLarge beyond `max` bytes. */
export async function readBody(call: string, body: AsyncIterable<Uint8Array>, max: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    // leaving the loop destroys the stream
    if (size > max) throw errors.BmcTooLarge(call, `more than ${max} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * JSON from a BMC. Depth is counted on the text first, since the parser itself has no limit. Throws BmcBadAnswer,
 * BmcTooLarge.
 */
export function parseBody(call: string, text: string, maxDepth: number): unknown {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 0x5c) i++;
      else if (c === 0x22) quoted = false;
    } else if (c === 0x22) quoted = true;
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > maxDepth) throw errors.BmcTooLarge(call, `JSON of more than ${maxDepth} levels`);
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw errors.BmcBadAnswer(call, 'it is not JSON', { cause });
  }
}

/** A line of an event stream that is longer is no event of a BMC. */
const LONGEST_LINE = 1024 * 1024;

/** Calls `data` with each line of data of an event stream, to its end. Throws BmcTooLarge. */
export async function readEventLines(
  call: string,
  body: AsyncIterable<Uint8Array>,
  data: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw errors.BmcTooLarge(call, 'a line without an end');
    for (const line of lines) if (line.startsWith('data:')) data(line.slice(5).trim());
  }
}
