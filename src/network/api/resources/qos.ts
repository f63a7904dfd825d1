import { Type } from 'typebox';
import { createPolicies, deletePolicy, updatePolicy } from '../../app/qos/policies.ts';
import { changeRule, createRule, deleteRule } from '../../app/qos/rules.ts';
import { ADMIN, SHARED_READER } from '../../model/checks.ts';
import {
  description,
  flag,
  history,
  id,
  name,
  ownership,
  ownFact,
  sharedSql,
  shown,
  tags,
} from '../../model/fields.ts';
import { RULE_KINDS, type RuleKind } from '../../model/qos.ts';
import type { Fact, Field, NewColumns, Resource } from '../../model/resource.ts';

/** What a rule of each kind says, as JSON; what it has not is left out. */
const RULES = `(select coalesce(json_agg(json_strip_nulls(json_build_object('id', r.id, 'qos_policy_id', r.policy_id,
    'type', r.type, 'direction', r.direction, 'max_kbps', r.max_kbps, 'max_burst_kbps', r.max_burst_kbps,
    'min_kbps', r.min_kbps, 'dscp_mark', r.dscp_mark, 'max_kpps', r.max_kpps, 'max_burst_kpps', r.max_burst_kpps,
    'min_kpps', r.min_kpps)) order by r.seq), '[]')
  from net_qos_rules r where r.policy_id = t.id)`;

/** QoS policies: rules for the traffic of ports. */
export const qosPolicies: Resource = {
  name: 'policy',
  collection: 'policies',
  path: 'qos/policies',
  title: 'QoS policy',
  notFound: 'QosPolicyNotFound',
  inUse: 'QosPolicyInUse',
  table: 'net_qos_policies',
  tags: true,
  fields: {
    id,
    name,
    ...ownership,
    shared: { sql: sharedSql('qos_policy'), input: Type.Boolean(), preset: false, filter: 'boolean' },
    is_default: flag('is_default', false),
    rules: shown(RULES),
    description,
    tags,
    ...history,
  },
  facts: { ...ownFact, shared: { sql: sharedSql('qos_policy'), kind: 'flag' } },
  // What a network carries is its operator's to share out.
  rules: { create: ADMIN, get: SHARED_READER, update: ADMIN, delete: ADMIN },
  create: createPolicies,
  update: updatePolicy,
  delete: deletePolicy,
};

/** What rules of a kind say. */
function saysOf({ parameters }: RuleKind): Record<string, Field> {
  return Object.fromEntries(
    parameters.map(({ name: column, values, range, optional = false }): [string, Field] => [
      column,
      {
        sql: `t.${column}`,
        column,
        input:
          values === undefined
            ? Type.Integer({ minimum: range?.start ?? 0, maximum: range?.end ?? 0 })
            : Type.Enum([...values]),
        filter: 'integer',
        sort: true,
        ...(optional ? { preset: 0 } : { create: 'must' }),
      },
    ]),
  );
}

const ofPolicy: Readonly<Record<string, Fact>> = {
  project_id: { sql: '(select p.project_id from net_qos_policies p where p.id = t.policy_id)', kind: 'project' },
  shared: { sql: sharedSql('qos_policy', 'access_as_shared', 't.policy_id'), kind: 'flag' },
};

const ruleResource = (kind: RuleKind): Resource => ({
  name: kind.resource,
  collection: `${kind.resource}s`,
  title: `${kind.type.replaceAll('_', ' ')} rule`,
  notFound: 'QosRuleNotFound',
  table: 'net_qos_rules',
  where: `t.type = '${kind.type}'`,
  parent: { resource: qosPolicies, param: 'policy_id', sql: 't.policy_id' },
  fields: {
    id,
    ...saysOf(kind),
    ...(kind.directions.length > 0 && {
      direction: {
        sql: 't.direction',
        column: 'direction',
        input: Type.Enum([...kind.directions]),
        preset: 'egress',
        filter: 'text',
        sort: true,
      } satisfies Field,
    }),
    qos_policy_id: shown('t.policy_id'),
  },
  facts: ofPolicy,
  rules: { create: ADMIN, get: SHARED_READER, update: ADMIN, delete: ADMIN },
  async create(call, wishes, columns) {
    for (const [at, wish] of wishes.entries()) {
      await createRule(call, kind, String(wish['policy_id']), columns[at] as NewColumns);
    }
  },
  update: (call, row, _, columns) => changeRule(call, kind, row.id, columns),
  delete: (call, row) => deleteRule(call, row.id),
});

/** Rules of policies, one resource a kind. */
export const qosRules: readonly Resource[] = RULE_KINDS.map(ruleResource);
