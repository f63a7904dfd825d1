import type { Tx } from '#store/contract';
import type { Call, Changes, Columns, NewColumns, Wish } from '../../model/resource.ts';
import { addRoutes, MOST_ROUTES, refuseRoutes, removeRoutes, type Route } from '../../model/routing.ts';
import { refusals } from '../../refusals.ts';
import { legsOf, lockRouter, type RouterRow } from '../../store/routers.ts';
import { insertRows } from '../../store/rows.ts';
import { demandZones } from '../networks/demands.ts';
import { errors } from './errors.ts';
import { type GatewayInfo, setGateway } from './gateway.ts';
import { demandRouter } from './interfaces.ts';

/** Makes routers. Throws `AvailabilityZoneNotFound` and what `setGateway` throws. */
export async function createRouters(
  call: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  const { tx } = call;
  for (const wish of wishes) await demandZones(tx, wish['availability_zone_hints']);
  await insertRows(tx, 'net_routers', columns);
  for (const [at, wish] of wishes.entries()) {
    const { id } = columns[at] as NewColumns;
    const gateway = gatewayOf(call, 'create', wish);
    if (gateway === undefined || gateway === null) continue;
    const router = (await lockRouter(tx, id)) as RouterRow;
    const { gateway_network_id: network, enable_snat: snat } = await setGateway(call, router, gateway);
    const text = 'update net_routers set gateway_network_id = $2, enable_snat = $3 where id = $1';
    await tx.query({ name: 'router gateway', text, values: [id, network, snat] });
  }
}

/**
 * Changes a router's ports as asked; gives the columns to write. Throws `RouterNotFound`, `InvalidRoutes`,
 * `RoutesExhausted`, and what `setGateway` throws.
 */
export async function changeRouter(call: Call, id: string, changes: Changes, columns: Columns): Promise<Columns> {
  const { tx } = call;
  const router = await demandRouter(tx, id);
  const routes = changes['routes'] === undefined ? undefined : ((changes['routes'] ?? []) as readonly Route[]);
  const gateway = gatewayOf(call, 'update', changes);
  if (gateway !== undefined) {
    // Routes that go may be what held the gateway, and routes that come may need the new one.
    const held = { ...router, routes: routes === undefined ? router.routes : [] };
    Object.assign(columns, await setGateway(call, held, gateway));
  }
  if (routes !== undefined) columns['routes'] = await judgeRoutes(tx, id, routes);
  return columns;
}

/** What is said of the way out. Addresses of it, and doing without translation, are for who runs the outside. */
function gatewayOf(call: Call, verb: 'create' | 'update', said: Changes): GatewayInfo | null | undefined {
  const info = said['external_gateway_info'] as GatewayInfo | null | undefined;
  if (info === undefined || info === null || call.allows('network_admin')) return info;
  const rule = `${verb}_router:external_gateway_info`;
  if (info.enable_snat === false) throw refusals.PolicyNotAuthorized(`${rule}:enable_snat`);
  if (info.external_fixed_ips?.some((one) => one.ip_address !== undefined) === true) {
    throw refusals.PolicyNotAuthorized(`${rule}:external_fixed_ips`);
  }
  return info;
}

/** Adds routes (`add_extraroutes`); those that are there already are no error. */
export async function addExtraRoutes(tx: Tx, id: string, more: readonly Route[]): Promise<void> {
  const router = await demandRouter(tx, id);
  await writeRoutes(tx, id, addRoutes(router.routes, more));
}

/** Takes routes away (`remove_extraroutes`); those that are not there are no error. */
export async function removeExtraRoutes(tx: Tx, id: string, gone: readonly Route[]): Promise<void> {
  const router = await demandRouter(tx, id);
  await writeRoutes(tx, id, removeRoutes(router.routes, gone));
}

/** Deletes a router, and its way out with it. Throws `RouterNotFound`, `RouterInUse`. */
export async function deleteRouter(call: Call, id: string): Promise<void> {
  const { tx } = call;
  const router = await demandRouter(tx, id);
  const legs = await legsOf(tx, id);
  if (legs.some(({ kind }) => kind === 'interface')) throw refusals.RouterInUse(id, 'still has ports');
  await setGateway(call, { ...router, routes: [] }, null);
  await tx.query({ name: 'router deleted', text: 'delete from net_routers where id = $1', values: [id] });
}

async function writeRoutes(tx: Tx, id: string, routes: readonly Route[]): Promise<void> {
  const values = [id, JSON.stringify(await judgeRoutes(tx, id, routes))];
  await tx.query({ name: 'router routes', text: 'update net_routers set routes = $2 where id = $1', values });
}

async function judgeRoutes(tx: Tx, id: string, routes: readonly Route[]): Promise<Route[]> {
  if (routes.length > MOST_ROUTES) throw errors.RoutesExhausted(id, MOST_ROUTES);
  const connected = (await legsOf(tx, id)).flatMap(({ addresses }) => addresses);
  const why = refuseRoutes(routes, connected);
  if (why !== undefined) throw errors.InvalidRoutes(JSON.stringify(routes), why);
  return routes.map(({ destination, nexthop }) => ({ destination, nexthop }));
}
