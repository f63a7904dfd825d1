import type { Call } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { defaultGroup, usableGroups } from '../../store/security-groups.ts';

/** Groups a port is to be in. Throws `SecurityGroupNotFound` for one its project may not use. */
export async function groupsOf(call: Call, project: string, named: readonly string[] | undefined): Promise<string[]> {
  const { tx } = call;
  if (named === undefined)
    return project === '' ? [] : [await call.once(`default group ${project}`, () => defaultGroup(tx, project))];
  const ids = [...new Set(named.map((id) => id.toLowerCase()))].sort();
  if (ids.length === 0) return [];
  const all = call.allows('network_admin');
  const usable = await call.once(`groups ${project} ${ids.join()}`, () => usableGroups(tx, ids, project, all));
  const missing = ids.find((id) => !usable.has(id));
  if (missing !== undefined) throw refusals.SecurityGroupNotFound(missing);
  return ids;
}
