import type { Call, Held } from '../../model/resource.ts';

/** Deletes a rule; its group has changed with it. */
export async function deleteSecurityGroupRule({ tx }: Call, { id }: Held): Promise<void> {
  const text = `with gone as (delete from net_security_group_rules where id = $1 returning group_id)
    update net_security_groups g set revision = revision + 1, updated_at = clock_timestamp() from gone where g.id = gone.group_id`;
  await tx.query({ name: 'network rule delete', text, values: [id] });
}
