import type { Tx } from '#store/contract';
import { type Call, type Columns, type NewColumns } from '../../model/resource.ts';
import { conflict, type RuleFacts, type RuleKind } from '../../model/qos.ts';
import { refusals } from '../../refusals.ts';
import { lockPolicy, rulesOfPolicy, userOfPolicy } from '../../store/qos.ts';
import { deleteRow, insertRows, touchRows } from '../../store/rows.ts';
import { errors } from './errors.ts';

/** Adds a rule to a policy. Throws `QosPolicyNotFound`, `QosRulesConflict`, `QosRuleNotSupported`. */
export async function createRule({ tx }: Call, kind: RuleKind, policy: string, columns: NewColumns): Promise<void> {
  const { project_id: _, ...row } = columns;
  await judge(tx, kind, policy, row);
  await insertRows(tx, 'net_qos_rules', [{ ...row, policy_id: policy, type: kind.type }]);
  await touchRows(tx, 'net_qos_policies', [policy]);
}

/** The columns of a rule that is to change. Throws as `createRule`. */
export async function changeRule({ tx }: Call, kind: RuleKind, id: string, columns: Columns): Promise<Columns> {
  const policy = await policyOf(tx, id);
  await judge(tx, kind, policy, { ...columns, id });
  await touchRows(tx, 'net_qos_policies', [policy]);
  return columns;
}

export async function deleteRule({ tx }: Call, id: string): Promise<void> {
  const policy = await policyOf(tx, id);
  await lockPolicy(tx, policy);
  await deleteRow(tx, { table: 'net_qos_rules' }, id);
  await touchRows(tx, 'net_qos_policies', [policy]);
}

async function judge(tx: Tx, kind: RuleKind, policy: string, row: Columns): Promise<void> {
  if (!(await lockPolicy(tx, policy))) throw refusals.QosPolicyNotFound(policy);
  const all = await rulesOfPolicy(tx, policy);
  const now = all.find(({ id }) => id === row['id']);
  const empty = { direction: null, max_kbps: null, min_kbps: null, max_kpps: null, min_kpps: null };
  const rule = { ...empty, ...now, ...row, type: kind.type } as RuleFacts;
  const other = conflict(all, rule);
  if (other !== undefined) throw errors.QosRulesConflict(policy, kind.type, other.id);
  if (kind.enforced) return;
  const user = await userOfPolicy(tx, policy);
  if (user !== undefined) throw errors.QosRuleNotSupported(kind.type, user);
}

async function policyOf(tx: Tx, rule: string): Promise<string> {
  const text = 'select policy_id as id from net_qos_rules where id = $1';
  const [row] = await tx.query<{ id: string }>({ name: 'qos policy of rule', text, values: [rule] });
  return row?.id ?? '';
}
