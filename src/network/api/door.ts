import type { Door } from '#http/contract';
import type { NetworkRoom } from '../room.ts';
import { neutronErrorBody } from './errors-neutron.ts';
import { otherHandlers } from './other-handlers.ts';
import { resourceHandlers } from './resource-handlers.ts';
import { resources } from './resources/index.ts';
import { machineHandlers } from './machine-handlers.ts';
import { networkTable } from './routes.ts';
import { serviceHandlers } from './service-routes.ts';
import { tagHandlers } from './tag-handlers.ts';

/** The Network API, Neutron's version 2.0, at `/network`. */
export function networkDoor(room: NetworkRoom): Door {
  const handlers = Object.assign(
    otherHandlers(room),
    serviceHandlers(room),
    machineHandlers(room),
    ...resources.flatMap((resource) => [
      resourceHandlers(room, resource),
      ...(resource.tags === true ? [tagHandlers(room, resource)] : []),
    ]),
  ) as Door['handlers'];
  return { ...networkTable, handlers, errorBody: (error) => neutronErrorBody(error) };
}
