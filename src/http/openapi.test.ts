import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { DoorTable } from './contract.ts';
import { openapiOf } from './openapi.ts';
import { operationsRoutes } from './operations-routes.ts';

const Node = Type.Object({ uuid: Type.String({ format: 'uuid' }) }, { title: 'Node' });
const table: DoorTable = {
  name: 'sample',
  title: 'Sample',
  prefix: '/x',
  versions: { min: 1, max: 115, fallback: 1 },
  routes: [
    {
      id: 'node.get',
      method: 'GET',
      path: '/v1/nodes/:node_ident',
      since: 5,
      policy: 'node:get',
      summary: 'A node',
      success: 200,
      query: Type.Object({ fields: Type.Optional(Type.Array(Type.String())), must: Type.String() }),
      response: Node,
    },
    {
      id: 'node.create',
      method: 'POST',
      path: '/v1/nodes',
      since: 1,
      policy: null,
      summary: 'Create',
      success: 201,
      body: Type.Object({ name: Type.String() }),
      bodyOptional: true,
      response: Type.Array(Node),
    },
  ],
};

type Document = {
  paths: Record<string, Record<string, { parameters: Record<string, unknown>[] } & Record<string, unknown>>>;
  components: { schemas: Record<string, unknown> };
};

describe('openapiOf', () => {
  const document = openapiOf(table) as Document;

  it('is deterministic, whatever the order of the table', () => {
    const shuffled = openapiOf({ ...table, routes: [...table.routes].reverse() });
    expect(JSON.stringify(shuffled)).toBe(JSON.stringify(document));
  });

  it('tells of paths, parameters, bodies and replies', () => {
    const get = document.paths['/x/v1/nodes/{node_ident}']?.['get'];
    expect(get).toMatchObject({ operationId: 'node.get', 'x-since': '1.5', 'x-policy': 'node:get', tags: ['node'] });
    expect(get?.parameters).toEqual([
      { name: 'node_ident', in: 'path', required: true, schema: { type: 'string' } },
      {
        name: 'fields',
        in: 'query',
        schema: { type: 'array', items: { type: 'string' } },
        style: 'form',
        explode: false,
      },
      { name: 'must', in: 'query', schema: { type: 'string' }, required: true },
      { $ref: '#/components/parameters/Version' },
    ]);
    expect(document.paths['/x/v1/nodes']?.['post']).toMatchObject({ requestBody: { required: false }, security: [] });
  });

  it('keeps titled schemas once', () => {
    expect(document.components.schemas).toEqual({
      Node: {
        type: 'object',
        title: 'Node',
        required: ['uuid'],
        properties: { uuid: { type: 'string', format: 'uuid' } },
      },
    });
    const other = Type.Object({}, { title: 'Node' });
    const [first] = table.routes;
    const clash = {
      ...table,
      routes: [...table.routes, { ...first, id: 'b', path: '/b', response: other }],
    } as DoorTable;
    expect(() => openapiOf(clash)).toThrow('Node');
  });

  it('covers the operations door', () => {
    const own = openapiOf({ name: 'operations', prefix: '', routes: operationsRoutes }) as Document;
    expect(Object.keys(own.paths)).toContain('/events');
  });
});
