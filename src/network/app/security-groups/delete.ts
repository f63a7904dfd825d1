import type { Call, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { dropRulesAbout, findMember, readGroup } from '../../store/group-rules.ts';
import { unshare } from '../../store/rbac.ts';
import { deleteRow } from '../../store/rows.ts';

/** Deletes a security group, with rules of others that name it. Throws `SecurityGroupInUse` while ports are in it. */
export async function deleteSecurityGroup(call: Call, { id }: Held): Promise<void> {
  const { tx } = call;
  const group = await readGroup(tx, id);
  // The cloud's admin takes it away with the project; it comes again on the project's next touch.
  if (group?.is_default === true && !call.allows('network_admin')) throw refusals.SecurityGroupCannotRemoveDefault();
  const port = await findMember(tx, id);
  if (port !== undefined) throw refusals.SecurityGroupInUse(id, `port ${port} is in it`);
  await dropRulesAbout(tx, id);
  await unshare(tx, 'security_group', id, null, true);
  await deleteRow(tx, { table: 'net_security_groups' }, id);
}
