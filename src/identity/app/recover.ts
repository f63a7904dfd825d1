import { newId, DEFAULT_DOMAIN } from '../model/ids.ts';
import { makePassword } from '../model/made-password.ts';
import { noteChange } from '../store/changes.ts';
import { revokeUserTokens } from '../store/revocations.ts';
import type { Room } from './room.ts';

/**
 * For who has locked everybody out: makes the admin anew, with the role admin on the system and in the operators'
 * project, enabled, with a new password, which is given back. All tokens of that user are void. Needs access to
 * the database, and thereby to the host: it is a command for operators, never a route.
 */
export async function recoverAdmin(room: Room, name = 'admin'): Promise<{ userName: string; password: string }> {
  const password = makePassword(room.random);
  const hash = await room.hasher.hash(password);
  await room.store.tx(async (tx) => {
    const [user] = await tx.query<{ id: string }>({
      text: `insert into identity_users (id, domain_id, name, enabled, password_hash, password_created_at)
             values ($1, $2, $3, true, $4, now())
             on conflict (domain_id, name) do update set enabled = true, password_hash = excluded.password_hash,
               password_created_at = now(), password_expires_at = null, password_must_change = false, options = '{}'
             returning id`,
      values: [newId(), DEFAULT_DOMAIN, name, hash],
    });
    const id = user?.id ?? '';
    await tx.query({ text: 'update identity_domains set enabled = true where id = $1', values: [DEFAULT_DOMAIN] });
    await tx.query({ text: `update identity_projects set enabled = true where purpose = 'admin'` });
    await tx.query({
      text: `insert into identity_assignments (role_id, user_id, project_id)
             select r.id, $1, place.id from identity_roles r,
               (select id from identity_projects where purpose = 'admin' union all select null) place
             where r.name = 'admin' and r.domain_id is null on conflict do nothing`,
      values: [id],
    });
    await tx.query({
      text: `update identity_users set default_project_id = (select id from identity_projects where purpose = 'admin')
             where id = $1`,
      values: [id],
    });
    await revokeUserTokens(tx, id);
    await noteChange(tx, 'all');
  });
  return { userName: name, password };
}
