import type { Route } from '#http/contract';
import { AnyQuery } from '../schemas.ts';

export const discoveryRoutes = [
  {
    id: 'identity.versions',
    method: 'GET',
    path: '/',
    since: 0,
    policy: null,
    summary: 'Versions of the identity service',
    query: AnyQuery,
    success: 300,
  },
  {
    id: 'identity.v3',
    method: 'GET',
    path: '/v3',
    since: 0,
    policy: null,
    summary: 'Version 3 of the identity service',
    query: AnyQuery,
    success: 200,
  },
] as const satisfies readonly Route[];
