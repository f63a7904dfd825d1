import type { RuleDefinition, RuleSet } from '#contracts/policy';

// Who may do what to users, projects and the rest. Names are Keystone's. Two things are stricter than there:
// `admin` of any project is not the cloud's admin (only with the system's scope, or in the operators' own
// project), and who manages a domain cannot touch accounts and projects that have power over the system.

const ADMIN = 'rule:admin_required';
const SYSTEM_READER = 'rule:identity_system_reader';
const reader = (fact: string) => `(role:reader and domain_id:%(${fact})s)`;
const manager = (fact: string) => `(role:manager and domain_id:%(${fact})s)`;
const READS = `${ADMIN} or ${SYSTEM_READER}`;

const PLAIN_USER = "'False':%(user.privileged)s";
const PLAIN_GROUP = "'False':%(group.privileged)s";
const PLAIN_PROJECT = "'False':%(project.reserved)s";
const OWN_USER = `(${manager('user.domain_id')} and ${PLAIN_USER})`;
const OWN_GROUP = `(${manager('group.domain_id')} and ${PLAIN_GROUP})`;
const OWN_PROJECT = `(${manager('project.domain_id')} and ${PLAIN_PROJECT})`;
const SEES_PROJECT = `${READS} or ${reader('project.domain_id')} or project_id:%(project.id)s`;
const SEES_USER = `${READS} or ${reader('user.domain_id')} or user_id:%(user.id)s`;

/** Actor and target of a grant both in the domain of the caller. */
const inDomain = (role: string) =>
  `(role:${role} and (domain_id:%(user.domain_id)s or domain_id:%(group.domain_id)s)` +
  ` and ((domain_id:%(project.domain_id)s and ${PLAIN_PROJECT}) or domain_id:%(domain.id)s))`;
const ROLE_FITS = '(domain_id:%(role.domain_id)s or None:%(role.domain_id)s)';
const GRANTS = `${ADMIN} or (${inDomain('admin')} and ${ROLE_FITS}) or (${inDomain('manager')} and rule:domain_managed_target_role)`;
const SEES_GRANTS = `${READS} or ${inDomain('reader')}`;

const base: readonly RuleDefinition[] = [
  define('admin_required', 'role:admin and (system_scope:all or is_admin_project:True)', "The cloud's admin"),
  define('identity_system_reader', 'role:reader and system_scope:all', 'Reads everything'),
  define('owner', 'user_id:%(user_id)s', 'The user itself'),
  define('token_subject', 'user_id:%(token.user_id)s', 'The user of the token'),
  define(
    'domain_managed_target_role',
    "'manager':%(role.name)s or 'member':%(role.name)s or 'reader':%(role.name)s",
    "Roles a domain's manager may give",
  ),
];

const MEMBERSHIP = `${ADMIN} or (${manager('group.domain_id')} and domain_id:%(user.domain_id)s and ${PLAIN_GROUP})`;

const rules: Record<string, string> = {
  get_user: SEES_USER,
  list_users: `${READS} or ${reader('domain_id')}`,
  create_user: `${ADMIN} or ${OWN_USER}`,
  update_user: `${ADMIN} or ${OWN_USER}`,
  delete_user: `${ADMIN} or ${OWN_USER}`,
  list_user_projects: SEES_USER,
  list_groups_for_user: SEES_USER,

  get_group: `${READS} or ${reader('group.domain_id')}`,
  list_groups: `${READS} or ${reader('domain_id')}`,
  create_group: `${ADMIN} or ${OWN_GROUP}`,
  update_group: `${ADMIN} or ${OWN_GROUP}`,
  delete_group: `${ADMIN} or ${OWN_GROUP}`,
  list_users_in_group: `${READS} or ${reader('group.domain_id')}`,
  check_user_in_group: `${READS} or (role:reader and domain_id:%(group.domain_id)s and domain_id:%(user.domain_id)s)`,
  add_user_to_group: MEMBERSHIP,
  remove_user_from_group: MEMBERSHIP,

  get_project: SEES_PROJECT,
  list_projects: `${READS} or ${reader('domain_id')}`,
  create_project: `${ADMIN} or ${manager('project.domain_id')}`,
  update_project: `${ADMIN} or ${OWN_PROJECT}`,
  delete_project: `${ADMIN} or ${OWN_PROJECT}`,
  list_project_tags: SEES_PROJECT,
  get_project_tag: SEES_PROJECT,
  update_project_tags: `${ADMIN} or ${OWN_PROJECT}`,
  create_project_tag: `${ADMIN} or ${OWN_PROJECT}`,
  delete_project_tag: `${ADMIN} or ${OWN_PROJECT}`,
  delete_project_tags: `${ADMIN} or ${OWN_PROJECT}`,

  get_domain: `${READS} or domain_id:%(domain.id)s or project_domain_id:%(domain.id)s`,
  list_domains: `${READS} or ${reader('domain.id')}`,
  create_domain: ADMIN,
  update_domain: ADMIN,
  delete_domain: ADMIN,

  get_role: `${READS} or (role:manager and not domain_id:None and rule:domain_managed_target_role)`,
  list_roles: `${READS} or (role:manager and not domain_id:None)`,
  create_role: ADMIN,
  update_role: ADMIN,
  delete_role: ADMIN,
  get_domain_role: READS,
  list_domain_roles: READS,
  create_domain_role: ADMIN,
  update_domain_role: ADMIN,
  delete_domain_role: ADMIN,
  get_implied_role: READS,
  list_implied_roles: READS,
  check_implied_role: READS,
  create_implied_role: ADMIN,
  delete_implied_role: ADMIN,
  list_role_inference_rules: READS,

  check_grant: SEES_GRANTS,
  list_grants: SEES_GRANTS,
  create_grant: GRANTS,
  revoke_grant: GRANTS,
  check_system_grant_for_user: READS,
  list_system_grants_for_user: READS,
  create_system_grant_for_user: ADMIN,
  revoke_system_grant_for_user: ADMIN,
  check_system_grant_for_group: READS,
  list_system_grants_for_group: READS,
  create_system_grant_for_group: ADMIN,
  revoke_system_grant_for_group: ADMIN,
  list_role_assignments: `${READS} or ${reader('domain_id')}`,
  list_role_assignments_for_tree: `${READS} or ${reader('project.domain_id')} or (role:admin and project_id:%(project.id)s)`,

  list_regions: '',
  get_region: '',
  create_region: ADMIN,
  update_region: ADMIN,
  delete_region: ADMIN,
  list_services: READS,
  get_service: READS,
  create_service: ADMIN,
  update_service: ADMIN,
  delete_service: ADMIN,
  list_endpoints: READS,
  get_endpoint: READS,
  create_endpoint: ADMIN,
  update_endpoint: ADMIN,
  delete_endpoint: ADMIN,

  list_application_credentials: `${READS} or rule:owner`,
  get_application_credential: `${READS} or rule:owner`,
  create_application_credential: 'rule:owner',
  delete_application_credential: `${ADMIN} or rule:owner`,
  list_access_rules: `${READS} or rule:owner`,
  get_access_rule: `${READS} or rule:owner`,
  delete_access_rule: `${ADMIN} or rule:owner`,

  list_registered_limits: '',
  get_registered_limit: '',
  create_registered_limits: ADMIN,
  update_registered_limit: ADMIN,
  delete_registered_limit: ADMIN,
  get_limit_model: '',
  list_limits: '',
  list_all_limits: READS,
  get_limit: `${READS} or domain_id:%(limit.domain_id)s or project_id:%(limit.project_id)s`,
  create_limits: ADMIN,
  update_limit: ADMIN,
  delete_limit: ADMIN,

  validate_token: `${READS} or role:service or rule:token_subject`,
  check_token: `${READS} or role:service or rule:token_subject`,
  revoke_token: `${ADMIN} or rule:token_subject`,
  get_auth_catalog: '',
  get_auth_projects: '',
  get_auth_domains: '',
  get_auth_system: '',
};

/** Rules of the doors of our own that stand beside identity. */
const own: readonly RuleDefinition[] = [
  define('policy:list', '', 'See the rules in force'),
  define('policy:explain', '', 'Ask why something is allowed to oneself, or not'),
  define('policy:explain_others', READS, 'Ask it for others'),
  define('audit:list', READS, 'Read audit records'),
  define('audit:verify', READS, 'Check the chain of audit records'),
];

/** All rules of the identity service. */
export const identityRules: RuleSet = {
  service: 'identity',
  targets: [
    'user_id',
    'domain_id',
    'user.id',
    'user.domain_id',
    'user.privileged',
    'group.id',
    'group.domain_id',
    'group.privileged',
    'project.id',
    'project.domain_id',
    'project.reserved',
    'domain.id',
    'role.id',
    'role.name',
    'role.domain_id',
    'limit.project_id',
    'limit.domain_id',
    'token.user_id',
  ],
  prefixes: ['target.'],
  rules: [
    ...base,
    ...Object.entries(rules).map(([name, check]) => define(`identity:${name}`, check, sentence(name))),
    ...own,
  ],
};

function define(name: string, check: string, description: string): RuleDefinition {
  return { name, check, description };
}

/** `list_user_projects` → `List user projects` */
function sentence(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
