import { type TSchema, Type } from 'typebox';
import type { Route } from '#http/contract';
import { patchSchema } from '#http/patch';
import { createSchema, fieldsArgument, listQuery, listSchema, resourceSchema } from '../schema/table-schema.ts';
import type { RecordDoor } from './door.ts';

/** The routes of a kind of record: list, detail, create, show, change, delete. Pure data. */
export function recordRoutes(door: RecordDoor): Route[] {
  const { noun, a, many, path, param, table, kind, since } = door;
  const one = `${path}/:${param}`;
  const params = Type.Object({ [param]: Type.String({ description: kind.named ? 'UUID or name.' : 'UUID.' }) });
  const listRule = typeof door.listRules === 'string' ? `${door.listRules}:list` : door.listRules.rule;
  const shared = { since, guard: 'handler' as const };
  const writes = { ...shared, ...(door.below === undefined ? {} : { below: door.below }) };
  const shown: TSchema = resourceSchema(table);
  const routes: Route[] = [
    {
      ...shared,
      id: `${noun}.list`,
      method: 'GET',
      path,
      policy: listRule,
      summary: `List ${many}`,
      query: listQuery(table),
      success: 200,
      response: listSchema(table),
    },
    {
      ...writes,
      id: `${noun}.create`,
      method: 'POST',
      path,
      policy: kind.rules.create,
      summary: `Make ${a}`,
      body: createSchema(table, door.required),
      success: 201,
      response: shown,
    },
    {
      ...shared,
      id: `${noun}.show`,
      method: 'GET',
      path: one,
      policy: kind.rules.get,
      summary: `Show ${a}`,
      params,
      query: Type.Object({ fields: fieldsArgument }, { additionalProperties: false }),
      success: 200,
      response: shown,
    },
    {
      ...writes,
      ...(door.patchSince === undefined ? {} : { since: door.patchSince }),
      id: `${noun}.update`,
      method: 'PATCH',
      path: one,
      policy: kind.rules.update,
      summary: `Change fields of ${a} by JSON patch`,
      params,
      body: patchSchema,
      success: 200,
      response: shown,
    },
    {
      ...writes,
      id: `${noun}.delete`,
      method: 'DELETE',
      path: one,
      policy: kind.rules.delete,
      summary: `Delete ${a}`,
      params,
      success: 204,
    },
  ];
  if (door.detail) {
    routes.push({
      ...shared,
      id: `${noun}.list-detail`,
      method: 'GET',
      path: `${path}/detail`,
      policy: listRule,
      summary: `List ${many} with all their fields`,
      query: listQuery(table, true),
      success: 200,
      response: listSchema(table),
    });
  }
  return routes;
}
