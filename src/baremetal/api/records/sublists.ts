import { Type } from 'typebox';
import type { Handler, RequestContext, Route } from '#http/contract';
import { findNode } from '../../app/find-node.ts';
import { listNodes } from '../../app/list-nodes.ts';
import { findRecord } from '../../app/records/find.ts';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { accessOf } from '../access.ts';
import { readListQuery } from '../input/list-query.ts';
import { nodePlan, nodeWriter } from '../nodes/shown.ts';
import { listQuery, listSchema } from '../schema/table-schema.ts';
import { collectionReply, nextOf } from '../serializer/collection.ts';
import { NODES } from '../versions/nodes.ts';
import { PORTS } from '../versions/ports.ts';
import type { RecordDoor } from './door.ts';
import { chassisDoor } from './doors/chassis.ts';
import { portgroupDoor } from './doors/portgroups.ts';
import { portDoor } from './doors/ports.ts';
import { connectorDoor, targetDoor } from './doors/volumes.ts';
import { recordPage } from './handlers.ts';

/** Lists of one resource below another: a node's port groups and volumes, a chassis' nodes. */

const ofNode: readonly { id: string; path: string; door: RecordDoor; whole: boolean; since: number }[] = [
  { id: 'node.ports', path: 'ports', door: portDoor, whole: false, since: 1 },
  { id: 'node.ports-detail', path: 'ports/detail', door: portDoor, whole: true, since: 1 },
  { id: 'node.portgroups', path: 'portgroups', door: portgroupDoor, whole: false, since: 24 },
  { id: 'node.portgroups-detail', path: 'portgroups/detail', door: portgroupDoor, whole: true, since: 24 },
  { id: 'node.volume-connectors', path: 'volume/connectors', door: connectorDoor, whole: false, since: 32 },
  { id: 'node.volume-targets', path: 'volume/targets', door: targetDoor, whole: false, since: 32 },
];

const nodeParams = Type.Object({ node_ident: Type.String({ description: 'UUID or name of the node.' }) });
const chassisParams = Type.Object({ chassis_uuid: Type.String({ description: 'UUID.' }) });
const portgroupParams = Type.Object({ portgroup_ident: Type.String({ description: 'UUID or name.' }) });
const links = Type.Object({}, { additionalProperties: true });

export const sublistRoutes: readonly Route[] = [
  ...ofNode.map(
    (list): Route => ({
      id: list.id,
      method: 'GET',
      path: `/v1/nodes/:node_ident/${list.path}`,
      since: list.since,
      policy: `${list.door.listRules as string}:list`,
      guard: 'handler',
      summary: `List ${list.door.many} of a node${list.whole ? ' with all their fields' : ''}`,
      params: nodeParams,
      query: listQuery(list.door.table, list.whole),
      success: 200,
      response: listSchema(list.door.table),
    }),
  ),
  ...[false, true].map(
    (whole): Route => ({
      id: whole ? 'chassis.nodes-detail' : 'chassis.nodes',
      method: 'GET',
      path: `/v1/chassis/:chassis_uuid/nodes${whole ? '/detail' : ''}`,
      since: 1,
      policy: 'baremetal:chassis:get',
      guard: 'handler',
      summary: `List nodes of a chassis${whole ? ' with all their fields' : ''}`,
      params: chassisParams,
      query: listQuery(NODES, whole),
      success: 200,
      response: listSchema(NODES),
    }),
  ),
  ...[false, true].map(
    (whole): Route => ({
      id: whole ? 'portgroup.ports-detail' : 'portgroup.ports',
      method: 'GET',
      path: `/v1/portgroups/:portgroup_ident/ports${whole ? '/detail' : ''}`,
      since: 24,
      policy: 'baremetal:port:list',
      guard: 'handler',
      summary: `List ports of a port group${whole ? ' with all their fields' : ''}`,
      params: portgroupParams,
      query: listQuery(PORTS, whole),
      success: 200,
      response: listSchema(PORTS),
    }),
  ),
  {
    id: 'volume.root',
    method: 'GET',
    path: '/v1/volume',
    since: 32,
    policy: 'baremetal:volume:list',
    guard: 'handler',
    summary: 'Show where volumes are',
    success: 200,
    response: links,
  },
  {
    id: 'node.volume',
    method: 'GET',
    path: '/v1/nodes/:node_ident/volume',
    since: 32,
    policy: 'baremetal:volume:list',
    guard: 'handler',
    summary: 'Show where the volumes of a node are',
    params: nodeParams,
    success: 200,
    response: links,
  },
];

function volumeLinks(context: RequestContext, below: string) {
  const link = (tail: string) => [
    { href: `${context.baseUrl}/v1/${below}${tail}`, rel: 'self' },
    { href: `${context.baseUrl}/${below}${tail}`, rel: 'bookmark' },
  ];
  return { links: link('/'), connectors: link('/connectors'), targets: link('/targets') };
}

/** Refuses who may not list volumes, not even its own. */
function mustSeeVolumes(context: RequestContext): void {
  if (!context.allows('baremetal:volume:list_all') && !context.allows('baremetal:volume:list'))
    throw errors.Forbidden('baremetal:volume:list');
}

export function sublistHandlers(deps: BaremetalDeps): Record<string, Handler> {
  const handlers: Record<string, Handler> = {};
  for (const list of ofNode) {
    handlers[list.id] = async (context, { params, query }) => {
      const ident = params['node_ident'] as string;
      const node = await findNode(deps, accessOf(context), ident, context.version, []);
      const path = `/v1/nodes/${ident}/${list.path}`;
      return await recordPage(deps, list.door, context, query, path, list.whole, (conditions) =>
        conditions.add(`t.node_uuid = ${conditions.bind(node.uuid)}`),
      );
    };
  }
  for (const whole of [false, true]) {
    handlers[whole ? 'chassis.nodes-detail' : 'chassis.nodes'] = async (context, { params, query }) => {
      const { version } = context;
      const access = accessOf(context);
      const ident = params['chassis_uuid'] as string;
      const { kind } = chassisDoor;
      const { row } = await findRecord(deps, access, kind, ident, 't.uuid', 1, kind.rules.get);
      const { filters, page, fields } = readListQuery(NODES, query, version, deps.config.api.maxLimit, whole);
      const plan = nodePlan({ version, fields });
      const rows = await listNodes(deps, access, { ...filters, chassis_uuid: row[0] as string }, page, plan.select);
      const last = rows.at(-1)?.[plan.at('uuid')];
      const path = `/v1/chassis/${ident}/nodes${whole ? '/detail' : ''}`;
      const next = nextOf(context, path, query, { limit: page.limit, items: rows.length, last });
      return collectionReply('nodes', rows, nodeWriter(context, deps.catalogue, plan), next);
    };
  }
  for (const whole of [false, true]) {
    handlers[whole ? 'portgroup.ports-detail' : 'portgroup.ports'] = async (context, { params, query }) => {
      const ident = params['portgroup_ident'] as string;
      const { kind } = portgroupDoor;
      const { row } = await findRecord(deps, accessOf(context), kind, ident, 't.uuid', 1, kind.rules.get);
      const path = `/v1/portgroups/${ident}/ports${whole ? '/detail' : ''}`;
      return await recordPage(deps, portDoor, context, query, path, whole, (conditions) =>
        conditions.add(`t.portgroup_uuid = ${conditions.bind(row[0])}`),
      );
    };
  }
  handlers['volume.root'] = (context) => {
    mustSeeVolumes(context);
    return { body: volumeLinks(context, 'volume') };
  };
  handlers['node.volume'] = async (context, { params }) => {
    const node = await findNode(deps, accessOf(context), params['node_ident'] as string, context.version, []);
    mustSeeVolumes(context);
    return { body: volumeLinks(context, `nodes/${node.uuid}/volume`) };
  };
  return handlers;
}
