import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import { mergeExtra } from '../model/extra.ts';
import { newId } from '../model/ids.ts';
import { changeOptions, type Options, optionsOf } from '../model/options.ts';
import { noteChange } from '../store/changes.ts';
import { orConflict } from '../store/constraints.ts';
import { revokeUserTokens } from '../store/revocations.ts';
import { deleteRow, findRow, insertRow, updateRow } from '../store/rows.ts';
import { type DomainRow, domains, type ProjectRow, projects, type UserRow, users } from '../store/tables.ts';
import { newPassword, rememberPassword } from './passwords.ts';
import type { Room } from './room.ts';

export interface UserBody {
  name?: string;
  password?: string | null;
  enabled?: boolean;
  domain_id?: string;
  default_project_id?: string | null;
  description?: string | null;
  email?: string | null;
  options?: Record<string, unknown>;
  [extra: string]: unknown;
}

export const USER_FIELDS = [
  'id',
  'name',
  'password',
  'original_password',
  'enabled',
  'domain_id',
  'default_project_id',
  'description',
  'email',
  'options',
  'links',
  'password_expires_at',
  'password_hash',
  'password_must_change',
  'tokens_after',
  'roles',
  'system',
  'federated',
];

/** Makes a user in a domain. */
export async function createUser(room: Room, body: UserBody, domainId: string): Promise<UserRow> {
  const options = changeOptions('user', {}, body.options ?? {});
  const password = body.password == null ? {} : await newPassword(room, body.password, options, undefined, 'admin');
  return room.store.tx(async (tx) => {
    const domain = await findRow<DomainRow>(tx, domains, domainId);
    if (domain === undefined) throw errors.NotFound('domain', domainId);
    await assertDefaultProject(tx, body.default_project_id);
    const name = body.name ?? '';
    const row = await orConflict(
      'user',
      `Duplicate entry found with name ${name} at domain ID ${domain.id}`,
      insertRow<UserRow>(tx, users, {
        id: newId(),
        domain_id: domain.id,
        name,
        enabled: body.enabled ?? true,
        default_project_id: body.default_project_id,
        description: body.description,
        email: body.email,
        options: JSON.stringify(options),
        extra: mergeExtra('{}', body, USER_FIELDS),
        ...password,
      }),
    );
    await rememberPassword(room, tx, row);
    return row;
  });
}

/** Changes a user as an admin does. A new password, or turning the user off, voids all of its tokens. */
export async function updateUser(room: Room, id: string, body: UserBody): Promise<UserRow> {
  const before = await findRow<UserRow>(room.store, users, id);
  if (before === undefined) throw errors.NotFound('user', id);
  const wanted = changeOptions('user', optionsOf(before.options), body.options ?? {});
  const password =
    body.password === undefined
      ? {}
      : body.password === null
        ? { password_hash: null, password_expires_at: null, password_must_change: false }
        : await newPassword(room, body.password, wanted, before, 'admin');
  return room.store.tx(async (tx) => {
    const now = await findRow<UserRow>(tx, users, id, true);
    if (now === undefined) throw errors.NotFound('user', id);
    if (body.domain_id !== undefined && body.domain_id !== now.domain_id) {
      throw errors.Invalid('A user cannot be moved to another domain.');
    }
    await assertDefaultProject(tx, body.default_project_id);
    const row = await orConflict(
      'user',
      `Duplicate entry found with name ${body.name} at domain ID ${now.domain_id}`,
      updateRow<UserRow>(tx, users, id, {
        name: body.name,
        enabled: body.enabled,
        default_project_id: body.default_project_id,
        description: body.description,
        email: body.email,
        options: JSON.stringify(changeOptions('user', optionsOf(now.options), body.options ?? {})),
        extra: mergeExtra(now.extra, body, USER_FIELDS),
        ...password,
      }),
    );
    const stored = row as UserRow;
    if (body.password !== undefined) await rememberPassword(room, tx, stored);
    if (body.password !== undefined || body.enabled === false) await revokeUserTokens(tx, id);
    else await noteChange(tx, 'user', id);
    return stored;
  });
}

/** Changes one's own password, proven by the old one. Voids all tokens of the user. */
export async function changeOwnPassword(room: Room, id: string, password: string): Promise<void> {
  const before = await findRow<UserRow>(room.store, users, id);
  if (before === undefined) throw errors.Unauthorized();
  const options: Options = optionsOf(before.options);
  if (options['lock_password'] === true) throw errors.Refused('The password of this user is locked.');
  const changes = await newPassword(room, password, options, before, 'self');
  await room.store.tx(async (tx) => {
    const row = await updateRow<UserRow>(tx, users, id, changes);
    if (row === undefined) throw errors.Unauthorized();
    await rememberPassword(room, tx, row);
    await revokeUserTokens(tx, id);
  });
}

/** Removes a user with its assignments, memberships and application credentials. */
export function deleteUser(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    if (!(await deleteRow(tx, users, id))) throw errors.NotFound('user', id);
    await noteChange(tx, 'user', id);
  });
}

async function assertDefaultProject(tx: Tx, id: string | null | undefined): Promise<void> {
  if (id === undefined || id === null) return;
  if ((await findRow<ProjectRow>(tx, projects, id)) !== undefined) return;
  if ((await findRow<DomainRow>(tx, domains, id)) !== undefined) {
    throw errors.Invalid('The default project of a user cannot be a domain.');
  }
}
