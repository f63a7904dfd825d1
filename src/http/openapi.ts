import type { TSchema } from 'typebox';
import type { DoorTable, Route } from './contract.ts';
import { IRONIC_VERSION_HEADERS } from './version.ts';

type Json = Record<string, unknown>;

/**
 * The OpenAPI 3.1 document of a door, made of its route table alone. The same table always gives the same
 * document. Schemas with a `title` become components; two different schemas of one title are an Error.
 */
export function openapiOf(door: DoorTable): Json {
  const schemas = new SchemaShelf();
  const paths: Record<string, Json> = {};
  const routes = [...door.routes].sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
  for (const route of routes) {
    const path = `${door.prefix}${route.path}`.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{rest}');
    const item = (paths[path] ??= {});
    item[route.method.toLowerCase()] = operationOf(route, door, schemas);
  }
  const tags = [...new Set(routes.map((route) => tagOf(route.id)))].sort();
  const components: Json = {
    schemas: schemas.sorted(),
    responses: {
      Error: { description: 'What went wrong', content: { 'application/json': { schema: {} } } },
    },
    securitySchemes: {
      token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
      basic: { type: 'http', scheme: 'basic' },
    },
  };
  if (door.versions !== undefined) components['parameters'] = { Version: versionParameter(door.versions) };
  return {
    openapi: '3.1.0',
    info: {
      title: door.title ?? door.name,
      version: door.versions === undefined ? '1' : `${door.versions.major ?? 1}.${door.versions.max}`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: tags.map((name) => ({ name })),
    paths,
    components,
  };
}

function operationOf(route: Route, door: DoorTable, schemas: SchemaShelf): Json {
  const parameters: Json[] = [];
  const params = propertiesOf(route.params);
  for (const [, name] of route.path.matchAll(/:(\w+)/g)) {
    const schema = params[name as string];
    parameters.push({ name, in: 'path', required: true, schema: schema ? schemas.place(schema) : { type: 'string' } });
  }
  if (route.path.endsWith('*'))
    parameters.push({ name: 'rest', in: 'path', required: true, schema: { type: 'string' } });
  const required = new Set((route.query as { required?: string[] } | undefined)?.required ?? []);
  for (const [name, schema] of Object.entries(propertiesOf(route.query))) {
    const parameter: Json = { name, in: 'query', schema: schemas.place(schema) };
    if (required.has(name)) parameter['required'] = true;
    if ((schema as { type?: string }).type === 'array') {
      const explode = (schema as { 'x-repeated'?: boolean })['x-repeated'] === true;
      Object.assign(parameter, { style: 'form', explode });
    }
    const { description } = schema as { description?: string };
    if (description !== undefined) parameter['description'] = description;
    parameters.push(parameter);
  }
  if (door.versions !== undefined) parameters.push({ $ref: '#/components/parameters/Version' });

  const success: Json = { description: 'Success' };
  if (route.response !== undefined) {
    success['content'] = { [route.produces ?? 'application/json']: { schema: schemas.place(route.response) } };
  } else if (route.produces !== undefined) success['content'] = { [route.produces]: {} };

  const operation: Json = { operationId: route.id, tags: [tagOf(route.id)], summary: route.summary };
  if (route.description !== undefined) operation['description'] = route.description;
  if (parameters.length > 0) operation['parameters'] = parameters;
  if (route.body !== undefined) {
    const type = route.bodyKind === 'stream' ? 'application/octet-stream' : 'application/json';
    operation['requestBody'] = {
      required: route.bodyOptional !== true,
      content: { [type]: { schema: schemas.place(route.body) } },
    };
  }
  operation['responses'] = { [String(route.success)]: success, default: { $ref: '#/components/responses/Error' } };
  operation['security'] = route.policy === null ? [] : [{ token: [] }, { basic: [] }];
  if (route.policy !== null) operation['x-policy'] = route.policy;
  if (route.since > 1) operation['x-since'] = `${door.versions?.major ?? 1}.${route.since}`;
  return operation;
}

function versionParameter({
  headers = IRONIC_VERSION_HEADERS,
  major = 1,
  min,
  max,
  fallback,
}: NonNullable<DoorTable['versions']>): Json {
  const own = headers.own === undefined;
  return {
    name: headers.own ?? 'OpenStack-API-Version',
    in: 'header',
    description: `The microversion to speak: ${major}.${min} to ${major}.${max}, or latest. Default ${major}.${fallback}.`,
    schema: { type: 'string', pattern: own ? `^${headers.service} (\\d+\\.\\d+|latest)$` : '^(\\d+\\.\\d+|latest)$' },
  };
}

/** Keeps the schemas that have a title, once each, and puts references in their places. */
class SchemaShelf {
  readonly #schemas = new Map<string, { text: string; schema: unknown }>();

  place(schema: TSchema): unknown {
    return this.#walk(schema);
  }

  sorted(): Json {
    return Object.fromEntries(
      [...this.#schemas].sort(([a], [b]) => compare(a, b)).map(([title, { schema }]) => [title, schema]),
    );
  }

  /** A plain copy: TypeBox marks its schemas with symbols and hidden properties. */
  #walk(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (typeof value !== 'object' || value === null) return value;
    const copy: Json = {};
    for (const [key, item] of Object.entries(value)) copy[key] = this.#walk(item);
    const { title } = copy;
    if (typeof title !== 'string' || !/^[A-Z]\w*$/.test(title)) return copy;
    const text = JSON.stringify(copy);
    const known = this.#schemas.get(title);
    if (known !== undefined && known.text !== text) throw new Error(`two different schemas are called ${title}`);
    this.#schemas.set(title, { text, schema: copy });
    return { $ref: `#/components/schemas/${title}` };
  }
}

function propertiesOf(schema: TSchema | undefined): Record<string, TSchema> {
  return (schema as { properties?: Record<string, TSchema> } | undefined)?.properties ?? {};
}

/** `node.states.power` → `node`. */
function tagOf(id: string): string {
  return id.split('.', 1)[0] as string;
}

/** By code units: the same on every machine, whatever its locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
