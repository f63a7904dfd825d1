import type { Statement } from '#store/contract';

/** Statements that get a name; each costs every connection some kilobytes for as long as it lives. */
const LIMIT = 200;
const names = new Map<string, string>();

/**
 * A statement made of parts, with a name so that PostgreSQL plans it once a connection. Clients choose fields and
 * filters, so their number has no bound: the first 200 texts get names, the rest are planned each time.
 */
export function named(text: string, values: readonly unknown[]): Statement {
  let name = names.get(text);
  if (name === undefined && names.size < LIMIT) {
    name = `bm${names.size}`;
    names.set(text, name);
  }
  return name === undefined ? { text, values } : { name, text, values };
}
