import type { KnownCaller } from '#contracts/identity';
import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import { newId } from '../model/ids.ts';
import { hashGenerated } from '../passwords/hash.ts';
import { noteChange } from '../store/changes.ts';
import { orConflict } from '../store/constraints.ts';
import { deleteRow, insertRow } from '../store/rows.ts';
import {
  type AccessRuleRow,
  type ApplicationCredentialRow,
  accessRules,
  applicationCredentials,
} from '../store/tables.ts';
import type { Room } from './room.ts';

export interface CredentialBody {
  name: string;
  secret?: string;
  description?: string | null;
  expires_at?: string | null;
  unrestricted?: boolean;
  roles?: { id?: string; name?: string }[];
  access_rules?: { id?: string; service?: string; method?: string; path?: string }[];
}

export interface MadeCredential {
  row: ApplicationCredentialRow;
  /** Shown this once. */
  secret: string;
}

/**
 * Makes an application credential for the caller's own project, with roles the caller has there. A secret not
 * given is made: 64 random bytes.
 */
export async function createCredential(room: Room, caller: KnownCaller, body: CredentialBody): Promise<MadeCredential> {
  const { userId, projectId } = caller;
  if (userId === null || projectId === null) {
    throw errors.Refused('An application credential can only be made with a token for a project.');
  }
  const expires = body.expires_at == null ? null : parseTime(body.expires_at);
  if (expires !== null && expires.getTime() <= room.clock.now()) throw errors.Invalid('expires_at is in the past.');
  const made = body.secret === undefined;
  const secret = body.secret ?? room.random.bytes(64).toString('base64url');
  // One of the user's choice may be weak, so it costs as much to try as a password does.
  const secretHash = made ? hashGenerated(secret) : await room.hasher.hash(secret);
  const row = await room.store.tx(async (tx) => {
    const roleIds = await rolesOf(tx, caller, body.roles);
    const stored = await orConflict(
      'application_credential',
      `Duplicate entry found with name ${body.name}`,
      insertRow<ApplicationCredentialRow>(tx, applicationCredentials, {
        id: newId(),
        user_id: userId,
        project_id: projectId,
        name: body.name,
        description: body.description,
        secret_hash: secretHash,
        unrestricted: body.unrestricted ?? false,
        expires_at: expires,
        has_access_rules: body.access_rules !== undefined,
      }),
    );
    await tx.query({
      text: `insert into identity_application_credential_roles (credential_id, role_id)
             select $1, unnest($2::text[])`,
      values: [stored.id, roleIds],
    });
    for (const rule of body.access_rules ?? []) {
      await tx.query({
        text: `insert into identity_application_credential_rules (credential_id, rule_id) values ($1, $2)
               on conflict do nothing`,
        values: [stored.id, await accessRuleId(tx, userId, rule)],
      });
    }
    return stored;
  });
  return { row, secret };
}

function parseTime(text: string): Date {
  // Without a zone it is UTC, as Keystone takes it.
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(time.getTime())) throw errors.Invalid('expires_at is not a time.');
  return time;
}

/** Ids of the roles asked for, all of which the caller must have now; all of the caller's when none are named. */
async function rolesOf(tx: Tx, caller: KnownCaller, asked: CredentialBody['roles']): Promise<string[]> {
  const all = await tx.query<{ id: string; name: string }>({
    text: 'select id, name from identity_roles where domain_id is null',
  });
  const mine = all.filter((role) => caller.roles.has(role.name.toLowerCase()));
  if (asked === undefined || asked.length === 0) return mine.map((role) => role.id);
  const ids = asked.map(({ id, name }) => {
    const role = mine.find((one) => one.id === id || (id === undefined && one.name === name));
    if (role === undefined) throw errors.Invalid(`The caller does not have the role ${id ?? name ?? ''}.`);
    return role.id;
  });
  return [...new Set(ids)];
}

/** The id of one of the user's access rules: an existing one by id, or by what it says, or a new one. */
async function accessRuleId(
  tx: Tx,
  userId: string,
  rule: NonNullable<CredentialBody['access_rules']>[number],
): Promise<string> {
  if (rule.id !== undefined) {
    const [found] = await tx.query<{ id: string }>({
      text: 'select id from identity_access_rules where id = $1 and user_id = $2',
      values: [rule.id, userId],
    });
    if (found === undefined) throw errors.NotFound('access rule', rule.id);
    return found.id;
  }
  const { service, method, path } = rule;
  if (service === undefined || method === undefined || path === undefined) {
    throw errors.Invalid('An access rule needs service, method and path, or the id of one.');
  }
  // "do update" with no change, so that the row comes back when it was there.
  const [row] = await tx.query<{ id: string }>({
    text: `insert into identity_access_rules (id, user_id, service, method, path) values ($1, $2, $3, $4, $5)
           on conflict (user_id, service, method, path) do update set path = excluded.path returning id`,
    values: [newId(), userId, service, method, path],
  });
  return row?.id ?? '';
}

/** Removes a credential; tokens got with it are void. */
export function deleteCredential(room: Room, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    if (!(await deleteRow(tx, applicationCredentials, id))) throw errors.NotFound('application credential', id);
    await noteChange(tx, 'credential', id);
  });
}

/** The access rules of credentials, by credential. */
export async function rulesOfCredentials(room: Room, ids: readonly string[]): Promise<Map<string, AccessRuleRow[]>> {
  const columns = accessRules.columns.map((column) => `r.${column}`).join(', ');
  const rows = await room.store.query<AccessRuleRow & { credential_id: string }>({
    text: `select c.credential_id, ${columns} from identity_application_credential_rules c
           join identity_access_rules r on r.id = c.rule_id where c.credential_id = any($1::text[]) order by r.id`,
    values: [ids],
  });
  return group(rows);
}

/** The roles of credentials, by credential. */
export async function rolesOfCredentials(
  room: Room,
  ids: readonly string[],
): Promise<Map<string, { id: string; name: string; domain_id: string | null }[]>> {
  const rows = await room.store.query<{ credential_id: string; id: string; name: string; domain_id: string | null }>({
    text: `select c.credential_id, r.id, r.name, r.domain_id from identity_application_credential_roles c
           join identity_roles r on r.id = c.role_id where c.credential_id = any($1::text[]) order by r.name`,
    values: [ids],
  });
  return group(rows);
}

function group<R extends { credential_id: string }>(rows: readonly R[]): Map<string, R[]> {
  const found = new Map<string, R[]>();
  for (const row of rows) {
    const list = found.get(row.credential_id);
    if (list === undefined) found.set(row.credential_id, [row]);
    else list.push(row);
  }
  return found;
}

/** Removes an access rule no credential uses. */
export function deleteAccessRule(room: Room, userId: string, id: string): Promise<void> {
  return room.store.tx(async (tx) => {
    const [used] = await tx.query({
      text: 'select 1 from identity_application_credential_rules where rule_id = $1 limit 1',
      values: [id],
    });
    if (used !== undefined) throw errors.Refused(`The access rule ${id} is used by an application credential.`);
    const rows = await tx.query({
      text: 'delete from identity_access_rules where id = $1 and user_id = $2 returning 1',
      values: [id, userId],
    });
    if (rows.length === 0) throw errors.NotFound('access rule', id);
  });
}
