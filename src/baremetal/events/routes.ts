import { Type } from 'typebox';
import type { DoorTable, Route } from '#http/contract';

export const EVENTS_PREFIX = '/bmc-events/v1';

/** What BMCs call: no login, for they have none; the address itself is the secret, and only its BMC may use it. */
export const eventRoutes = [
  {
    id: 'bmc_event.take',
    method: 'POST',
    path: '/:inbox',
    since: 0,
    policy: null,
    summary: 'Take an event from a BMC',
    params: Type.Object({ inbox: Type.String({ maxLength: 64 }) }),
    body: Type.Unknown(),
    bodyOptional: true,
    bodyLimit: 256 * 1024,
    success: 204,
    audit: false,
  },
] as const satisfies readonly Route[];

export const eventTable: DoorTable = {
  name: 'bmc-events',
  title: 'Events of BMCs',
  prefix: EVENTS_PREFIX,
  routes: eventRoutes,
};
