import type { Handler, HandlerInput, Reply, RequestContext } from '#http/contract';
import { createRecord, deleteRecord, updateRecord } from '../../app/records/change.ts';
import { findRecord } from '../../app/records/find.ts';
import { listRecords } from '../../app/records/list.ts';
import { findNode } from '../../app/find-node.ts';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import type { Conditions } from '../../store/listing.ts';
import { accessOf } from '../access.ts';
import { readFields, readListQuery } from '../input/list-query.ts';
import { applyTo, checkPatch, type Patch, patchableFields, touchedFields } from '../input/patch.ts';
import { readField } from '../input/value.ts';
import { collectionReply, nextOf } from '../serializer/collection.ts';
import { type FieldSpec, sinceOf } from '../versions/resource.ts';
import type { RecordDoor } from './door.ts';
import { recordPlan, recordWriter } from './shown.ts';

/** Lists a kind of record as a page; `path` is the URL's, `also` narrows it to a sub-list. */
export async function recordPage(
  deps: BaremetalDeps,
  door: RecordDoor,
  context: RequestContext,
  query: HandlerInput['query'],
  path: string,
  whole: boolean,
  also?: (conditions: Conditions) => void,
): Promise<Reply> {
  const { version } = context;
  const access = accessOf(context);
  const { filters, page, fields } = readListQuery(door.table, query, version, deps.config.api.maxLimit, whole);
  await door.readFilters?.(deps, access, filters, version);
  const node = filters['node'];
  if (typeof node === 'string') filters['node'] = (await findNode(deps, access, node, version, [])).uuid;
  const plan = recordPlan(door.table, version, fields);
  const rows = await listRecords(deps, access, {
    kind: door.kind,
    listRules: door.listRules,
    filters,
    page,
    select: plan.select,
    by: door.filters,
    ...(also === undefined ? {} : { also }),
  });
  const last = rows.at(-1)?.[plan.at('uuid')];
  const next = nextOf(context, path, query, { limit: page.limit, items: rows.length, last });
  return collectionReply(door.table.name, rows, recordWriter(context, door, plan), next);
}

/** Handlers of a kind of record, by route id. */
export function recordHandlers(deps: BaremetalDeps, door: RecordDoor): Record<string, Handler> {
  const { noun, table, kind, param } = door;
  const { path } = door;
  const handlers: Record<string, Handler> = {
    [`${noun}.list`]: (context, { query }) => recordPage(deps, door, context, query, path, false),

    [`${noun}.show`]: async (context, { params, query }) => {
      const plan = recordPlan(table, context.version, readFields(table, query, context.version));
      const ident = params[param] as string;
      const { row } = await findRecord(deps, accessOf(context), kind, ident, plan.select, plan.width, kind.rules.get);
      return { json: recordWriter(context, door, plan)(row) };
    },

    [`${noun}.create`]: async (context, { body }) => {
      const values = readNew(door, body as Record<string, unknown>, context.version);
      const plan = recordPlan(table, context.version, null);
      const row = await createRecord(deps, accessOf(context), kind, context.version, values, plan.select);
      const json = recordWriter(context, door, plan)(row);
      return { json, headers: { Location: `${context.baseUrl}${path}/${row[plan.at('uuid')]}` } };
    },

    [`${noun}.update`]: async (context, { params, body }) => {
      const { version } = context;
      const patch = body as Patch;
      checkPatch(table, patchableFields(table), patch, version);
      const plan = recordPlan(table, version, null);
      const row = await updateRecord(
        deps,
        accessOf(context),
        kind,
        {
          ident: params[param] as string,
          version,
          fields: touchedFields(patch),
          apply(current) {
            const patched = Object.entries(applyTo(current, patch));
            const values = Object.fromEntries(patched.map(([name, value]) => [name, readPatched(door, name, value)]));
            door.readEdit?.(values, version);
            return values;
          },
        },
        plan.select,
      );
      return { json: recordWriter(context, door, plan)(row) };
    },

    [`${noun}.delete`]: async (context, { params }) => {
      await deleteRecord(deps, accessOf(context), kind, context.version, params[param] as string);
      return {};
    },
  };
  if (door.detail) {
    handlers[`${noun}.list-detail`] = (context, { query }) =>
      recordPage(deps, door, context, query, `${path}/detail`, true);
  }
  return handlers;
}

/** Reads the body of a POST. Fields of later versions may only be absent or null (406). */
export function readNew(
  door: RecordDoor,
  body: Readonly<Record<string, unknown>>,
  version: number,
): Record<string, unknown> {
  const fields: Readonly<Record<string, FieldSpec>> = door.table.fields;
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const spec = fields[name];
    if (spec === undefined) {
      values[name] = value;
      continue;
    }
    if (sinceOf(spec) > version && value !== null) throw errors.NotAcceptable();
    if (value !== null) values[name] = readField(door.noun, name, spec, value);
  }
  door.readNew?.(values, version);
  for (const name of door.required) {
    if (values[name] === undefined) {
      throw errors.InvalidParameterValue(`Schema error for ${door.noun}: '${name}' is a required property`);
    }
  }
  return values;
}

function readPatched(door: RecordDoor, name: string, value: unknown): unknown {
  const spec = (door.table.fields as Readonly<Record<string, FieldSpec>>)[name] as FieldSpec;
  const read = readField('patch', name, spec, value);
  if (read === null && door.required.includes(name)) {
    throw errors.InvalidParameterValue(`Schema error for patch: '${name}' is a required property`);
  }
  return read === null && spec.empty === '{}' ? {} : read;
}
