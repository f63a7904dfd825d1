import type { Handler, Route } from '#http/contract';
import { allocationHandlers } from '../allocations/handlers.ts';
import { allocationRoutes } from '../allocations/routes.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { eventHandlers, eventRoutes } from '../events/events.ts';
import { ramdiskRoutes } from '../ramdisk/routes.ts';
import { runbookTraitHandlers, runbookTraitRoutes } from '../runbooks/traits.ts';
import { shardHandlers, shardRoutes } from '../shards/shards.ts';
import { recordDoors } from './doors/index.ts';
import { recordHandlers } from './handlers.ts';
import { recordRoutes } from './routes.ts';
import { sublistHandlers, sublistRoutes } from './sublists.ts';

/** Routes of everything that stands beside nodes. */
export const besideRoutes: readonly Route[] = [
  ...recordDoors.flatMap(recordRoutes),
  ...sublistRoutes,
  ...allocationRoutes,
  ...shardRoutes,
  ...eventRoutes,
  ...runbookTraitRoutes,
  ...ramdiskRoutes,
];

/** Their handlers, by route id; those of ramdisks are apart. */
export function besideHandlers(deps: BaremetalDeps): Record<string, Handler> {
  return Object.assign(
    {},
    ...recordDoors.map((door) => recordHandlers(deps, door)),
    sublistHandlers(deps),
    allocationHandlers(deps),
    shardHandlers(deps),
    eventHandlers(deps),
    runbookTraitHandlers(deps),
  ) as Record<string, Handler>;
}
