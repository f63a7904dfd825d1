import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import type { Options } from '../model/options.ts';
import { checkPassword } from '../model/password-rules.ts';
import type { UserRow } from '../store/tables.ts';
import type { Room } from './room.ts';

const DAY_MS = 86_400_000;

/**
 * Checks a new password against the rules and gives the columns to store. Hashes are compared and made before
 * any transaction begins: they take long, and connections are few. Throws `PasswordRefused`.
 */
export async function newPassword(
  room: Room,
  password: string,
  options: Options,
  user: UserRow | undefined,
  by: 'self' | 'admin',
): Promise<Record<string, unknown>> {
  const { passwordRules: rules, clock, hasher, store } = room;
  checkPassword(password, rules);
  const now = clock.now();
  if (by === 'self' && user !== undefined) {
    const set = user.password_created_at === null ? 0 : Date.parse(user.password_created_at);
    if (!user.password_must_change && rules.minimumAgeDays > 0 && now < set + rules.minimumAgeDays * DAY_MS) {
      throw errors.PasswordRefused(`it cannot be changed again before ${rules.minimumAgeDays} day(s) have passed`);
    }
    if (user.password_hash !== null && (await hasher.verify(password, user.password_hash))) {
      throw errors.PasswordRefused('it must not be the one used now');
    }
    if (rules.history > 0) {
      const old = await store.query<{ password_hash: string }>({
        text: 'select password_hash from identity_password_history where user_id = $1 order by created_at desc limit $2',
        values: [user.id, rules.history],
      });
      for (const { password_hash } of old) {
        if (await hasher.verify(password, password_hash)) {
          throw errors.PasswordRefused(`it must not be one of the last ${rules.history}`);
        }
      }
    }
  }
  const expires = rules.expiresDays > 0 && options['ignore_password_expiry'] !== true;
  return {
    password_hash: await hasher.hash(password),
    password_created_at: new Date(now),
    password_expires_at: expires ? new Date(now + rules.expiresDays * DAY_MS) : null,
    password_must_change:
      by === 'admin' && rules.changeAtFirstUse && options['ignore_change_password_upon_first_use'] !== true,
  };
}

/** Keeps the password just stored among those that may not come again, and drops those beyond the rule. */
export async function rememberPassword(room: Room, tx: Tx, user: UserRow): Promise<void> {
  const { history } = room.passwordRules;
  if (history === 0 || user.password_hash === null) return;
  await tx.query({
    text: 'insert into identity_password_history (user_id, password_hash) values ($1, $2)',
    values: [user.id, user.password_hash],
  });
  await tx.query({
    text: `delete from identity_password_history where user_id = $1 and created_at not in
             (select created_at from identity_password_history where user_id = $1 order by created_at desc limit $2)`,
    values: [user.id, history],
  });
}
