import { Type } from 'typebox';
import type { DoorTable, Route } from '#http/contract';

const params = Type.Object({ discovery: Type.String({ description: 'Id of the search.' }) });
const Text = Type.Union([Type.String(), Type.Null()]);
const Word = Type.String({ minLength: 1, maxLength: 255 });

const boot = Type.Object({
  modes: Type.Array(Type.String()),
  mode: Text,
  secure_boot: Type.Union([Type.Boolean(), Type.Null()]),
  devices: Type.Array(Type.String()),
  virtual_media: Type.Array(Type.String()),
  http: Type.Boolean(),
});

const found = Type.Object({
  seq: Type.String({ description: 'Its place in the list; ask for what comes after it.' }),
  node_uuid: Type.Union([Type.String(), Type.Null()], { description: 'The node that drives it.' }),
  enrolled: Type.Boolean({ description: 'True: this search made that node.' }),
  place: Type.String(),
  protocol: Type.String(),
  protocols: Type.Array(Type.String()),
  driver: Type.String(),
  driver_info: Type.Record(Type.String(), Type.Unknown(), { description: 'What a node needs, without the password.' }),
  vendor: Text,
  model: Text,
  serial: Text,
  uuid: Text,
  firmware: Text,
  bios_version: Text,
  power_state: Text,
  health: Text,
  boot,
  quirks: Type.Array(Type.Object({ id: Type.String(), source: Type.String() })),
  properties: Type.Record(Type.String(), Type.Unknown()),
  macs: Type.Array(Type.String()),
  fingerprint: Text,
  notes: Type.Array(Type.String()),
  error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
  command: Type.Union([Type.String(), Type.Null()], { description: 'Commands that make node and ports.' }),
});

const discovery = Type.Object({
  id: Type.String(),
  state: Type.String({ description: 'running, done, stopped or failed.' }),
  total: Type.Integer({ description: 'Places to look at.' }),
  scanned: Type.Integer({ description: 'Places done.' }),
  found: Type.Integer({ description: 'Machines found.' }),
  enrolled: Type.Integer({ description: 'Nodes made.' }),
  error: Text,
  created_at: Type.String(),
  ended_at: Text,
});

const wish = Type.Object(
  {
    places: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
      minItems: 1,
      maxItems: 1024,
      description:
        'Addresses, names, networks (192.0.2.0/24) and ranges (192.0.2.10-40), each with :port or :port-port.',
    }),
    username: Type.Optional(Word),
    password: Type.Optional(Type.String({ maxLength: 1024 })),
    protocols: Type.Optional(Type.Array(Type.Union([Type.Literal('redfish'), Type.Literal('ipmi')]), { minItems: 1 })),
    certificates: Type.Optional(
      Type.Union([Type.Literal('pin'), Type.Literal('ca'), Type.Literal('any')], {
        description:
          'pin (default): the certificate seen now is the one a node insists on. ca: only those this host trusts are sent the password. any: not looked at.',
      }),
    ),
    enroll: Type.Optional(Type.Boolean({ description: 'Make nodes of what is found and not driven yet.' })),
    conductor_group: Type.Optional(Type.String({ maxLength: 255 })),
    resource_class: Type.Optional(Word),
    concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 256, description: 'Places at once; default 32.' })),
    wait_ms: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 30_000, description: 'What a place may take to answer; default 2000.' }),
    ),
  },
  { additionalProperties: false },
);

/** Searches for BMCs, as durable work of conductors: what `ingot bmc probe` and `ingot discover` call. */
export const discoveryRoutes = [
  {
    id: 'discovery.list',
    method: 'GET',
    path: '/v1/discoveries',
    since: 0,
    policy: 'baremetal:discovery:get',
    summary: 'List searches for BMCs, the newest first',
    success: 200,
    response: Type.Object({ discoveries: Type.Array(discovery) }),
  },
  {
    id: 'discovery.create',
    method: 'POST',
    path: '/v1/discoveries',
    since: 0,
    policy: 'baremetal:discovery:create',
    summary: 'Search for BMCs',
    description:
      'Looks at each place without a login first, then logs in once where a BMC answers that no node drives yet. A conductor of the group does it; it goes on where it was when that one dies.',
    body: wish,
    success: 202,
    response: discovery,
  },
  {
    id: 'discovery.show',
    method: 'GET',
    path: '/v1/discoveries/:discovery',
    since: 0,
    policy: 'baremetal:discovery:get',
    summary: 'Show how far a search is',
    params,
    success: 200,
    response: discovery,
  },
  {
    id: 'discovery.found',
    method: 'GET',
    path: '/v1/discoveries/:discovery/found',
    since: 0,
    policy: 'baremetal:discovery:get',
    summary: 'List what a search found',
    params,
    query: Type.Object(
      {
        after: Type.Optional(Type.String({ pattern: '^\\d{1,18}$', description: 'Only what comes after this seq.' })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      },
      { additionalProperties: false },
    ),
    success: 200,
    response: Type.Object({ found: Type.Array(found) }),
  },
  {
    id: 'discovery.stop',
    method: 'POST',
    path: '/v1/discoveries/:discovery/stop',
    since: 0,
    policy: 'baremetal:discovery:create',
    summary: 'Stop a search',
    params,
    bodyOptional: true,
    success: 202,
    response: discovery,
  },
  {
    id: 'discovery.delete',
    method: 'DELETE',
    path: '/v1/discoveries/:discovery',
    since: 0,
    policy: 'baremetal:discovery:create',
    summary: 'Forget a search that has ended',
    params,
    success: 204,
  },
] as const satisfies readonly Route[];

export const discoveryTable: DoorTable = {
  name: 'discovery',
  title: 'BMC discovery',
  prefix: '/bmc',
  routes: discoveryRoutes,
};
