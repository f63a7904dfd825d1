import { Type } from 'typebox';
import { createSecurityGroupRules } from '../../app/security-group-rules/create.ts';
import { deleteSecurityGroupRule } from '../../app/security-group-rules/delete.ts';
import { createSecurityGroups } from '../../app/security-groups/create.ts';
import { deleteSecurityGroup } from '../../app/security-groups/delete.ts';
import { updateSecurityGroup } from '../../app/security-groups/update.ts';
import { OWNER_MEMBER, SHARED_READER } from '../../model/checks.ts';
import {
  description,
  flag,
  history,
  id,
  name,
  orNull,
  ownership,
  ownFact,
  reference,
  sharedFact,
  sharedSql,
  shown,
  tags,
  Uuid,
} from '../../model/fields.ts';
import type { Field, Resource } from '../../model/resource.ts';
import { defaultGroup } from '../../store/security-groups.ts';

const optional = (column: string, input: Field['input'], filter: 'text' | 'integer' | 'uuid'): Field => ({
  sql: `t.${column}`,
  input: orNull(input as never),
  update: false,
  filter,
  sort: true,
});

const ruleFields: Readonly<Record<string, Field>> = {
  id,
  ...ownership,
  security_group_id: reference('group_id', { create: 'must', update: false }),
  direction: {
    sql: 't.direction',
    column: 'direction',
    input: Type.Enum(['ingress', 'egress']),
    create: 'must',
    update: false,
    filter: 'text',
    sort: true,
  },
  ethertype: {
    sql: 't.ethertype',
    column: 'ethertype',
    input: Type.Enum(['IPv4', 'IPv6']),
    preset: 'IPv4',
    update: false,
    filter: 'text',
    sort: true,
  },
  protocol: optional('protocol', Type.Union([Type.String({ maxLength: 40 }), Type.Integer()]), 'text'),
  port_range_min: optional('port_range_min', Type.Integer(), 'integer'),
  port_range_max: optional('port_range_max', Type.Integer(), 'integer'),
  remote_ip_prefix: {
    ...optional('remote_ip_prefix', Type.String({ maxLength: 64 }), 'text'),
    sql: 't.remote_ip_prefix::text',
    sort: false,
  },
  remote_group_id: optional('remote_group_id', Uuid, 'uuid'),
  remote_address_group_id: optional('remote_address_group_id', Uuid, 'uuid'),
  normalized_cidr: shown('t.remote_ip_prefix::text'),
  belongs_to_default_sg: shown('(select g.is_default from net_security_groups g where g.id = t.group_id)', {
    filter: 'boolean',
  }),
  description: { ...description, update: false },
  ...history,
};

/** A rule as it stands in its group. */
const RULES = `(select coalesce(json_agg(row_to_json(x)), '[]') from (
  select ${Object.entries(ruleFields)
    .map(([key, { sql }]) => `${(sql ?? '').replaceAll('t.', 'u.')} as "${key}"`)
    .join(', ')}
  from net_security_group_rules u where u.group_id = t.id order by u.seq) x)`;

/** Security groups: what ports may receive and send. */
export const securityGroups: Resource = {
  name: 'security_group',
  collection: 'security_groups',
  path: 'security-groups',
  title: 'security group',
  notFound: 'SecurityGroupNotFound',
  inUse: 'SecurityGroupInUse',
  table: 'net_security_groups',
  quota: { name: 'security_group', fallback: 10 },
  tags: true,
  firstTouch: defaultGroup,
  fields: {
    id,
    name,
    ...ownership,
    stateful: flag('stateful', true),
    shared: shown(sharedSql('security_group'), { filter: 'boolean' }),
    security_group_rules: shown(RULES),
    description,
    tags,
    ...history,
  },
  facts: { ...ownFact, shared: sharedFact('security_group') },
  rules: { create: OWNER_MEMBER, get: SHARED_READER, update: OWNER_MEMBER, delete: OWNER_MEMBER },
  create: createSecurityGroups,
  update: updateSecurityGroup,
  delete: deleteSecurityGroup,
};

/** Rules of security groups; made and deleted, never changed. */
export const securityGroupRules: Resource = {
  name: 'security_group_rule',
  collection: 'security_group_rules',
  path: 'security-group-rules',
  title: 'security group rule',
  notFound: 'SecurityGroupRuleNotFound',
  table: 'net_security_group_rules',
  quota: { name: 'security_group_rule', fallback: 100 },
  firstTouch: defaultGroup,
  fields: ruleFields,
  facts: { ...ownFact, shared: sharedFact('security_group', 'access_as_shared', 't.group_id') },
  rules: { create: OWNER_MEMBER, get: SHARED_READER, delete: OWNER_MEMBER },
  create: createSecurityGroupRules,
  delete: deleteSecurityGroupRule,
};
