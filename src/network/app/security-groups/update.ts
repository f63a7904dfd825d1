import type { Call, Changes, Columns, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { findMember, readGroup } from '../../store/group-rules.ts';

/** Changes a security group. What ports in it rely on stays: whether it keeps states. */
export async function updateSecurityGroup(
  { tx }: Call,
  { id }: Held,
  changes: Changes,
  columns: Columns,
): Promise<Columns> {
  const group = await readGroup(tx, id);
  if (group === undefined) throw refusals.SecurityGroupNotFound(id);
  const { name, stateful } = changes;
  if (name !== undefined && name !== group.name) {
    if (group.is_default) throw refusals.SecurityGroupCannotUpdateDefault();
    if (String(name).toLowerCase() === 'default') throw refusals.SecurityGroupDefaultAlreadyExists();
  }
  if (stateful !== undefined && stateful !== group.stateful && (await findMember(tx, id)) !== undefined)
    throw refusals.SecurityGroupInUse(id, 'ports are in it, and stateful cannot change under them');
  return columns;
}
