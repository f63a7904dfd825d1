import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { insertRows } from '../../store/rows.ts';
import { addFirstRules, defaultGroup } from '../../store/security-groups.ts';

/** Makes security groups; each lets out everything. */
export async function createSecurityGroups(
  { tx }: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  for (const { project_id: project, name } of wishes) {
    if (project !== '') await defaultGroup(tx, project);
    if (String(name).toLowerCase() === 'default') throw refusals.SecurityGroupDefaultAlreadyExists();
  }
  await insertRows(tx, 'net_security_groups', columns);
  for (const { id, project_id: project } of columns) await addFirstRules(tx, id, project);
}
