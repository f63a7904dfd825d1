import type { DoorTable, Route } from '#http/contract';
import { conductorRoutes } from './conductors/conductors.ts';
import { discoveryRoutes, MAX_VERSION, MIN_VERSION } from './discovery.ts';
import { driverRoutes } from './drivers/routes.ts';
import { allNodeRoutes } from './nodes/index.ts';
import { besideRoutes } from './records/index.ts';

/** Every door of the Bare Metal API, as data. */
export const baremetalRoutes: readonly Route[] = [
  ...discoveryRoutes,
  ...allNodeRoutes,
  ...driverRoutes,
  ...conductorRoutes,
  ...besideRoutes,
];

/** The service without its handlers: for OpenAPI, the SDK, and the tests of the authorisation matrix. */
export const baremetalTable: DoorTable = {
  name: 'baremetal',
  title: 'Bare Metal',
  prefix: '',
  routes: baremetalRoutes,
  versions: {
    min: MIN_VERSION,
    max: MAX_VERSION,
    fallback: 1,
    jsonSuffixBelow: 91,
    requestIdSince: 107,
  },
};
