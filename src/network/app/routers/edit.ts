import { newUuid } from '#kernel/ids';
import type { Tx } from '#store/contract';
import { announceChange } from '../../ovn/index.ts';
import { addRoutes, MOST_ROUTES, refuseRoutes, removeRoutes, type Route } from '../../model/routing.ts';
import {
  deleteRouterRow,
  insertRouter,
  knownZones,
  legsOf,
  lockRouter,
  type RouterRow,
  updateRouter,
} from '../../store/routers.ts';
import type { Actor, PortParts } from '../actor.ts';
import { errors } from './errors.ts';
import { type GatewayInfo, setGateway } from './gateway.ts';
import { demandRouter } from './interfaces.ts';

/** What can be said of a router. */
export interface RouterBody {
  name?: string;
  description?: string;
  admin_state_up?: boolean;
  external_gateway_info?: GatewayInfo | null;
  routes?: readonly Route[] | null;
  distributed?: boolean;
  ha?: boolean;
  availability_zone_hints?: readonly string[];
}

const COLUMNS = ['name', 'description', 'admin_state_up', 'distributed', 'ha', 'availability_zone_hints'] as const;

/** Makes a router; its id. Throws `AvailabilityZoneNotFound` and what `setGateway` throws. */
export async function createRouter(
  tx: Tx,
  parts: PortParts,
  actor: Actor,
  project: string,
  body: RouterBody,
): Promise<string> {
  await demandZones(tx, body.availability_zone_hints);
  const id = newUuid();
  await insertRouter(tx, { id, project_id: project, ...columnsOf(body) });
  if (body.external_gateway_info !== undefined && body.external_gateway_info !== null) {
    await setGateway(tx, parts, actor, (await lockRouter(tx, id)) as RouterRow, body.external_gateway_info);
  }
  announceChange(tx);
  return id;
}

/** Changes a router. Throws `RouterNotFound`, `InvalidRoutes`, `RoutesExhausted`, and what `setGateway` throws. */
export async function updateRouterBy(
  tx: Tx,
  parts: PortParts,
  actor: Actor,
  id: string,
  body: RouterBody,
): Promise<void> {
  const router = await demandRouter(tx, id);
  await demandZones(tx, body.availability_zone_hints);
  await updateRouter(tx, id, columnsOf(body));
  // Routes that go may be what held the gateway, and routes that come may need the new one.
  const routes = body.routes === undefined ? undefined : (body.routes ?? []);
  const left = routes === undefined ? router.routes : [];
  if (body.external_gateway_info !== undefined) {
    await setGateway(tx, parts, actor, { ...router, routes: left }, body.external_gateway_info);
  }
  if (routes !== undefined) await writeRoutes(tx, id, routes);
  announceChange(tx);
}

/** Adds routes (`add_extraroutes`); those that are there already are no error. */
export async function addExtraRoutes(tx: Tx, id: string, more: readonly Route[]): Promise<void> {
  const router = await demandRouter(tx, id);
  await writeRoutes(tx, id, addRoutes(router.routes, more));
  announceChange(tx);
}

/** Takes routes away (`remove_extraroutes`); those that are not there are no error. */
export async function removeExtraRoutes(tx: Tx, id: string, gone: readonly Route[]): Promise<void> {
  const router = await demandRouter(tx, id);
  await writeRoutes(tx, id, removeRoutes(router.routes, gone));
  announceChange(tx);
}

/** Deletes a router, and its way out with it. Throws `RouterNotFound`, `RouterInUse`. */
export async function deleteRouter(tx: Tx, parts: PortParts, actor: Actor, id: string): Promise<void> {
  const router = await demandRouter(tx, id);
  const legs = await legsOf(tx, id);
  if (legs.some(({ kind }) => kind === 'interface')) throw errors.RouterInUse(id, 'still has ports');
  await setGateway(tx, parts, actor, { ...router, routes: [] }, null);
  await deleteRouterRow(tx, id);
  announceChange(tx);
}

async function writeRoutes(tx: Tx, id: string, routes: readonly Route[]): Promise<void> {
  if (routes.length > MOST_ROUTES) throw errors.RoutesExhausted(id, MOST_ROUTES);
  const connected = (await legsOf(tx, id)).flatMap(({ addresses }) => addresses);
  const why = refuseRoutes(routes, connected);
  if (why !== undefined) throw errors.InvalidRoutes(JSON.stringify(routes), why);
  const plain = routes.map(({ destination, nexthop }) => ({ destination, nexthop }));
  await updateRouter(tx, id, { routes: JSON.stringify(plain) });
}

async function demandZones(tx: Tx, hints: readonly string[] | undefined): Promise<void> {
  if (hints === undefined || hints.length === 0) return;
  const known = await knownZones(tx);
  for (const zone of hints) if (!known.has(zone)) throw errors.AvailabilityZoneNotFound(zone);
}

function columnsOf(body: RouterBody): Record<string, unknown> {
  return Object.fromEntries(COLUMNS.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])));
}
