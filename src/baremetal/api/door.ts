import type { Door } from '#http/contract';
import { ironicErrorBody } from '#http/errors-ironic';
import type { BaremetalDeps } from '../model/deps.ts';
import { conductorHandlers } from './conductors/conductors.ts';
import { discoveryHandlers } from './discovery.ts';
import { driverHandlers } from './drivers/handlers.ts';
import { allNodeHandlers } from './nodes/index.ts';
import { besideHandlers } from './records/index.ts';
import { baremetalTable } from './routes.ts';

/** The Bare Metal API as Ironic has it, ready for the server. */
export function createBaremetalDoor(deps: BaremetalDeps): Door {
  return {
    ...baremetalTable,
    impliedPath: '/v1',
    handlers: {
      ...discoveryHandlers,
      ...allNodeHandlers(deps),
      ...driverHandlers(deps),
      ...conductorHandlers(deps),
      ...besideHandlers(deps),
    },
    errorBody: ironicErrorBody,
  };
}
