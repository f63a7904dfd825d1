import { type TSchema, Type } from 'typebox';
import type { DoorTable, Route } from '#http/contract';

const Text = Type.Union([Type.String(), Type.Null()]);
const params = Type.Object({ switch: Type.String({ description: 'Id, name or chassis MAC of the switch' }) });
const words = (description: string) => Type.String({ minLength: 1, maxLength: 255, description });
const secret = (description: string) => Type.String({ minLength: 1, maxLength: 16_384, description });
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const texts = (description: string) => Type.Record(Type.String(), Type.String({ maxLength: 255 }), { description });

const settings = {
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  driver: Type.Optional(
    Type.Union(
      ['ovs', 'netconf', 'gnmi', 'ssh'].map((name) => Type.Literal(name)),
      {
        description:
          'ovs: Open vSwitch by OVSDB. netconf, gnmi: OpenConfig models. ssh: the command line of `platform`',
      },
    ),
  ),
  platform: Type.Optional(orNull(words('Of ssh: whose commands it speaks; see GET /v1/platforms'))),
  address: Type.Optional(words('host, host:port; of ovs tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH')),
  chassis_id: Type.Optional(
    orNull(
      Type.String({ pattern: '^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$', description: 'MAC address its LLDP tells' }),
    ),
  ),
  username: Type.Optional(orNull(words('Account'))),
  password: Type.Optional(orNull(secret('Its password'))),
  private_key: Type.Optional(orNull(secret('Or its key, OpenSSH or PEM'))),
  enable_password: Type.Optional(orNull(secret('Of `enable`, where it is another'))),
  ca: Type.Optional(orNull(secret('PEM: authorities that sign its certificate'))),
  certificate: Type.Optional(orNull(secret('PEM: our certificate for it'))),
  certificate_key: Type.Optional(orNull(secret('PEM: its key'))),
  host_key: Type.Optional(
    orNull(
      Type.String({
        pattern: '^SHA256:[A-Za-z0-9+/]{43}$',
        description: 'The key or certificate it must show; null: the one it shows next is kept',
      }),
    ),
  ),
  physical_network: Type.Optional(orNull(words('Physical network its ports are on'))),
  conductor_group: Type.Optional(Type.String({ maxLength: 255, description: 'Conductors that reach it' })),
  parking_vlan: Type.Optional(
    Type.Integer({
      minimum: 2,
      maximum: 4094,
      description: 'A VLAN of no network: where shut ports stand. Default 3967',
    }),
  ),
  drift: Type.Optional(
    Type.Union([Type.Literal('repair'), Type.Literal('report')], {
      description: 'What happens to a port somebody else changed. Default repair',
    }),
  ),
  enabled: Type.Optional(Type.Boolean({ description: 'false: nobody talks to it' })),
  options: Type.Optional(texts('bridge (ovs), network_instance (OpenConfig), lag_range (FIRST-LAST)')),
  port_names: Type.Optional(texts('Names of ports as LLDP tells them → as the switch calls them')),
};

const shown = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  driver: Type.String(),
  platform: Text,
  address: Type.String(),
  chassis_id: Text,
  username: Text,
  secrets: Type.Record(Type.String(), Type.String(), { description: 'Which are set, masked' }),
  host_key: Text,
  physical_network: Text,
  conductor_group: Type.String(),
  parking_vlan: Type.Integer(),
  drift: Type.String(),
  enabled: Type.Boolean(),
  options: Type.Record(Type.String(), Type.String()),
  port_names: Type.Record(Type.String(), Type.String()),
  state: Type.String({ description: 'unknown, ok, unreachable or off' }),
  error: Text,
  save_error: Text,
  read_at: Text,
  abilities: Type.Record(Type.String(), Type.Unknown()),
  created_at: Type.String(),
  updated_at: Type.String(),
});

const plan = Type.Object(
  {
    vlans: Type.Union([
      Type.Object({ mode: Type.Literal('nothing') }, { additionalProperties: false }),
      Type.Object({ mode: Type.Literal('access'), vlan: Type.Integer() }, { additionalProperties: false }),
      Type.Object(
        {
          mode: Type.Literal('trunk'),
          native: orNull(Type.Integer()),
          allowed: Type.Array(Type.Integer(), { maxItems: 4094 }),
        },
        { additionalProperties: false },
      ),
    ]),
    enabled: Type.Optional(Type.Boolean()),
    mtu: Type.Optional(orNull(Type.Integer())),
    description: Type.Optional(orNull(Type.String({ maxLength: 255 }))),
    edge: Type.Optional(orNull(Type.Boolean())),
    stormPercent: Type.Optional(orNull(Type.Number())),
  },
  { additionalProperties: false },
);

const port = Type.Object({
  switch: Type.Object({ id: Type.String(), name: Type.String() }),
  port: Type.String(),
  plan: orNull(Type.Record(Type.String(), Type.Unknown())),
  owner: Text,
  state: Type.String({ description: 'unmanaged, pending, applied or failed' }),
  error: orNull(Type.Object({ code: Type.String(), message: Type.String() })),
  found: Text,
  foundAt: Text,
  differences: Type.Array(Type.Object({ what: Type.String(), wanted: Type.String(), found: Type.String() })),
});
const ports = Type.Object({ ports: Type.Array(port) });
const deadline = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 55, description: 'Seconds to wait for the switch. Default 30' }),
);

/** The door of switches. */
export const switchRoutes = [
  {
    id: 'switch.platforms',
    method: 'GET',
    path: '/v1/platforms',
    since: 0,
    policy: 'switch:get',
    summary: 'List what kinds of switches there are',
    success: 200,
    response: Type.Object({
      platforms: Type.Array(Type.Object({ driver: Type.String(), platform: Text, title: Type.String() })),
    }),
  },
  {
    id: 'switch.list',
    method: 'GET',
    path: '/v1/switches',
    since: 0,
    policy: 'switch:get',
    summary: 'List switches',
    success: 200,
    response: Type.Object({ switches: Type.Array(shown) }),
  },
  {
    id: 'switch.create',
    method: 'POST',
    path: '/v1/switches',
    since: 0,
    policy: 'switch:manage',
    summary: 'Register a switch',
    description: 'Nothing on it is changed until a port of it is wanted otherwise. A conductor reads it at once.',
    body: Type.Object(
      { ...settings, name: words('Its name, as LLDP tells it or another') },
      { additionalProperties: false },
    ),
    success: 201,
    response: shown,
  },
  {
    id: 'switch.show',
    method: 'GET',
    path: '/v1/switches/:switch',
    since: 0,
    policy: 'switch:get',
    summary: 'Show a switch',
    params,
    success: 200,
    response: shown,
  },
  {
    id: 'switch.update',
    method: 'PATCH',
    path: '/v1/switches/:switch',
    since: 0,
    policy: 'switch:manage',
    summary: 'Change what is known of a switch',
    params,
    body: Type.Object({ ...settings, name: Type.Optional(words('Another name')) }, { additionalProperties: false }),
    success: 200,
    response: shown,
  },
  {
    id: 'switch.delete',
    method: 'DELETE',
    path: '/v1/switches/:switch',
    since: 0,
    policy: 'switch:manage',
    summary: 'Forget a switch; its ports stay as they are',
    params,
    query: Type.Object({
      force: Type.Optional(Type.Boolean({ description: 'Although ports of it are looked after' })),
    }),
    success: 204,
  },
  {
    id: 'switch.ports',
    method: 'GET',
    path: '/v1/switches/:switch/ports',
    since: 0,
    policy: 'switch:get',
    summary: 'List ports: what they shall be, what was read, and the difference',
    params,
    query: Type.Object({
      fresh: Type.Optional(Type.Boolean({ description: 'Ask the switch now' })),
      deadline_s: deadline,
      differing: Type.Optional(Type.Boolean({ description: 'Only those that are not as wanted' })),
    }),
    success: 200,
    response: ports,
  },
  {
    id: 'switch.apply',
    method: 'POST',
    path: '/v1/switches/:switch/apply',
    since: 0,
    policy: 'switch:manage',
    summary: 'Make ports of a switch as wanted, now',
    description:
      'Without `ports`: all that are looked after are compared and repaired. With: these are wanted so from now on; a plan of null lets a port go. Answers when the switch reads so.',
    params,
    body: Type.Object(
      {
        deadline_s: deadline,
        ports: Type.Optional(
          Type.Array(
            Type.Object({ port: words('Name of the port'), plan: orNull(plan) }, { additionalProperties: false }),
            { minItems: 1, maxItems: 512 },
          ),
        ),
      },
      { additionalProperties: false },
    ),
    bodyOptional: true,
    success: 200,
    response: ports,
  },
] as const satisfies readonly Route[];

export const switchTable: DoorTable = {
  name: 'switches',
  title: 'Switches',
  prefix: '/switches',
  routes: switchRoutes,
};
