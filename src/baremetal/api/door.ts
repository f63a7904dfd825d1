import type { Door } from '#http/contract';
import { ironicErrorBody } from '#http/errors-ironic';
import type { BaremetalDeps } from '../model/deps.ts';
import { conductorHandlers } from './conductors/conductors.ts';
import { discoveryHandlers, discoveryRoutes } from './discovery.ts';
import { driverHandlers } from './drivers/handlers.ts';
import { allNodeHandlers } from './nodes/index.ts';
import { besideHandlers } from './records/index.ts';
import { ramdiskHandlers } from './ramdisk/handlers.ts';
import { ramdiskRoutes } from './ramdisk/routes.ts';
import { baremetalTable } from './routes.ts';

/** Ids of the routes that ramdisks call. */
const RAMDISK_IDS: ReadonlySet<string> = new Set(ramdiskRoutes.map(({ id }) => id));

const shared = { ...baremetalTable, impliedPath: '/v1', errorBody: ironicErrorBody };

/**
 * The Bare Metal API as Ironic has it, ready for the server. `ramdisksApart`: what ramdisks call is not there, for
 * `createRamdiskDoor` answers it elsewhere.
 */
export function createBaremetalDoor(deps: BaremetalDeps, ramdisksApart = false): Door {
  const routes = baremetalTable.routes.filter(({ id }) => !ramdisksApart || !RAMDISK_IDS.has(id));
  const handlers = {
    ...discoveryHandlers(ramdisksApart ? 'without-ramdisks' : 'whole'),
    ...allNodeHandlers(deps),
    ...driverHandlers(deps),
    ...conductorHandlers(deps),
    ...besideHandlers(deps),
    ...(ramdisksApart ? {} : ramdiskHandlers(deps)),
  };
  return { ...shared, routes, handlers };
}

/** What ramdisks call, and the two pages by which agents find out which versions are spoken; nothing else. */
export function createRamdiskDoor(deps: BaremetalDeps): Door {
  const handlers = { ...discoveryHandlers('ramdisks'), ...ramdiskHandlers(deps) };
  return { ...shared, routes: [...discoveryRoutes, ...ramdiskRoutes], handlers };
}
