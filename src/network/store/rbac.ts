import { newUuid } from '#kernel/ids';
import type { Reader } from '#store/contract';
import type { RbacPolicyTable } from './tables.ts';

type Kind = RbacPolicyTable['object_type'];
type Action = RbacPolicyTable['action'];

/** Shares something with everybody; nothing new when it is. */
export async function shareWithAll(
  reader: Reader,
  kind: Kind,
  id: string,
  owner: string,
  action: Action,
): Promise<void> {
  const text = `insert into net_rbac_policies (id, project_id, object_type, object_id, target_project, action)
    values ($1, $2, $3, $4, '*', $5) on conflict do nothing`;
  await reader.query({ name: 'network share', text, values: [newUuid(), owner, kind, id, action] });
}

/** Ends sharing with everybody (`all` false) or with anybody at all. */
export async function unshare(
  reader: Reader,
  kind: Kind,
  id: string,
  action: Action | null,
  all: boolean,
): Promise<void> {
  const text = `delete from net_rbac_policies where object_type = $1 and object_id = $2
    and ($3::text is null or action = $3) and ($4 or target_project = '*')`;
  await reader.query({ name: 'network unshare', text, values: [kind, id, action, all] });
}
