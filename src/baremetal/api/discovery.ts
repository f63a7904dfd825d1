import { Type } from 'typebox';
import type { Handlers, Route } from '#http/contract';

/** The range of microversions we speak: 1.1 to 1.115. */
export const MIN_VERSION = 1;
export const MAX_VERSION = 115;

/** Top-level resources and the version whose `/v1` first links to them. */
const RESOURCES: Readonly<Record<string, number>> = {
  chassis: 1,
  nodes: 1,
  ports: 1,
  drivers: 1,
  portgroups: 23,
  volume: 32,
  lookup: 22,
  heartbeat: 22,
  conductors: 49,
  allocations: 52,
  events: 54,
  deploy_templates: 55,
  shards: 82,
  runbooks: 92,
  inspection_rules: 96,
  // Open in 1.1 too, for agents that know no versions, but not told.
  continue_inspection: 84,
};

export const discoveryRoutes = [
  {
    id: 'root',
    method: 'GET',
    path: '/',
    since: 0,
    policy: null,
    summary: 'Show the versions of the API',
    anyVersion: true,
    success: 200,
    response: Type.Object({}, { additionalProperties: true }),
  },
  {
    id: 'v1',
    method: 'GET',
    path: '/v1',
    since: 0,
    policy: null,
    summary: 'Show the resources of version 1',
    success: 200,
    response: Type.Object({}, { additionalProperties: true }),
  },
] as const satisfies readonly Route[];

function versionFacts(baseUrl: string) {
  return {
    id: 'v1',
    links: [{ href: `${baseUrl}/v1/`, rel: 'self' }],
    status: 'CURRENT',
    min_version: `1.${MIN_VERSION}`,
    version: `1.${MAX_VERSION}`,
  };
}

/** What ramdisks call, among the resources. */
const FOR_RAMDISKS: ReadonlySet<string> = new Set(['lookup', 'heartbeat', 'continue_inspection']);

/** Which resources a door has: all, or those of ramdisks stand apart, on a listener of their own. */
export type Side = 'whole' | 'without-ramdisks' | 'ramdisks';

const isOn = (side: Side, name: string) => side === 'whole' || (side === 'ramdisks') === FOR_RAMDISKS.has(name);

/** `/` and `/v1`: what clients ask first. Open to everybody. */
export const discoveryHandlers = (side: Side): Handlers<typeof discoveryRoutes> => ({
  root: ({ baseUrl }) => ({
    body: {
      name: 'OpenStack Ironic API',
      description: 'Ingot manages bare metal machines and speaks the OpenStack Bare Metal API.',
      default_version: versionFacts(baseUrl),
      versions: [versionFacts(baseUrl)],
    },
  }),
  v1: ({ baseUrl, version }) => {
    const resources = Object.entries(RESOURCES).filter(([name, since]) => since <= version && isOn(side, name));
    return {
      body: {
        id: 'v1',
        links: [
          { href: `${baseUrl}/v1/`, rel: 'self' },
          {
            href: 'https://docs.openstack.org//ironic/latest/contributor//webapi.html',
            rel: 'describedby',
            type: 'text/html',
          },
        ],
        media_types: { base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' },
        ...Object.fromEntries(
          resources.map(([name]) => [
            name,
            [
              { href: `${baseUrl}/v1/${name}/`, rel: 'self' },
              { href: `${baseUrl}/${name}/`, rel: 'bookmark' },
            ],
          ]),
        ),
        version: versionFacts(baseUrl),
      },
    };
  },
});
