import { Type } from 'typebox';
import {
  addExtraRoutes,
  changeRouter,
  createRouters,
  deleteRouter,
  removeExtraRoutes,
} from '../../app/routers/edit.ts';
import { addInterface, type InterfaceBody, removeInterface } from '../../app/routers/interfaces.ts';
import { ADMIN, ADMIN_READER, OWNER_MEMBER, OWNER_READER } from '../../model/checks.ts';
import {
  description,
  flag,
  history,
  id,
  Name,
  name,
  orNull,
  ownership,
  ownFact,
  shown,
  tags,
  Uuid,
} from '../../model/fields.ts';
import { type Action, type Resource, SHOW } from '../../model/resource.ts';
import type { Route } from '../../model/routing.ts';

const Address = Type.String({ minLength: 2, maxLength: 45 });
const Routes = Type.Array(
  Type.Object({ destination: Type.String({ maxLength: 49 }), nexthop: Address }, { additionalProperties: false }),
  { maxItems: 1000 },
);
const Gateway = Type.Object(
  {
    network_id: Type.Optional(Uuid),
    enable_snat: Type.Optional(Type.Boolean()),
    external_fixed_ips: Type.Optional(
      Type.Array(
        Type.Object(
          { subnet_id: Type.Optional(Uuid), ip_address: Type.Optional(Address) },
          { additionalProperties: false, minProperties: 1 },
        ),
        { maxItems: 8 },
      ),
    ),
  },
  { additionalProperties: false },
);
const Interface = Type.Object(
  { subnet_id: Type.Optional(Uuid), port_id: Type.Optional(Uuid) },
  { additionalProperties: false },
);
const ExtraRoutes = Type.Object({ router: Type.Object({ routes: Routes }, { additionalProperties: false }) });

const GATEWAY = `(select json_build_object('network_id', t.gateway_network_id, 'enable_snat', t.enable_snat,
    'external_fixed_ips', (select coalesce(json_agg(json_build_object('subnet_id', f.subnet_id, 'ip_address', host(f.ip))
        order by f.position), '[]')
      from net_router_ports rp join net_fixed_ips f on f.port_id = rp.port_id
     where rp.router_id = t.id and rp.kind = 'gateway'))
  where t.gateway_network_id is not null)`;

const ZONES = `(select coalesce(json_agg(distinct a.availability_zone), '[]') from net_agents a
  where a.alive and a.availability_zone is not null and t.gateway_network_id is not null
    and (t.availability_zone_hints = '{}' or a.availability_zone = any(t.availability_zone_hints)))`;

const routesOf = (body: unknown): readonly Route[] => (body as { router: { routes: Route[] } }).router.routes;

const actions: Record<string, Action> = {
  add_router_interface: {
    method: 'PUT',
    summary: 'Put a leg of a router into a subnet',
    input: Interface,
    check: OWNER_MEMBER,
    run: (call, row, body) => addInterface(call, row.id, body as InterfaceBody),
  },
  remove_router_interface: {
    method: 'PUT',
    summary: 'Take a leg of a router out of a subnet',
    input: Interface,
    check: OWNER_MEMBER,
    run: (call, row, body) => removeInterface(call.tx, row.id, body as InterfaceBody),
  },
  add_extraroutes: {
    method: 'PUT',
    summary: 'Add routes to a router',
    input: ExtraRoutes,
    check: OWNER_MEMBER,
    async run(call, row, body) {
      await addExtraRoutes(call.tx, row.id, routesOf(body));
      return SHOW;
    },
  },
  remove_extraroutes: {
    method: 'PUT',
    summary: 'Remove routes of a router',
    input: ExtraRoutes,
    check: OWNER_MEMBER,
    async run(call, row, body) {
      await removeExtraRoutes(call.tx, row.id, routesOf(body));
      return SHOW;
    },
  },
};

/** Routers: what joins subnets, and leads outside. */
export const routers: Resource = {
  name: 'router',
  collection: 'routers',
  title: 'router',
  notFound: 'RouterNotFound',
  inUse: 'RouterInUse',
  table: 'net_routers',
  quota: { name: 'router', fallback: 10 },
  tags: true,
  fields: {
    id,
    name,
    ...ownership,
    admin_state_up: flag('admin_state_up', true),
    status: shown('t.status', { filter: 'text', sort: true }),
    external_gateway_info: { sql: GATEWAY, input: orNull(Gateway) },
    routes: { sql: 't.routes', input: orNull(Routes), create: 'never' },
    distributed: flag('distributed', false, { see: ADMIN_READER, set: ADMIN, update: true }),
    ha: flag('ha', true, { see: ADMIN_READER, set: ADMIN }),
    availability_zone_hints: {
      sql: 'to_json(t.availability_zone_hints)',
      column: 'availability_zone_hints',
      input: Type.Array(Name, { maxItems: 64 }),
      update: false,
      preset: [],
    },
    availability_zones: shown(ZONES),
    description,
    tags,
    ...history,
  },
  facts: ownFact,
  rules: { create: OWNER_MEMBER, get: OWNER_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  create: createRouters,
  update: (call, row, changes, columns) => changeRouter(call, row.id, changes, columns),
  delete: (call, row) => deleteRouter(call, row.id),
  actions,
};
