import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import { mergeExtra } from '../model/extra.ts';
import { newId } from '../model/ids.ts';
import { noteChange } from '../store/changes.ts';
import { orConflict } from '../store/constraints.ts';
import { deleteRow, findRow, insertRow, updateRow } from '../store/rows.ts';
import { type EndpointRow, endpoints, type RegionRow, regions, type ServiceRow, services } from '../store/tables.ts';
import type { Room } from './room.ts';

export interface RegionBody {
  id?: string;
  description?: string | null;
  parent_region_id?: string | null;
  [extra: string]: unknown;
}
export interface ServiceBody {
  type?: string;
  name?: string | null;
  description?: string | null;
  enabled?: boolean;
  [extra: string]: unknown;
}
export interface EndpointBody {
  service_id?: string;
  interface?: string;
  region?: string | null;
  region_id?: string | null;
  url?: string;
  name?: string | null;
  description?: string | null;
  enabled?: boolean;
  [extra: string]: unknown;
}

const REGION_FIELDS = ['id', 'description', 'parent_region_id', 'links'];
const SERVICE_FIELDS = ['id', 'type', 'name', 'description', 'enabled', 'links'];
const ENDPOINT_FIELDS = [
  'id',
  'service_id',
  'interface',
  'region',
  'region_id',
  'url',
  'name',
  'description',
  'enabled',
  'links',
  'legacy_endpoint_id',
];

/** Makes a region, with an id of choice or a new one. */
export function createRegion(room: Room, body: RegionBody): Promise<RegionRow> {
  const id = body.id == null || body.id === '' ? newId() : body.id;
  return room.store.tx(async (tx) => {
    if (body.parent_region_id != null && (await findRow(tx, regions, body.parent_region_id)) === undefined) {
      throw errors.NotFound('region', body.parent_region_id);
    }
    return orConflict(
      'region',
      `Duplicate ID, ${id}`,
      insertRow<RegionRow>(tx, regions, {
        id,
        description: body.description ?? '',
        parent_region_id: body.parent_region_id,
        extra: mergeExtra('{}', body, REGION_FIELDS),
      }),
    );
  });
}

/** Changes a region. */
export function updateRegion(room: Room, id: string, body: RegionBody): Promise<RegionRow> {
  return room.store.tx(async (tx) => {
    const now = await findRow<RegionRow>(tx, regions, id, true);
    if (now === undefined) throw errors.NotFound('region', id);
    const parent = body.parent_region_id;
    if (parent != null) {
      if ((await findRow(tx, regions, parent)) === undefined) throw errors.NotFound('region', parent);
      const circle = await tx.query({
        text: `with recursive up(id) as (
                 select $1::text union select r.parent_region_id from up join identity_regions r on r.id = up.id)
               select 1 from up where id = $2`,
        values: [parent, id],
      });
      if (circle.length > 0) throw errors.Refused('A region cannot be below itself.');
    }
    const row = await updateRow<RegionRow>(tx, regions, id, {
      description: body.description === null ? '' : body.description,
      parent_region_id: parent,
      extra: mergeExtra(now.extra, body, REGION_FIELDS),
    });
    await noteChange(tx, 'catalog');
    return row as RegionRow;
  });
}

/** Removes a region nothing refers to. */
export function deleteRegion(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    const [used] = await tx.query({
      text: `select 1 from identity_endpoints where region_id = $1
             union all select 1 from identity_regions where parent_region_id = $1
             union all select 1 from identity_registered_limits where region_id = $1 limit 1`,
      values: [id],
    });
    if (used !== undefined) {
      throw errors.Refused(`Unable to delete region ${id} because it or its child regions have associated endpoints.`);
    }
    if (!(await deleteRow(tx, regions, id))) throw errors.NotFound('region', id);
    await noteChange(tx, 'catalog');
  });
}

/** Makes a service. */
export function createService(room: Room, body: ServiceBody): Promise<ServiceRow> {
  return room.store.tx(async (tx) => {
    const row = await insertRow<ServiceRow>(tx, services, {
      id: newId(),
      type: body.type,
      name: body.name,
      description: body.description,
      enabled: body.enabled ?? true,
      extra: mergeExtra('{}', body, SERVICE_FIELDS),
    });
    await noteChange(tx, 'catalog');
    return row;
  });
}

/** Changes a service. */
export function updateService(room: Room, id: string, body: ServiceBody): Promise<ServiceRow> {
  return room.store.tx(async (tx) => {
    const now = await findRow<ServiceRow>(tx, services, id, true);
    if (now === undefined) throw errors.NotFound('service', id);
    const row = await updateRow<ServiceRow>(tx, services, id, {
      type: body.type,
      name: body.name,
      description: body.description,
      enabled: body.enabled,
      extra: mergeExtra(now.extra, body, SERVICE_FIELDS),
    });
    await noteChange(tx, 'catalog');
    return row as ServiceRow;
  });
}

/** Removes a service with its endpoints. */
export function deleteService(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    const [limited] = await tx.query({
      text: `select 1 from identity_limits l join identity_registered_limits r on r.id = l.registered_limit_id
             where r.service_id = $1 limit 1`,
      values: [id],
    });
    if (limited !== undefined) throw errors.Refused(`Unable to delete service ${id}: projects have limits of it.`);
    if (!(await deleteRow(tx, services, id))) throw errors.NotFound('service', id);
    await noteChange(tx, 'catalog');
  });
}

/** Makes an endpoint. A region not known yet is made along, as Keystone does for the old attribute `region`. */
export function createEndpoint(room: Room, body: EndpointBody): Promise<EndpointRow> {
  return room.store.tx(async (tx) => {
    const serviceId = body.service_id ?? '';
    if ((await findRow(tx, services, serviceId)) === undefined)
      throw errors.Invalid(`Could not find service: ${serviceId}.`);
    const regionId = await regionOf(tx, body);
    const row = await insertRow<EndpointRow>(tx, endpoints, {
      id: newId(),
      service_id: serviceId,
      interface: body.interface,
      region_id: regionId ?? null,
      url: body.url,
      name: body.name,
      description: body.description,
      enabled: body.enabled ?? true,
      extra: mergeExtra('{}', body, ENDPOINT_FIELDS),
    });
    await noteChange(tx, 'catalog');
    return row;
  });
}

/** Changes an endpoint. */
export function updateEndpoint(room: Room, id: string, body: EndpointBody): Promise<EndpointRow> {
  return room.store.tx(async (tx) => {
    const now = await findRow<EndpointRow>(tx, endpoints, id, true);
    if (now === undefined) throw errors.NotFound('endpoint', id);
    if (body.service_id !== undefined && (await findRow(tx, services, body.service_id)) === undefined) {
      throw errors.Invalid(`Could not find service: ${body.service_id}.`);
    }
    const regionId = await regionOf(tx, body);
    const row = await updateRow<EndpointRow>(tx, endpoints, id, {
      service_id: body.service_id,
      interface: body.interface,
      region_id: regionId,
      url: body.url,
      name: body.name,
      description: body.description,
      enabled: body.enabled,
      extra: mergeExtra(now.extra, body, ENDPOINT_FIELDS),
    });
    await noteChange(tx, 'catalog');
    return row as EndpointRow;
  });
}

/** The region a body names: `region_id` must exist, `region` is made. Undefined when it says nothing of it. */
async function regionOf(tx: Tx, body: EndpointBody): Promise<string | null | undefined> {
  const { region_id, region } = body;
  if (region_id !== undefined) {
    if (region_id !== null && (await findRow(tx, regions, region_id)) === undefined) {
      throw errors.Invalid(`Could not find region: ${region_id}.`);
    }
    return region_id;
  }
  if (region !== undefined && region !== null) {
    await tx.query({ text: 'insert into identity_regions (id) values ($1) on conflict do nothing', values: [region] });
  }
  return region;
}

/** Removes an endpoint. */
export function deleteEndpoint(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    if (!(await deleteRow(tx, endpoints, id))) throw errors.NotFound('endpoint', id);
    await noteChange(tx, 'catalog');
  });
}
