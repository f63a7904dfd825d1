import type { DoorTable, Route } from '#http/contract';
import { key, typeOf } from './schema-type.ts';

/** The types of a door, each once. */
class TypeShelf {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #texts: string[] = [];

  /** The name of the schema's type; objects get `wanted` unless an equal one has a name. */
  place(schema: unknown, wanted: string): string {
    const text = typeOf(schema, (known) => this.#names.get(known));
    if (!text.startsWith('{') || !text.endsWith('}')) return text;
    let name = wanted;
    for (let i = 2; this.#taken.has(name); i++) name = `${wanted}${i}`;
    this.#taken.add(name);
    this.#names.set(text, name);
    const members = text.slice(2, -2);
    this.#texts.push(`export interface ${name} {\n  ${splitMembers(members).join('\n  ')}\n}`);
    return name;
  }

  render(): string {
    return this.#texts.join('\n\n');
  }
}

/** One member a line; the semicolons inside braces stay. */
function splitMembers(text: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"' && text[i - 1] !== '\\') quoted = !quoted;
    if (quoted) continue;
    if (char === '{' || char === '[' || char === '(' || char === '<') depth++;
    if (char === '}' || char === ']' || char === ')' || char === '>') depth--;
    if (char !== ';' || depth !== 0) continue;
    members.push(text.slice(start, i + 1).trim());
    start = i + 1;
  }
  return members;
}

/** `node.boot-device.show` → `nodeBootDeviceShow`. */
export function operationName(id: string): string {
  return id.replace(/[^A-Za-z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function typeName(id: string): string {
  const name = operationName(id);
  return `${(name[0] ?? '').toUpperCase()}${name.slice(1)}`;
}

/** The SDK's file of a door: types of everything that goes over the wire, and one operation a route. */
export function sdkFile(table: DoorTable, exported: string): string {
  const shelf = new TypeShelf();
  const routes = table.routes.filter(({ method }) => method !== 'HEAD');
  // First the resources themselves, so that lists and replies to creations refer to them by name.
  for (const route of routes) {
    const [, resource] = /^([\w-]+)\.show$/.exec(route.id) ?? [];
    if (resource !== undefined && route.response !== undefined) shelf.place(route.response, typeName(resource));
  }
  const operations = routes.map((route) => operationText(route, table, shelf));
  return [
    `// Generated from the route table of ${table.name} by \`npm run generate\`; a check compares. Do not edit.`,
    `import type { Operation } from '../operation.ts';`,
    '',
    shelf.render(),
    '',
    `/** Every operation of the service, by name. */`,
    `export const ${exported} = {`,
    ...operations,
    '};',
    '',
  ].join('\n');
}

function operationText(route: Route, table: DoorTable, shelf: TypeShelf): string {
  const title = typeName(route.id);
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => `${key(name as string)}: string`);
  const params = names.length === 0 ? 'undefined' : `{ ${names.join('; ')} }`;
  const hasQuery = Object.keys((route.query as { properties?: object } | undefined)?.properties ?? {}).length > 0;
  const query = hasQuery ? shelf.place(route.query, `${title}Query`) : 'undefined';
  const body = route.body === undefined ? 'undefined' : shelf.place(route.body, `${title}Body`);
  const response = route.response === undefined ? 'unknown' : shelf.place(route.response, `${title}Response`);
  const since = route.since > 1 ? `, since: ${route.since}` : '';
  const properties = Object.values(
    (route.query as { properties?: Record<string, object> } | undefined)?.properties ?? {},
  );
  const repeats = properties.some((one) => 'x-repeated' in one) ? ', repeats: true' : '';
  const facts = `id: '${route.id}', method: '${route.method}', path: '${table.prefix}${route.path}'${since}${repeats}`;
  return [
    `  /** ${route.summary.replaceAll('*/', '*\\/')} */`,
    `  ${operationName(route.id)}: { ${facts} } as Operation<${params}, ${query}, ${body}, ${response}>,`,
  ].join('\n');
}
