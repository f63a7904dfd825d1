import type { Handlers, RequestContext } from '#http/contract';
import { V3 } from '../listing.ts';
import type { discoveryRoutes } from './routes.ts';

/** The version whose surface this is; clients decide by it what they may ask for. */
function version(context: RequestContext) {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${context.baseUrl}${V3}/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

export const discoveryHandlers: Handlers<typeof discoveryRoutes> = {
  'identity.versions': (context) => ({
    headers: { Location: `${context.baseUrl}${V3}/`, Vary: 'X-Auth-Token' },
    body: { versions: { values: [version(context)] } },
  }),
  'identity.v3': (context) => ({ headers: { Vary: 'X-Auth-Token' }, body: { version: version(context) } }),
};
