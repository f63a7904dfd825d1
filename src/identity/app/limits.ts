import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import { newId } from '../model/ids.ts';
import { orConflict } from '../store/constraints.ts';
import { deleteRow, findRow, insertRow, updateRow } from '../store/rows.ts';
import {
  type DomainRow,
  domains,
  type LimitRow,
  limits,
  type ProjectRow,
  projects,
  type RegisteredLimitRow,
  registeredLimits,
  regions,
  services,
} from '../store/tables.ts';
import type { Room } from './room.ts';

export interface RegisteredLimitBody {
  service_id?: string;
  region_id?: string | null;
  resource_name?: string;
  default_limit?: number;
  description?: string | null;
}
export interface LimitBody extends RegisteredLimitBody {
  project_id?: string | null;
  domain_id?: string | null;
  resource_limit?: number;
}

const DUPLICATE = 'Duplicate entry';

/** Makes registered limits, all or none. */
export function createRegisteredLimits(
  room: Room,
  bodies: readonly RegisteredLimitBody[],
): Promise<RegisteredLimitRow[]> {
  return room.store.tx(async (tx) => {
    const made: RegisteredLimitRow[] = [];
    for (const body of bodies) {
      await assertPlace(tx, body);
      const row = { ...body, id: newId(), region_id: body.region_id ?? null };
      made.push(
        await orConflict('registered_limit', DUPLICATE, insertRow<RegisteredLimitRow>(tx, registeredLimits, row)),
      );
    }
    return made;
  });
}

/** Changes a registered limit. What it limits can only change while no project has a limit of it. */
export function updateRegisteredLimit(room: Room, id: string, body: RegisteredLimitBody): Promise<RegisteredLimitRow> {
  return room.store.tx(async (tx) => {
    const now = await findRow<RegisteredLimitRow>(tx, registeredLimits, id, true);
    if (now === undefined) throw errors.NotFound('registered limit', id);
    const moves = body.service_id !== undefined || body.region_id !== undefined || body.resource_name !== undefined;
    if (moves) {
      await assertUnused(tx, id, 'update');
      await assertPlace(tx, { ...now, ...body });
    }
    const row = await orConflict(
      'registered_limit',
      DUPLICATE,
      updateRow<RegisteredLimitRow>(tx, registeredLimits, id, { ...body }),
    );
    return row as RegisteredLimitRow;
  });
}

/** Removes a registered limit no project has a limit of. */
export function deleteRegisteredLimit(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    await assertUnused(tx, id, 'delete');
    if (!(await deleteRow(tx, registeredLimits, id))) throw errors.NotFound('registered limit', id);
  });
}

/** Makes limits of projects or domains, all or none. Each needs a registered limit to depart from. */
export function createLimits(room: Room, bodies: readonly LimitBody[]): Promise<LimitRow[]> {
  return room.store.tx(async (tx) => {
    const made: LimitRow[] = [];
    for (const body of bodies) {
      const { project_id = null, domain_id = null } = body;
      if ((project_id === null) === (domain_id === null)) {
        throw errors.Invalid('A limit is of a project or of a domain.');
      }
      if (project_id !== null && (await findRow<ProjectRow>(tx, projects, project_id)) === undefined) {
        throw errors.NotFound('project', project_id);
      }
      if (domain_id !== null && (await findRow<DomainRow>(tx, domains, domain_id)) === undefined) {
        throw errors.NotFound('domain', domain_id);
      }
      const [registered] = await tx.query<{ id: string }>({
        text: `select id from identity_registered_limits
               where service_id = $1 and resource_name = $2 and region_id is not distinct from $3`,
        values: [body.service_id, body.resource_name, body.region_id ?? null],
      });
      if (registered === undefined) {
        throw errors.Refused(`There is no registered limit for ${body.resource_name} to depart from.`);
      }
      const row = {
        id: newId(),
        registered_limit_id: registered.id,
        project_id,
        domain_id,
        resource_limit: body.resource_limit,
        description: body.description,
      };
      made.push(await orConflict('limit', DUPLICATE, insertRow<LimitRow>(tx, limits, row)));
    }
    return made;
  });
}

/** Changes a limit's number or description. */
export async function updateLimit(
  room: Room,
  id: string,
  body: { resource_limit?: number; description?: string | null },
): Promise<LimitRow> {
  const { resource_limit, description } = body;
  const row = await updateRow<LimitRow>(room.store, limits, id, { resource_limit, description });
  if (row === undefined) throw errors.NotFound('limit', id);
  return row;
}

/** Removes a limit: the registered one holds again. */
export async function deleteLimit(room: Room, id: string): Promise<void> {
  if (!(await deleteRow(room.store, limits, id))) throw errors.NotFound('limit', id);
}

async function assertPlace(tx: Tx, body: RegisteredLimitBody): Promise<void> {
  if ((await findRow(tx, services, body.service_id ?? '')) === undefined) {
    throw errors.Invalid(`Could not find service: ${body.service_id}.`);
  }
  if (body.region_id != null && (await findRow(tx, regions, body.region_id)) === undefined) {
    throw errors.Invalid(`Could not find region: ${body.region_id}.`);
  }
}

async function assertUnused(tx: Tx, id: string, verb: string): Promise<void> {
  const [used] = await tx.query({
    text: 'select 1 from identity_limits where registered_limit_id = $1 limit 1',
    values: [id],
  });
  if (used !== undefined) throw errors.Refused(`Unable to ${verb} registered limit ${id}: projects have limits of it.`);
}
