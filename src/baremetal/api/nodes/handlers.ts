import type { HandlerInput, Handlers, Reply, RequestContext } from '#http/contract';
import { createNode } from '../../app/create-node.ts';
import { deleteNode } from '../../app/delete-node.ts';
import { authorise, readNode } from '../../app/find-node.ts';
import { listNodes } from '../../app/list-nodes.ts';
import { updateNode } from '../../app/update-node.ts';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import type { TextRow } from '../../store/text-rows.ts';
import { accessOf } from '../access.ts';
import { readFields, readListQuery } from '../input/list-query.ts';
import { readField } from '../input/value.ts';
import { collectionReply, nextOf } from '../serializer/collection.ts';
import type { Plan } from '../serializer/plan.ts';
import { NODE_RULES, NODES } from '../versions/nodes.ts';
import { type FieldSpec, sinceOf } from '../versions/resource.ts';
import { readNodeEdit } from './edit.ts';
import type { nodeRoutes } from './routes.ts';
import { nodePlan, nodeWriter } from './shown.ts';

/** The handlers of a node's own doors: list, show, enrol, change, forget. */
export function nodeHandlers(deps: BaremetalDeps): Handlers<typeof nodeRoutes> {
  const one = (context: RequestContext, plan: Plan, row: TextRow): Reply => ({
    json: nodeWriter(context, deps.catalogue, plan)(row),
    headers: { ETag: `"${row[plan.at('revision')] ?? ''}"` },
  });

  const list = async (context: RequestContext, input: HandlerInput, path: string, whole: boolean): Promise<Reply> => {
    const { version } = context;
    const { filters, page, fields } = readListQuery(NODES, input.query, version, deps.config.api.maxLimit, whole);
    const plan = nodePlan({ version, fields });
    const rows = await listNodes(deps, accessOf(context), filters, page, plan.select);
    // With an instance there is one node at most, so never a next page.
    const limit = filters['instance_uuid'] === undefined ? page.limit : 0;
    const last = rows.at(-1)?.[plan.at('uuid')];
    const next = nextOf(context, path, input.query, { limit, items: rows.length, last });
    return collectionReply('nodes', rows, nodeWriter(context, deps.catalogue, plan), next);
  };

  return {
    'node.list': (context, input) => list(context, input, '/v1/nodes', false),
    'node.list-detail': (context, input) => list(context, input, '/v1/nodes/detail', true),

    'node.show': async (context, { params, query }) => {
      const { version } = context;
      const ident = params['node_ident'] as string;
      const plan = nodePlan({ version, fields: readFields(NODES, query, version) });
      const row = await readNode(deps, ident, version, plan.select);
      if (row === undefined) throw errors.NodeNotFound(ident);
      const target = { owner: row[plan.at('owner')] ?? null, lessee: row[plan.at('lessee')] ?? null };
      authorise(accessOf(context), ident, target, ['baremetal:node:get']);
      return one(context, plan, row);
    },

    'node.create': async (context, { body }) => {
      const { version } = context;
      const plan = nodePlan({ version, fields: null });
      const values = readNewNode(body as Record<string, unknown>, version);
      const state = version < NODE_RULES.enroll ? 'available' : 'enroll';
      const row = await createNode(deps, accessOf(context), version, state, values, plan.select);
      const reply = one(context, plan, row);
      return {
        ...reply,
        headers: { ...reply.headers, Location: `${context.baseUrl}/v1/nodes/${row[plan.at('uuid')]}` },
      };
    },

    'node.update': async (context, { params, query, body, headers }) => {
      const { version } = context;
      const ifRevision = revisionOf(headers['if-match']);
      const reset = query['reset_interfaces'] as boolean | undefined;
      const edit = readNodeEdit(params['node_ident'] as string, version, body, reset, ifRevision);
      const plan = nodePlan({ version, fields: null });
      return one(context, plan, await updateNode(deps, accessOf(context), edit, plan.select));
    },

    'node.delete': async (context, { params }) => {
      await deleteNode(deps, accessOf(context), params['node_ident'] as string, context.version);
      return {};
    },
  };
}

/** Reads the body of a POST. Fields of later versions may only be absent or empty (406). */
function readNewNode(body: Readonly<Record<string, unknown>>, version: number): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const fields: Readonly<Record<string, FieldSpec>> = NODES.fields;
  for (const [name, value] of Object.entries(body)) {
    const spec = fields[name] as FieldSpec;
    const empty = value === null || (name === 'conductor_group' && value === '');
    if (sinceOf(spec) > version && !empty) throw errors.NotAcceptable();
    values[name] = readField('node', name, name === 'parent_node' ? { ...spec, kind: 'text' } : spec, value);
  }
  return values;
}

/** The revision in `If-Match: "7"`; null when there is none, or `*`. */
function revisionOf(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string' || header.trim() === '*') return null;
  return /^\s*"(\d{1,18})"\s*$/.exec(header)?.[1] ?? 'none';
}
