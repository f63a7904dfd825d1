import { auditRoutes } from '#identity/audit/door';
import { identityRoutes } from '#identity/api/door';
import { policyRoutes } from '#identity/policy/door';
import { baremetalTable } from '#baremetal/api/routes';
import { discoveryTable } from '#baremetal/discoveries/routes';
import { introspectionTable } from '#baremetal/introspection/routes';
import { consoleTable } from '#console/api/routes';
import type { DoorTable } from '#http/contract';
import { imageRoutes } from '#image/api/routes';
import { serveRoutes } from '#image/serve/routes';
import { IMAGE_DATA } from '#image/model/addresses';
import { networkTable } from '#network/api/routes';
import { switchTable } from '#network/switch/api/routes';
import { operationsRoutes } from '#http/operations-routes';

/** Every door of the program, as data. */
export const DOORS: readonly DoorTable[] = [
  baremetalTable,
  introspectionTable,
  discoveryTable,
  consoleTable,
  { name: 'identity', title: 'Identity', prefix: '/identity', routes: identityRoutes },
  { name: 'image', title: 'Image', prefix: '/image', routes: imageRoutes },
  { name: 'imagedata', title: 'Image data', prefix: IMAGE_DATA, routes: serveRoutes },
  networkTable,
  switchTable,
  { name: 'policy', title: 'Policy', prefix: '/policy', routes: policyRoutes },
  { name: 'audit', title: 'Audit', prefix: '/audit', routes: auditRoutes },
  { name: 'operations', title: 'Operations', prefix: '', routes: operationsRoutes },
];
