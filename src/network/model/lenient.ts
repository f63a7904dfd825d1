import type { TSchema } from 'typebox';
import { booleanOf } from '#http/query';

type Node = {
  type?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Node[];
  properties?: Readonly<Record<string, Node>>;
  items?: Node;
};

/**
 * Numbers and truth values that a client sent as text, made what the schema wants: Neutron takes them either way, and
 * its clients send them either way. Everything else stays as it is, for the schema to judge.
 */
export function lenient(schema: TSchema, value: unknown): unknown {
  return convert(schema as Node, value);
}

function convert(node: Node, value: unknown): unknown {
  if (typeof value === 'string') return fromText(node, value);
  if (Array.isArray(value)) {
    const items = formsOf(node).find((one) => one.items !== undefined)?.items;
    return items === undefined ? value : value.map((item) => convert(items, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const properties = formsOf(node).find((one) => one.properties !== undefined)?.properties;
  if (properties === undefined) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return [name, property === undefined ? inner : convert(property, inner)];
    }),
  );
}

/** All forms a value may have, those of unions within unions as well. */
const formsOf = (node: Node): readonly Node[] => [node, ...(node.anyOf ?? []).flatMap(formsOf)];

function fromText(node: Node, text: string): unknown {
  const forms = formsOf(node);
  const takes = (type: string) => forms.some((one) => one.type === type);
  const choices = forms.flatMap((one) => one.enum ?? []);
  if (takes('string') || choices.includes(text)) return text;
  const isNumber = /^-?\d{1,15}$/.test(text);
  if (isNumber && (takes('integer') || choices.some((choice) => typeof choice === 'number'))) return Number(text);
  return takes('boolean') ? (booleanOf(text) ?? text) : text;
}
