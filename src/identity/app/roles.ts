import { errors } from '../errors.ts';
import { mergeExtra } from '../model/extra.ts';
import { newId } from '../model/ids.ts';
import { assertMutable, changeOptions, optionsOf } from '../model/options.ts';
import { noteChange } from '../store/changes.ts';
import { orConflict } from '../store/constraints.ts';
import { deleteRow, findRow, insertRow, updateRow } from '../store/rows.ts';
import { type DomainRow, domains, type RoleRow, roles } from '../store/tables.ts';
import type { Room } from './room.ts';

export interface RoleBody {
  name?: string;
  description?: string | null;
  domain_id?: string | null;
  options?: Record<string, unknown>;
  [extra: string]: unknown;
}

const ROLE_FIELDS = ['id', 'name', 'description', 'domain_id', 'options', 'links'];

/** Makes a role, of all domains or of one. */
export async function createRole(room: Room, body: RoleBody): Promise<RoleRow> {
  const domainId = body.domain_id ?? null;
  if (domainId !== null && (await findRow<DomainRow>(room.store, domains, domainId)) === undefined) {
    throw errors.NotFound('domain', domainId);
  }
  return orConflict(
    'role',
    `Duplicate entry found with name ${body.name}`,
    insertRow<RoleRow>(room.store, roles, {
      id: newId(),
      name: body.name,
      domain_id: domainId,
      description: body.description,
      options: JSON.stringify(changeOptions('role', {}, body.options ?? {})),
      extra: mergeExtra('{}', body, ROLE_FIELDS),
    }),
  );
}

/** Changes a role. */
export function updateRole(room: Room, id: string, body: RoleBody): Promise<RoleRow> {
  return room.store.tx(async (tx) => {
    const now = await findRow<RoleRow>(tx, roles, id, true);
    if (now === undefined) throw errors.NotFound('role', id);
    const options = changeOptions('role', optionsOf(now.options), body.options ?? {});
    assertMutable('role', id, optionsOf(now.options), options);
    if (body.domain_id !== undefined && body.domain_id !== now.domain_id) {
      throw errors.Invalid('A role cannot be moved to another domain.');
    }
    const row = await orConflict(
      'role',
      `Duplicate entry found with name ${body.name}`,
      updateRow<RoleRow>(tx, roles, id, {
        name: body.name,
        description: body.description,
        options: JSON.stringify(options),
        extra: mergeExtra(now.extra, body, ROLE_FIELDS),
      }),
    );
    await noteChange(tx, 'all');
    return row as RoleRow;
  });
}

/** Removes a role and all that was granted with it. */
export function deleteRole(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    const now = await findRow<RoleRow>(tx, roles, id, true);
    if (now === undefined) throw errors.NotFound('role', id);
    assertMutable('role', id, optionsOf(now.options));
    await deleteRow(tx, roles, id);
    await noteChange(tx, 'all');
  });
}

/** Roles the given one implies directly. */
export function impliedBy(room: Room, priorId: string): Promise<RoleRow[]> {
  const columns = roles.columns.map((column) => `r.${column}`).join(', ');
  return room.store.query<RoleRow>({
    text: `select ${columns} from identity_implied_roles i join identity_roles r on r.id = i.implied_id
           where i.prior_id = $1 order by r.name, r.id`,
    values: [priorId],
  });
}

/**
 * Lets one role imply another. Throws `Refused` when the implied one would be a role of a single domain, or is
 * `admin` (nobody becomes admin by way of another role), and when a circle would close.
 */
export function implyRole(room: Room, prior: RoleRow, implied: RoleRow): Promise<boolean> {
  if (implied.domain_id !== null) throw errors.Refused('A role of a single domain cannot be implied by another role.');
  if (implied.name.toLowerCase() === 'admin') throw errors.Refused('The role admin cannot be implied by another role.');
  return room.store.tx(async (tx) => {
    await tx.query({ text: 'lock table identity_implied_roles in share row exclusive mode' });
    const circle = await tx.query({
      text: `with recursive below(id) as (
               select $1::text union select i.implied_id from below b join identity_implied_roles i on i.prior_id = b.id)
             select 1 from below where id = $2`,
      values: [implied.id, prior.id],
    });
    if (circle.length > 0) throw errors.Refused('Roles cannot imply each other in a circle.');
    const rows = await tx.query({
      text: `insert into identity_implied_roles (prior_id, implied_id) values ($1, $2)
             on conflict do nothing returning 1`,
      values: [prior.id, implied.id],
    });
    await noteChange(tx, 'all');
    return rows.length > 0;
  });
}

/** Takes an implication away. Throws `NotFound` when it was not there. */
export function unimplyRole(room: Room, priorId: string, impliedId: string): Promise<void> {
  return room.store.tx(async (tx) => {
    const rows = await tx.query({
      text: 'delete from identity_implied_roles where prior_id = $1 and implied_id = $2 returning 1',
      values: [priorId, impliedId],
    });
    if (rows.length === 0) throw errors.NotFound(`role implied by ${priorId}`, impliedId);
    await noteChange(tx, 'all');
  });
}
