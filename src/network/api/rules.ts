import type { RuleDefinition, RuleSet } from '#contracts/policy';
import { ADMIN } from '../model/checks.ts';
import type { Resource } from '../model/resource.ts';
import { resources } from './resources/index.ts';
import { machineRules } from './machine-routes.ts';
import { serviceRules } from './service-routes.ts';

// The rules of the Network API, made of the descriptions of its resources. Names are Neutron's.

const base: readonly RuleDefinition[] = [
  {
    name: 'network_admin',
    check:
      '(role:admin and (system_scope:all or is_admin_project:True)) or (role:service and (system_scope:all or is_service_project:True))',
    description: "The cloud's admin, for networks; services of ours count as it",
  },
  {
    name: 'network_reader',
    check: 'role:reader and system_scope:all',
    description: 'Whoever may look at everything',
  },
  {
    name: 'get_quota',
    check: `${ADMIN} or rule:network_reader or (role:reader and project_id:%(project_id)s)`,
    description: 'See the quotas of a project',
  },
  { name: 'update_quota', check: ADMIN, description: 'Change the quotas of a project' },
  { name: 'delete_quota', check: ADMIN, description: 'Give a project the usual quotas again' },
  { name: 'get_extensions', check: '', description: 'Ask what the network service can do' },
];

/** Rules of one resource. */
export function rulesOf(resource: Resource): RuleDefinition[] {
  const { name, title, rules, fields, actions = {}, tags, collection } = resource;
  const found: RuleDefinition[] = [];
  const add = (rule: string, check: string | undefined, description: string) => {
    if (check !== undefined) found.push({ name: rule, check, description });
  };
  add(`create_${name}`, rules.create, `Make a ${title}`);
  add(`get_${name}`, rules.get, `See a ${title}`);
  add(`update_${name}`, rules.update, `Change a ${title}`);
  add(`delete_${name}`, rules.delete, `Delete a ${title}`);
  for (const [field, { see, set }] of Object.entries(fields)) {
    add(`get_${name}:${field}`, see, `See ${field} of a ${title}`);
    const guards = typeof set === 'string' ? { create: set, update: set } : (set ?? {});
    if (rules.create !== undefined) add(`create_${name}:${field}`, guards.create, `Make a ${title} with ${field} set`);
    if (rules.update !== undefined) add(`update_${name}:${field}`, guards.update, `Change ${field} of a ${title}`);
  }
  for (const [action, { check, summary, rule }] of Object.entries(actions)) {
    const ruleName = rule ?? action;
    if (!found.some((one) => one.name === ruleName)) add(ruleName, check, summary);
  }
  for (const [rule, [check, says]] of Object.entries(resource.moreRules ?? {})) add(rule, check, says);
  if (tags === true) {
    add(`get_${collection}_tags`, rules.get, `See tags of a ${title}`);
    add(`update_${collection}_tags`, rules.update, `Set tags of a ${title}`);
    add(`delete_${collection}_tags`, rules.update, `Remove tags of a ${title}`);
  }
  return found;
}

/** All rules of the network service. */
export const networkRules: RuleSet = {
  service: 'network',
  targets: ['project_id', 'tenant_id', 'network_project', 'shared', 'external', 'parent_project'],
  rules: [...base, ...serviceRules, ...machineRules, ...resources.flatMap(rulesOf)],
};
