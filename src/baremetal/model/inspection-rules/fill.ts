import type { RuleSubject } from './subject.ts';
import { readPath, valueAt } from './subject.ts';

/**
 * Fills places like `{inventory[cpu][count]}`, `{node.name}` and `{item}` in the texts of an argument. A text that
 * is one place and nothing else becomes the value itself, not its text. Names that lead nowhere become `None`.
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
  return valueAt(root, readPath(path)) ?? null;
}
