import type { Door, Handler, Route } from '#http/contract';
import { keystoneErrorBody } from '#http/errors-keystone';
import type { Room } from '../app/room.ts';
import { catalogHandlers } from './catalog/handlers.ts';
import { catalogRoutes } from './catalog/routes.ts';
import { credentialHandlers } from './credentials/handlers.ts';
import { credentialRoutes } from './credentials/routes.ts';
import { discoveryHandlers } from './discovery/handlers.ts';
import { discoveryRoutes } from './discovery/routes.ts';
import { domainHandlers } from './domains/handlers.ts';
import { domainRoutes } from './domains/routes.ts';
import { grantHandlers } from './grants/handlers.ts';
import { grantRoutes } from './grants/routes.ts';
import { groupHandlers } from './groups/handlers.ts';
import { groupRoutes } from './groups/routes.ts';
import { limitHandlers } from './limits/handlers.ts';
import { limitRoutes } from './limits/routes.ts';
import { projectHandlers } from './projects/handlers.ts';
import { projectRoutes } from './projects/routes.ts';
import { roleHandlers } from './roles/handlers.ts';
import { roleRoutes } from './roles/routes.ts';
import { tokenHandlers } from './tokens/handlers.ts';
import { tokenRoutes } from './tokens/routes.ts';
import { userHandlers } from './users/handlers.ts';
import { userRoutes } from './users/routes.ts';
import { withHead } from './head.ts';

const tables: readonly (readonly Route[])[] = [
  discoveryRoutes,
  tokenRoutes,
  userRoutes,
  groupRoutes,
  projectRoutes,
  domainRoutes,
  roleRoutes,
  grantRoutes,
  catalogRoutes,
  credentialRoutes,
  limitRoutes,
];

const expanded = withHead(tables.flat());

/** All routes of the identity door, as data. */
export const identityRoutes: readonly Route[] = expanded.routes;

/** The identity door: Keystone v3 at `/identity`. */
export function identityDoor(room: Room): Door {
  const handlers: Record<string, Handler> = {
    ...discoveryHandlers,
    ...tokenHandlers(room),
    ...userHandlers(room),
    ...groupHandlers(room),
    ...projectHandlers(room),
    ...domainHandlers(room),
    ...roleHandlers(room),
    ...grantHandlers(room),
    ...catalogHandlers(room),
    ...credentialHandlers(room),
    ...limitHandlers(room),
  };
  return {
    name: 'identity',
    title: 'Identity',
    prefix: '/identity',
    routes: identityRoutes,
    handlers: expanded.handlers(handlers),
    errorBody: (error) => keystoneErrorBody(error),
  };
}
