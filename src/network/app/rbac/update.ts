import type { Call, Changes, Columns, Held } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { demandUnused } from './delete.ts';
import { readPolicy } from '../../store/rbac-objects.ts';

/** Shares with another project instead. Throws `RbacPolicyInUse` when the one before uses it. */
export async function updateRbacPolicy(
  { tx }: Call,
  { id }: Held,
  changes: Changes,
  columns: Columns,
): Promise<Columns> {
  const policy = await readPolicy(tx, id);
  if (policy === undefined) throw refusals.RbacPolicyNotFound(id);
  const target = changes['target_tenant'];
  if (target !== undefined && target !== policy.target_project && target !== '*') await demandUnused(tx, policy);
  return columns;
}
