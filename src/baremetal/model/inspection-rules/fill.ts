import type { RuleSubject } from './subject.ts';
import { readPath, valueAt } from './subject.ts';

/**
 * Fills places like `{inventory[cpu][count]}`, `{node.name}` and `{item}` in the texts of an argument. A text that
 * is one place and nothing else becomes the value itself, not its text. Names that lead nowhere become `None`; `[*]`
 * in a place is every item there, and gives the list of what the rest leads to.
 */
export function fill(value: unknown, subject: RuleSubject, item: unknown): unknown {
  if (typeof value === 'string') return fillText(value, subject, item);
  if (Array.isArray(value)) return value.map((part: unknown) => fill(part, subject, item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fill(part, subject, item)]));
  }
  return value;
}

const PLACE = /\{((?:node|inventory|plugin_data|item|ports)(?:[^{}\s]*))\}/g;

/** Is there a place in a text? */
export function holdsPlace(text: string): boolean {
  return new RegExp(PLACE.source).test(text);
}

function fillText(text: string, subject: RuleSubject, item: unknown): unknown {
  const whole = new RegExp(`^${PLACE.source}$`).exec(text);
  if (whole !== null) return lookUp(whole[1] as string, subject, item);
  return text.replaceAll(PLACE, (_, path: string) => {
    const found = lookUp(path, subject, item);
    if (found === undefined || found === null) return 'None';
    return typeof found === 'string' ? found : JSON.stringify(found);
  });
}

function lookUp(path: string, subject: RuleSubject, item: unknown): unknown {
  const root = {
    node: { ...subject.node, traits: [...subject.traits] },
    inventory: subject.inventory,
    plugin_data: subject.pluginData,
    ports: subject.ports.map((port) => ({ uuid: port.uuid, address: port.address, ...port.fields })),
    item,
  };
  const keys = readPath(path);
  return keys.includes('*') ? every(root, keys) : (valueAt(root, keys) ?? null);
}

/** All values at a path with `*`; items that do not have the rest of it are left out. */
function every(root: unknown, keys: readonly string[]): unknown[] {
  let found: unknown[] = [root];
  for (const key of keys) {
    found = found.flatMap((at: unknown) => {
      if (typeof at !== 'object' || at === null) return [];
      if (key === '*') return Object.values(at) as unknown[];
      const value = valueAt(at, [key]);
      return value === undefined ? [] : [value];
    });
  }
  return found;
}
