import type { Door, Handlers, RequestContext } from '#http/contract';
import { accessOf } from '../api/access.ts';
import { findNode } from '../app/find-node.ts';
import { continueInspection } from '../app/ramdisk/continue-inspection.ts';
import { errors } from '../errors.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { REAPPLY_ERROR } from '../store/inspection.ts';
import { inspectorData } from '../model/inspector-rules/data.ts';
import { makeLookups } from '../store/lookups.ts';
import { nodeInventory } from '../store/node-details.ts';
import { type TextRow, textRows } from '../store/text-rows.ts';

import { introspectionRoutes, introspectionTable } from './routes.ts';
import { ruleHandlers } from './rules.ts';

/** The newest version of the node API: names are known, verbs are all there. */
const NODE_VERSION = 115;
const MAX_PAGE = 1000;

const COLUMNS = `uuid, provision_state, last_error, inspection_started_at, inspection_finished_at,
  operation = 'reapply', driver_internal_info->>'${REAPPLY_ERROR}'`;

/** inspector's word for where a node's inspection stands. */
function stateOf(provisionState: string, reapplying: boolean, reapplyError: string | null): string {
  if (reapplying) return 'reapplying';
  if (reapplyError !== null && !provisionState.startsWith('inspect')) return 'error';
  if (provisionState === 'inspecting') return 'processing';
  if (provisionState === 'inspect wait') return 'waiting';
  return provisionState === 'inspect failed' ? 'error' : 'finished';
}

const time = (text: string | null | undefined) => (text == null ? null : `${text.slice(0, 10)}T${text.slice(11, 19)}`);

function statusOf(row: TextRow, baseUrl: string) {
  const [uuid, provisionState, lastError, started, finished, reapplying, reapplyError = null] = row;
  const state = stateOf(provisionState as string, reapplying === 't', reapplyError);
  const over = state === 'finished' || state === 'error';
  return {
    uuid,
    state,
    finished: over,
    error: state === 'error' ? (reapplyError ?? lastError ?? 'Inspection failed') : null,
    started_at: time(started),
    finished_at: over ? time(finished) : null,
    links: [{ href: `${baseUrl}${introspectionTable.prefix}/v1/introspection/${uuid}`, rel: 'self' }],
  };
}

function handlers(deps: BaremetalDeps): Handlers<typeof introspectionRoutes> {
  const lookups = makeLookups(deps.store);
  const must = (context: RequestContext, rule: string) => {
    if (!context.allows(rule)) throw errors.Forbidden(rule);
  };
  const nodeOf = async (context: RequestContext, ident: string | undefined, rule: string) => {
    must(context, rule);
    return await findNode(deps, accessOf(context), ident ?? '', NODE_VERSION, []);
  };
  const ask = async (context: RequestContext, ident: string | undefined, rule: string, target: 'inspect' | 'abort') => {
    const node = await nodeOf(context, ident, rule);
    await deps.verbs.setProvisionState(deps, accessOf(context).actor, node.uuid, { target });
    return {};
  };
  const data = async (context: RequestContext, ident: string | undefined, show: typeof inspectorData) => {
    const node = await nodeOf(context, ident, 'introspection:data');
    const found = await nodeInventory(deps.store, node.uuid);
    if (found === undefined) throw errors.NotFound();
    const pluginData = JSON.parse(found.plugin_data) as Record<string, unknown>;
    return { body: show(JSON.parse(found.inventory) as Record<string, unknown>, pluginData) };
  };
  return {
    'introspection.root': ({ baseUrl }) => ({
      body: {
        versions: [{ id: '1.18', status: 'CURRENT', links: [{ href: `${baseUrl}/introspection/v1`, rel: 'self' }] }],
      },
    }),
    'introspection.v1': ({ baseUrl }) => ({
      body: {
        resources: ['introspection', 'continue', 'rules'].map((name) => ({
          name,
          links: [{ href: `${baseUrl}/introspection/v1/${name}`, rel: 'self' }],
        })),
      },
    }),
    'introspection.list': async (context, { query }) => {
      must(context, 'introspection:status');
      const { limit = MAX_PAGE, marker, state } = query as { limit?: number; marker?: string; state?: string };
      if (limit <= 0) throw errors.Invalid('Limit must be positive');
      const rows = await textRows(deps.store, {
        name: 'bm_introspection',
        text: `select ${COLUMNS} from nodes n where inspection_started_at is not null
               and ($1::text is null or n.seq > (select seq from nodes where uuid::text = $1)) order by n.seq limit $2`,
        values: [marker ?? null, Math.min(limit, MAX_PAGE)],
      });
      const all = rows.map((row) => statusOf(row, context.baseUrl));
      const asked = state?.split(',');
      return { body: { introspection: asked === undefined ? all : all.filter((one) => asked.includes(one.state)) } };
    },
    'introspection.start': (context, { params }) => ask(context, params['node'], 'introspection:start', 'inspect'),
    'introspection.abort': (context, { params }) => ask(context, params['node'], 'introspection:abort', 'abort'),
    'introspection.show': async (context, { params }) => {
      const node = await nodeOf(context, params['node'], 'introspection:status');
      const [row] = await textRows(deps.store, {
        name: 'bm_introspection_one',
        text: `select ${COLUMNS} from nodes where uuid = $1 and inspection_started_at is not null`,
        values: [node.uuid],
      });
      if (row === undefined) throw errors.NotFound();
      return { body: statusOf(row, context.baseUrl) };
    },
    'introspection.data': async (context, { params }) => await data(context, params['node'], inspectorData),
    // Nothing else is kept of a report than what can be applied again.
    'introspection.unprocessed': async (context, { params }) =>
      await data(context, params['node'], (inventory, pluginData) => ({ ...pluginData, inventory })),
    'introspection.reapply': async (context, { params, body }) => {
      const node = await nodeOf(context, params['node'], 'introspection:reapply');
      const given = body as Record<string, unknown> | undefined;
      await deps.verbs.reapplyInspection(deps, accessOf(context).actor, node.uuid, given);
      return {};
    },
    ...ruleHandlers(deps),
    'introspection.continue': async (_context, { body }) => ({
      body: { uuid: await continueInspection(deps, lookups, body as Record<string, unknown>, undefined) },
    }),
  };
}

const CONTINUE = 'introspection.continue';

/**
 * ironic-inspector's version 1, ready for the server. Of it, ramdisks call one route: `ramdisksApart` leaves that
 * out, and `createContinueDoor` is that route alone.
 */
export function createIntrospectionDoor(deps: BaremetalDeps, ramdisksApart = false): Door {
  return doorOf(deps, (id) => !ramdisksApart || id !== CONTINUE);
}

export function createContinueDoor(deps: BaremetalDeps): Door {
  return doorOf(deps, (id) => id === CONTINUE);
}

function doorOf(deps: BaremetalDeps, has: (id: string) => boolean): Door {
  return {
    ...introspectionTable,
    routes: introspectionRoutes.filter(({ id }) => has(id)),
    handlers: Object.fromEntries(Object.entries(handlers(deps)).filter(([id]) => has(id))),
    errorBody: ({ message }) => ({ error: { message } }),
  };
}
