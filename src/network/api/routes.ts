import { type TSchema, Type } from 'typebox';
import type { Route } from '#http/contract';
import { lenient } from '../model/lenient.ts';
import { PAGING, TAG_FILTERS } from '../model/listing.ts';
import { type Field, pathOf, type Resource } from '../model/resource.ts';
import { machineRoutes } from './machine-routes.ts';
import { otherRoutes } from './other-routes.ts';
import { resources } from './resources/index.ts';
import { serviceRoutes } from './service-routes.ts';

// The routes of resources, made of their descriptions.

const Word = Type.String({ maxLength: 255 });
const many = () => Type.Optional(Type.Array(Type.String({ maxLength: 1024 }), { 'x-repeated': true, maxItems: 1000 }));
const Tag = Type.String({ minLength: 1, maxLength: 255 });
const Tags = Type.Object(
  { tags: Type.Array(Tag, { maxItems: 128, uniqueItems: true }) },
  { additionalProperties: false },
);
const Fields = Type.Object({ fields: many() }, { additionalProperties: false });

type Making = 'create' | 'update';
const mayBeSent = ({ input, create, update }: Field, making: Making) =>
  input !== undefined && (making === 'create' ? create !== 'never' : update !== false);

/** The schema of what clients send for one. */
export function inputSchema({ fields }: Resource, making: Making): TSchema {
  const properties: Record<string, TSchema> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (!mayBeSent(field, making)) continue;
    const input = field.input as TSchema;
    properties[name] = making === 'create' && field.create === 'must' ? input : Type.Optional(input);
  }
  return Type.Object(properties, { additionalProperties: false });
}

function listQuery({ fields, tags }: Resource): TSchema {
  const properties: Record<string, TSchema> = {};
  for (const [name, { filter }] of Object.entries(fields)) if (filter !== undefined) properties[name] = many();
  if (tags === true) for (const name of TAG_FILTERS) properties[name] = many();
  for (const name of PAGING) properties[name] = many();
  properties['limit'] = Type.Optional(Type.Integer({ minimum: 0 }));
  properties['marker'] = Type.Optional(Word);
  properties['page_reverse'] = Type.Optional(Type.Boolean());
  if (fields['updated_at'] !== undefined) properties['changed_since'] = Type.Optional(Word);
  return Type.Object(properties, { additionalProperties: false });
}

/** All routes of a resource. */
export function routesOf(resource: Resource): Route[] {
  const { name, collection, title, rules, parent, tags, actions = {} } = resource;
  const path = pathOf(resource);
  const above = [...path.matchAll(/:(\w+)/g)].map(([, param]) => param as string);
  const params = (...more: string[]) => {
    const names = [...above, ...more];
    return names.length === 0 ? {} : { params: Type.Object(Object.fromEntries(names.map((one) => [one, Word]))) };
  };
  const guarded = { since: 0, guard: 'handler' } as const;
  const one = `${path}/:id`;
  const found: Route[] = [
    {
      ...guarded,
      id: `${name}.list`,
      method: 'GET',
      path,
      ...params(),
      query: listQuery(resource),
      policy: `get_${name}`,
      summary: `List ${title}s`,
      success: 200,
    },
    {
      ...guarded,
      id: `${name}.get`,
      method: 'GET',
      path: one,
      ...params('id'),
      query: Fields,
      policy: `get_${name}`,
      summary: `Show a ${title}`,
      success: 200,
    },
  ];
  if (rules.create !== undefined) {
    const input = inputSchema(resource, 'create');
    const body = Type.Object(
      {
        [name]: Type.Optional(input),
        ...(parent === undefined
          ? { [collection]: Type.Optional(Type.Array(input, { minItems: 1, maxItems: 1000 })) }
          : {}),
      },
      { additionalProperties: false },
    );
    found.push({
      ...guarded,
      id: `${name}.create`,
      method: 'POST',
      path,
      ...params(),
      policy: `create_${name}`,
      summary: `Make a ${title}, or several`,
      body,
      bodyLimit: 4 * 1024 * 1024,
      success: 201,
    });
  }
  if (rules.update !== undefined) {
    const body = Type.Object({ [name]: inputSchema(resource, 'update') }, { additionalProperties: false });
    found.push({
      ...guarded,
      id: `${name}.update`,
      method: 'PUT',
      path: one,
      ...params('id'),
      policy: `update_${name}`,
      summary: `Change a ${title}`,
      body,
      success: 200,
    });
  }
  if (rules.delete !== undefined) {
    found.push({
      ...guarded,
      id: `${name}.delete`,
      method: 'DELETE',
      path: one,
      ...params('id'),
      policy: `delete_${name}`,
      summary: `Delete a ${title}`,
      success: 204,
    });
  }
  for (const [action, { method, path: under = action, summary, input, rule = action, success = 200 }] of Object.entries(
    actions,
  )) {
    const more = [...under.matchAll(/:(\w+)/g)].map(([, param]) => param as string);
    found.push({
      ...guarded,
      id: `${name}.${action}`,
      method,
      path: `${one}/${under}`,
      ...params('id', ...more),
      ...(input === undefined ? {} : { body: input }),
      policy: rule,
      summary,
      success,
    });
  }
  if (tags === true) {
    const get = { policy: `get_${collection}_tags` };
    const set = { policy: `update_${collection}_tags` };
    const drop = { policy: `delete_${collection}_tags` };
    const tagged = Type.Object({ ...Object.fromEntries([...above, 'id'].map((name_) => [name_, Word])), tag: Tag });
    found.push(
      {
        ...guarded,
        ...get,
        id: `${name}.tags`,
        method: 'GET',
        path: `${one}/tags`,
        ...params('id'),
        summary: `Tags of a ${title}`,
        success: 200,
      },
      {
        ...guarded,
        ...set,
        id: `${name}.tags_replace`,
        method: 'PUT',
        path: `${one}/tags`,
        ...params('id'),
        body: Tags,
        summary: `Give a ${title} other tags`,
        success: 200,
      },
      {
        ...guarded,
        ...drop,
        id: `${name}.tags_clear`,
        method: 'DELETE',
        path: `${one}/tags`,
        ...params('id'),
        summary: `Remove all tags of a ${title}`,
        success: 204,
      },
      {
        ...guarded,
        ...get,
        id: `${name}.tag`,
        method: 'GET',
        path: `${one}/tags/:tag`,
        params: tagged,
        summary: `Has a ${title} a tag?`,
        success: 204,
      },
      {
        ...guarded,
        ...set,
        id: `${name}.tag_add`,
        method: 'PUT',
        path: `${one}/tags/:tag`,
        params: tagged,
        summary: `Add a tag to a ${title}`,
        success: 201,
      },
      {
        ...guarded,
        ...drop,
        id: `${name}.tag_remove`,
        method: 'DELETE',
        path: `${one}/tags/:tag`,
        params: tagged,
        summary: `Remove a tag of a ${title}`,
        success: 204,
      },
    );
  }
  return found;
}

/** Clients of Neutron send numbers and truth values as text, too. */
const forgiving = (route: Route): Route => (route.body === undefined ? route : { ...route, lenient });

/** The Network API as data. */
export const networkTable = {
  name: 'network',
  title: 'Network',
  prefix: '/network',
  routes: [...otherRoutes, ...serviceRoutes, ...machineRoutes, ...resources.flatMap(routesOf)].map(forgiving),
};
