import type { Call, Changes, Columns, Held, NewColumns, Wish } from '../../model/resource.ts';
import { RULE_KINDS } from '../../model/qos.ts';
import { defaultPolicy, rulesOfPolicy, userOfPolicy } from '../../store/qos.ts';
import { shareWithAll, unshare } from '../../store/rbac.ts';
import { deleteRow, insertRows } from '../../store/rows.ts';
import type { Reader } from '#store/contract';
import { refusals } from '../../refusals.ts';
import { errors } from './errors.ts';

/** Makes QoS policies. Throws `QoSPolicyDefaultAlreadyExists`. */
export async function createPolicies(
  { tx }: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  for (const [at, wish] of wishes.entries()) {
    const row = columns[at] as NewColumns;
    await demandOneDefault(tx, row.project_id, row.id, wish);
    await insertRows(tx, 'net_qos_policies', [row]);
    if (wish['shared'] === true) await shareWithAll(tx, 'qos_policy', row.id, row.project_id, 'access_as_shared');
  }
}

/** Changes a policy. Throws `QoSPolicyDefaultAlreadyExists`. */
export async function updatePolicy({ tx }: Call, row: Held, changes: Changes, columns: Columns): Promise<Columns> {
  await demandOneDefault(tx, row.project_id, row.id, changes);
  if (changes['shared'] === true) await shareWithAll(tx, 'qos_policy', row.id, row.project_id, 'access_as_shared');
  if (changes['shared'] === false) await unshare(tx, 'qos_policy', row.id, 'access_as_shared', false);
  return columns;
}

/** Deletes a policy with its rules. Throws `QosPolicyInUse`. */
export async function deletePolicy({ tx }: Call, { id }: Held): Promise<void> {
  const user = await userOfPolicy(tx, id);
  if (user !== undefined) throw refusals.QosPolicyInUse(id, user);
  await unshare(tx, 'qos_policy', id, null, true);
  await deleteRow(tx, { table: 'net_qos_policies' }, id);
}

async function demandOneDefault(reader: Reader, project: string, id: string, values: Changes): Promise<void> {
  if (values['is_default'] !== true) return;
  if ((await defaultPolicy(reader, project, id)) !== undefined) throw errors.QoSPolicyDefaultAlreadyExists(project);
}

/** Throws `QosRuleNotSupported` when the policy has a rule that nobody would enforce on ports and networks. */
export async function demandEnforceable(reader: Reader, policy: string): Promise<void> {
  for (const { type } of await rulesOfPolicy(reader, policy)) {
    if (RULE_KINDS.some((kind) => kind.type === type && !kind.enforced))
      throw errors.QosRuleNotSupported(type, 'ports and networks');
  }
}
