import { errors } from '../errors.ts';
import { mergeExtra } from '../model/extra.ts';
import { newId } from '../model/ids.ts';
import { noteChange } from '../store/changes.ts';
import { orConflict } from '../store/constraints.ts';
import { deleteRow, findRow, insertRow, updateRow } from '../store/rows.ts';
import { type DomainRow, domains, type GroupRow, groups } from '../store/tables.ts';
import type { Room } from './room.ts';

export interface GroupBody {
  name?: string;
  description?: string | null;
  domain_id?: string;
  [extra: string]: unknown;
}

const GROUP_FIELDS = ['id', 'name', 'description', 'domain_id', 'links'];

/** Makes a group in a domain. */
export async function createGroup(room: Room, body: GroupBody, domainId: string): Promise<GroupRow> {
  if ((await findRow<DomainRow>(room.store, domains, domainId)) === undefined)
    throw errors.NotFound('domain', domainId);
  return orConflict(
    'group',
    `Duplicate entry found with name ${body.name} at domain ID ${domainId}`,
    insertRow<GroupRow>(room.store, groups, {
      id: newId(),
      domain_id: domainId,
      name: body.name,
      description: body.description ?? '',
      extra: mergeExtra('{}', body, GROUP_FIELDS),
    }),
  );
}

/** Changes a group. */
export function updateGroup(room: Room, id: string, body: GroupBody): Promise<GroupRow> {
  return room.store.tx(async (tx) => {
    const now = await findRow<GroupRow>(tx, groups, id, true);
    if (now === undefined) throw errors.NotFound('group', id);
    if (body.domain_id !== undefined && body.domain_id !== now.domain_id) {
      throw errors.Invalid('A group cannot be moved to another domain.');
    }
    const row = await orConflict(
      'group',
      `Duplicate entry found with name ${body.name} at domain ID ${now.domain_id}`,
      updateRow<GroupRow>(tx, groups, id, {
        name: body.name,
        description: body.description === null ? '' : body.description,
        extra: mergeExtra(now.extra, body, GROUP_FIELDS),
      }),
    );
    return row as GroupRow;
  });
}

/** Removes a group; its members lose what they had by it at once. */
export function deleteGroup(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    if (!(await deleteRow(tx, groups, id))) throw errors.NotFound('group', id);
    await noteChange(tx, 'all');
  });
}

/** Adds a user to a group; already being there is fine. */
export function addMember(room: Room, groupId: string, userId: string): Promise<void> {
  return room.store.tx(async (tx) => {
    await tx.query({
      text: 'insert into identity_group_members (group_id, user_id) values ($1, $2) on conflict do nothing',
      values: [groupId, userId],
    });
    await noteChange(tx, 'user', userId);
  });
}

/** Takes a user out of a group. Throws `NotFound` when it was not in it. */
export function removeMember(room: Room, groupId: string, userId: string): Promise<void> {
  return room.store.tx(async (tx) => {
    const rows = await tx.query({
      text: 'delete from identity_group_members where group_id = $1 and user_id = $2 returning 1',
      values: [groupId, userId],
    });
    if (rows.length === 0) throw errors.NotFound(`user in group ${groupId}`, userId);
    await noteChange(tx, 'user', userId);
  });
}

/** Is the user in the group? */
export async function isMember(room: Room, groupId: string, userId: string): Promise<boolean> {
  const rows = await room.store.query({
    text: 'select 1 from identity_group_members where group_id = $1 and user_id = $2',
    values: [groupId, userId],
  });
  return rows.length > 0;
}
