import { XMLParser } from 'fast-xml-parser';

/** An element as parsed: children by name without prefix, several of a name as a list, text as `#text`. */
export type Xml = string | { readonly [name: string]: Xml | readonly Xml[] };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  trimValues: true,
});

/** Parses a message. Throws RangeError for what is no XML, or brings definitions of its own (which may blow up). */
export function parseXml(text: string): Xml {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw new RangeError('it defines entities');
  try {
    return parser.parse(text, true) as Xml;
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error));
  }
}

/** The children of that name, none, one or several. */
export function children(node: Xml | readonly Xml[] | undefined, name: string): readonly Xml[] {
  if (node === undefined || typeof node === 'string' || Array.isArray(node)) return [];
  const found = (node as { readonly [name: string]: Xml | readonly Xml[] })[name];
  return found === undefined ? [] : Array.isArray(found) ? (found as readonly Xml[]) : [found as Xml];
}

/** The first child down a path. */
export function child(node: Xml | undefined, ...path: readonly string[]): Xml | undefined {
  let at = node;
  for (const name of path) at = children(at, name)[0];
  return at;
}

/** The text of the element down a path; undefined when there is none. */
export function textOf(node: Xml | undefined, ...path: readonly string[]): string | undefined {
  const at = child(node, ...path);
  if (at === undefined) return undefined;
  if (typeof at === 'string') return at;
  const text = at['#text'];
  return typeof text === 'string' ? text : '';
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (one) => ESCAPES[one] as string);

/** Writes an element; strings inside are text, elements come from `element` itself. */
export function element(name: string, inside: readonly Markup[] | string | number, attributes: Facts = {}): Markup {
  const facts = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const content = Array.isArray(inside) ? inside.map(({ xml }) => xml).join('') : escape(String(inside));
  return { xml: content === '' ? `<${name}${facts.join('')}/>` : `<${name}${facts.join('')}>${content}</${name}>` };
}

type Facts = Readonly<Record<string, string>>;

/** XML that was made by `element`. */
export interface Markup {
  readonly xml: string;
}
