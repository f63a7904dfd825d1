import type { Statement } from '#store/contract';

/**
 * Statements whose number the code bounds, each prepared once a connection: conductors' own. Apart from `named`,
 * whose names clients can use up with their choice of fields and filters.
 */
const names = new Map<string, string>();

/** A statement with a name of its own. */
export function prepared(text: string, values: readonly unknown[]): Statement {
  let name = names.get(text);
  if (name === undefined) {
    name = `bmc${names.size}`;
    names.set(text, name);
  }
  return { name, text, values };
}
