import { Type } from 'typebox';
import type { Route } from '#http/contract';

const anyObject = Type.Object({}, { additionalProperties: true });
const driverParams = Type.Object({ driver_name: Type.String({ description: 'Hardware type.' }) });
const fields = Type.Optional(Type.Array(Type.String(), { 'x-lowercase': true, 'x-since': '1.77' }));

/** Hardware types that live conductors run. */
export const driverRoutes = [
  {
    id: 'driver.list',
    method: 'GET',
    path: '/v1/drivers',
    since: 1,
    policy: 'baremetal:driver:get',
    summary: 'List drivers',
    query: Type.Object(
      {
        type: Type.Optional(Type.String({ 'x-since': '1.30', description: 'classic (none) or dynamic' })),
        detail: Type.Optional(Type.Boolean({ 'x-since': '1.30' })),
        fields,
      },
      { additionalProperties: false },
    ),
    success: 200,
    response: Type.Object({ drivers: Type.Array(anyObject) }),
  },
  {
    id: 'driver.show',
    method: 'GET',
    path: '/v1/drivers/:driver_name',
    since: 1,
    policy: 'baremetal:driver:get',
    summary: 'Show a driver',
    params: driverParams,
    query: Type.Object({ fields }, { additionalProperties: false }),
    success: 200,
    response: anyObject,
  },
  {
    id: 'driver.properties',
    method: 'GET',
    path: '/v1/drivers/:driver_name/properties',
    since: 1,
    policy: 'baremetal:driver:get_properties',
    summary: 'List the keys of driver_info a driver reads',
    params: driverParams,
    success: 200,
    response: anyObject,
  },
  {
    id: 'driver.raid-properties',
    method: 'GET',
    path: '/v1/drivers/:driver_name/raid/logical_disk_properties',
    since: 12,
    below: 406,
    policy: 'baremetal:driver:get_raid_logical_disk_properties',
    summary: 'List what logical disks may say',
    params: driverParams,
    success: 200,
    response: anyObject,
  },
  {
    id: 'driver.passthru.methods',
    method: 'GET',
    path: '/v1/drivers/:driver_name/vendor_passthru/methods',
    since: 1,
    policy: 'baremetal:driver:vendor_passthru',
    summary: "List the vendor's functions of a driver",
    params: driverParams,
    success: 200,
    response: anyObject,
  },
  ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => ({
    id: `driver.passthru.${method.toLowerCase() as Lowercase<typeof method>}` as const,
    method,
    path: '/v1/drivers/:driver_name/vendor_passthru',
    since: 1,
    policy: 'baremetal:driver:vendor_passthru',
    summary: "Call a vendor's function of a driver",
    params: driverParams,
    query: Type.Object(
      { method: Type.Optional(Type.String({ description: 'Name of the function.' })) },
      { additionalProperties: false },
    ),
    ...(method === 'GET' ? {} : { body: Type.Unknown(), bodyOptional: true }),
    success: 200,
    response: Type.Unknown(),
  })),
] as const satisfies readonly Route[];
