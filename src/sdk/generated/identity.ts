// Generated from the route table of identity by `npm run generate`; a check compares. Do not edit.
import type { Operation } from '../operation.ts';

export interface TokenIssueBody {
  auth: { identity: { methods: string[]; password?: { user: { id?: string | undefined; name?: string | undefined; domain?: { id?: string | undefined; name?: string | undefined; } | undefined; password: string; }; } | undefined; token?: { id: string; } | undefined; application_credential?: { id?: string | undefined; name?: string | undefined; secret: string; user?: { id?: string | undefined; name?: string | undefined; domain?: { id?: string | undefined; name?: string | undefined; } | undefined; } | undefined; } | undefined; }; scope?: "unscoped" | { unscoped?: Record<string, unknown> | undefined; project?: { id?: string | undefined; name?: string | undefined; domain?: { id?: string | undefined; name?: string | undefined; } | undefined; } | undefined; domain?: { id?: string | undefined; name?: string | undefined; } | undefined; system?: { all?: boolean | undefined; } | undefined; } | undefined; };
}

export interface AuthProjectsQuery {
  limit?: number | undefined;
  marker?: string | undefined;
  [name: string]: unknown;
}

export interface UserCreateBody {
  user: { name: string; password?: string | null | undefined; enabled?: boolean | undefined; domain_id?: string | undefined; default_project_id?: string | null | undefined; description?: string | null | undefined; email?: string | null | undefined; options?: Record<string, boolean | null | unknown[]> | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface UserUpdateBody {
  user: { id?: string | undefined; name?: string | undefined; password?: string | null | undefined; enabled?: boolean | undefined; domain_id?: string | undefined; default_project_id?: string | null | undefined; description?: string | null | undefined; email?: string | null | undefined; options?: Record<string, boolean | null | unknown[]> | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface UserPasswordBody {
  user: { password: string; original_password: string; };
}

export interface GroupCreateBody {
  group: { name: string; description?: string | null | undefined; domain_id?: string | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface GroupUpdateBody {
  group: { id?: string | undefined; name?: string | undefined; description?: string | null | undefined; domain_id?: string | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface ProjectCreateBody {
  project: { name: string; description?: string | null | undefined; enabled?: boolean | undefined; domain_id?: string | null | undefined; parent_id?: string | null | undefined; is_domain?: boolean | undefined; tags?: string[] | undefined; options?: Record<string, boolean | null | unknown[]> | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface ProjectUpdateBody {
  project: { id?: string | undefined; name?: string | undefined; description?: string | null | undefined; enabled?: boolean | undefined; domain_id?: string | null | undefined; parent_id?: string | null | undefined; is_domain?: boolean | undefined; tags?: string[] | undefined; options?: Record<string, boolean | null | unknown[]> | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface ProjectTagsSetBody {
  tags: string[];
}

export interface DomainCreateBody {
  domain: { name: string; explicit_domain_id?: string | undefined; description?: string | null | undefined; enabled?: boolean | undefined; tags?: string[] | undefined; options?: Record<string, boolean | null | unknown[]> | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface DomainUpdateBody {
  domain: { id?: string | undefined; name?: string | undefined; description?: string | null | undefined; enabled?: boolean | undefined; tags?: string[] | undefined; options?: Record<string, boolean | null | unknown[]> | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface RoleCreateBody {
  role: { name: string; description?: string | null | undefined; domain_id?: string | null | undefined; options?: Record<string, boolean | null | unknown[]> | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface RoleUpdateBody {
  role: { id?: string | undefined; name?: string | undefined; description?: string | null | undefined; domain_id?: string | null | undefined; options?: Record<string, boolean | null | unknown[]> | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface RegionCreateBody {
  region: { id?: string | null | undefined; description?: string | null | undefined; parent_region_id?: string | null | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface RegionUpdateBody {
  region: { id?: string | undefined; description?: string | null | undefined; parent_region_id?: string | null | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface ServiceCreateBody {
  service: { type: string; name?: string | null | undefined; description?: string | null | undefined; enabled?: boolean | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface ServiceUpdateBody {
  service: { id?: string | undefined; type?: string | undefined; name?: string | null | undefined; description?: string | null | undefined; enabled?: boolean | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface EndpointCreateBody {
  endpoint: { service_id: string; interface: "public" | "internal" | "admin"; url: string; region?: string | null | undefined; region_id?: string | null | undefined; name?: string | null | undefined; description?: string | null | undefined; enabled?: boolean | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface EndpointUpdateBody {
  endpoint: { id?: string | undefined; service_id?: string | undefined; interface?: "public" | "internal" | "admin" | undefined; url?: string | undefined; region?: string | null | undefined; region_id?: string | null | undefined; name?: string | null | undefined; description?: string | null | undefined; enabled?: boolean | undefined; [name: string]: unknown; };
  [name: string]: unknown;
}

export interface ApplicationCredentialCreateBody {
  application_credential: { name: string; secret?: string | undefined; description?: string | null | undefined; expires_at?: string | null | undefined; unrestricted?: boolean | undefined; roles?: ({ id?: string | undefined; name?: string | undefined; domain?: unknown; })[] | undefined; access_rules?: ({ id?: string | undefined; service?: string | undefined; method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined; path?: string | undefined; })[] | undefined; project_id?: unknown; };
}

export interface RegisteredLimitCreateBody {
  registered_limits: ({ service_id: string; region_id?: string | null | undefined; resource_name: string; default_limit: number; description?: string | null | undefined; })[];
}

export interface RegisteredLimitUpdateBody {
  registered_limit: { service_id?: string | undefined; region_id?: string | null | undefined; resource_name?: string | undefined; default_limit?: number | undefined; description?: string | null | undefined; };
}

export interface LimitCreateBody {
  limits: ({ service_id: string; project_id?: string | null | undefined; domain_id?: string | null | undefined; region_id?: string | null | undefined; resource_name: string; resource_limit: number; description?: string | null | undefined; })[];
}

export interface LimitUpdateBody {
  limit: { resource_limit?: number | undefined; description?: string | null | undefined; };
}

/** Every operation of the service, by name. */
export const identity = {
  /** Versions of the identity service */
  identityVersions: { id: 'identity.versions', method: 'GET', path: '/identity/' } as Operation<undefined, undefined, undefined, unknown>,
  /** Version 3 of the identity service */
  identityV3: { id: 'identity.v3', method: 'GET', path: '/identity/v3' } as Operation<undefined, undefined, undefined, unknown>,
  /** Log in */
  tokenIssue: { id: 'token.issue', method: 'POST', path: '/identity/v3/auth/tokens' } as Operation<undefined, undefined, TokenIssueBody, unknown>,
  /** Show a token */
  tokenValidate: { id: 'token.validate', method: 'GET', path: '/identity/v3/auth/tokens' } as Operation<undefined, undefined, undefined, unknown>,
  /** Take a token back */
  tokenRevoke: { id: 'token.revoke', method: 'DELETE', path: '/identity/v3/auth/tokens' } as Operation<undefined, undefined, undefined, unknown>,
  /** The catalog of the token */
  authCatalog: { id: 'auth.catalog', method: 'GET', path: '/identity/v3/auth/catalog' } as Operation<undefined, undefined, undefined, unknown>,
  /** Projects the user can log in to */
  authProjects: { id: 'auth.projects', method: 'GET', path: '/identity/v3/auth/projects' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Domains the user can log in to */
  authDomains: { id: 'auth.domains', method: 'GET', path: '/identity/v3/auth/domains' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Can the user log in to the system? */
  authSystem: { id: 'auth.system', method: 'GET', path: '/identity/v3/auth/system' } as Operation<undefined, undefined, undefined, unknown>,
  /** List users */
  userList: { id: 'user.list', method: 'GET', path: '/identity/v3/users' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Create a user */
  userCreate: { id: 'user.create', method: 'POST', path: '/identity/v3/users' } as Operation<undefined, undefined, UserCreateBody, unknown>,
  /** Show a user */
  userGet: { id: 'user.get', method: 'GET', path: '/identity/v3/users/:user_id' } as Operation<{ user_id: string }, undefined, undefined, unknown>,
  /** Change a user */
  userUpdate: { id: 'user.update', method: 'PATCH', path: '/identity/v3/users/:user_id' } as Operation<{ user_id: string }, undefined, UserUpdateBody, unknown>,
  /** Delete a user */
  userDelete: { id: 'user.delete', method: 'DELETE', path: '/identity/v3/users/:user_id' } as Operation<{ user_id: string }, undefined, undefined, unknown>,
  /** Change one's own password */
  userPassword: { id: 'user.password', method: 'POST', path: '/identity/v3/users/:user_id/password' } as Operation<{ user_id: string }, undefined, UserPasswordBody, unknown>,
  /** List the projects a user has a role in */
  userProjects: { id: 'user.projects', method: 'GET', path: '/identity/v3/users/:user_id/projects' } as Operation<{ user_id: string }, AuthProjectsQuery, undefined, unknown>,
  /** List a user's groups */
  userGroups: { id: 'user.groups', method: 'GET', path: '/identity/v3/users/:user_id/groups' } as Operation<{ user_id: string }, AuthProjectsQuery, undefined, unknown>,
  /** List groups */
  groupList: { id: 'group.list', method: 'GET', path: '/identity/v3/groups' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Create a group */
  groupCreate: { id: 'group.create', method: 'POST', path: '/identity/v3/groups' } as Operation<undefined, undefined, GroupCreateBody, unknown>,
  /** Show a group */
  groupGet: { id: 'group.get', method: 'GET', path: '/identity/v3/groups/:group_id' } as Operation<{ group_id: string }, undefined, undefined, unknown>,
  /** Change a group */
  groupUpdate: { id: 'group.update', method: 'PATCH', path: '/identity/v3/groups/:group_id' } as Operation<{ group_id: string }, undefined, GroupUpdateBody, unknown>,
  /** Delete a group */
  groupDelete: { id: 'group.delete', method: 'DELETE', path: '/identity/v3/groups/:group_id' } as Operation<{ group_id: string }, undefined, undefined, unknown>,
  /** List the users of a group */
  groupUsers: { id: 'group.users', method: 'GET', path: '/identity/v3/groups/:group_id/users' } as Operation<{ group_id: string }, AuthProjectsQuery, undefined, unknown>,
  /** Is a user in a group? */
  groupUserGet: { id: 'group.user.get', method: 'GET', path: '/identity/v3/groups/:group_id/users/:user_id' } as Operation<{ group_id: string; user_id: string }, undefined, undefined, unknown>,
  /** Add a user to a group */
  groupUserAdd: { id: 'group.user.add', method: 'PUT', path: '/identity/v3/groups/:group_id/users/:user_id' } as Operation<{ group_id: string; user_id: string }, undefined, undefined, unknown>,
  /** Take a user out of a group */
  groupUserRemove: { id: 'group.user.remove', method: 'DELETE', path: '/identity/v3/groups/:group_id/users/:user_id' } as Operation<{ group_id: string; user_id: string }, undefined, undefined, unknown>,
  /** List projects */
  projectList: { id: 'project.list', method: 'GET', path: '/identity/v3/projects' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Create a project */
  projectCreate: { id: 'project.create', method: 'POST', path: '/identity/v3/projects' } as Operation<undefined, undefined, ProjectCreateBody, unknown>,
  /** Show a project */
  projectGet: { id: 'project.get', method: 'GET', path: '/identity/v3/projects/:project_id' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** Change a project */
  projectUpdate: { id: 'project.update', method: 'PATCH', path: '/identity/v3/projects/:project_id' } as Operation<{ project_id: string }, undefined, ProjectUpdateBody, unknown>,
  /** Delete a project */
  projectDelete: { id: 'project.delete', method: 'DELETE', path: '/identity/v3/projects/:project_id' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** List a project's tags */
  projectTags: { id: 'project.tags', method: 'GET', path: '/identity/v3/projects/:project_id/tags' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** Replace a project's tags */
  projectTagsSet: { id: 'project.tags.set', method: 'PUT', path: '/identity/v3/projects/:project_id/tags' } as Operation<{ project_id: string }, undefined, ProjectTagsSetBody, unknown>,
  /** Remove a project's tags */
  projectTagsClear: { id: 'project.tags.clear', method: 'DELETE', path: '/identity/v3/projects/:project_id/tags' } as Operation<{ project_id: string }, undefined, undefined, unknown>,
  /** Does a project have a tag? */
  projectTagGet: { id: 'project.tag.get', method: 'GET', path: '/identity/v3/projects/:project_id/tags/:tag' } as Operation<{ project_id: string; tag: string }, undefined, undefined, unknown>,
  /** Add a tag to a project */
  projectTagAdd: { id: 'project.tag.add', method: 'PUT', path: '/identity/v3/projects/:project_id/tags/:tag' } as Operation<{ project_id: string; tag: string }, undefined, undefined, unknown>,
  /** Remove a tag from a project */
  projectTagRemove: { id: 'project.tag.remove', method: 'DELETE', path: '/identity/v3/projects/:project_id/tags/:tag' } as Operation<{ project_id: string; tag: string }, undefined, undefined, unknown>,
  /** List domains */
  domainList: { id: 'domain.list', method: 'GET', path: '/identity/v3/domains' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Create a domain */
  domainCreate: { id: 'domain.create', method: 'POST', path: '/identity/v3/domains' } as Operation<undefined, undefined, DomainCreateBody, unknown>,
  /** Show a domain */
  domainGet: { id: 'domain.get', method: 'GET', path: '/identity/v3/domains/:domain_id' } as Operation<{ domain_id: string }, undefined, undefined, unknown>,
  /** Change a domain */
  domainUpdate: { id: 'domain.update', method: 'PATCH', path: '/identity/v3/domains/:domain_id' } as Operation<{ domain_id: string }, undefined, DomainUpdateBody, unknown>,
  /** Delete a domain */
  domainDelete: { id: 'domain.delete', method: 'DELETE', path: '/identity/v3/domains/:domain_id' } as Operation<{ domain_id: string }, undefined, undefined, unknown>,
  /** List roles */
  roleList: { id: 'role.list', method: 'GET', path: '/identity/v3/roles' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Create a role */
  roleCreate: { id: 'role.create', method: 'POST', path: '/identity/v3/roles' } as Operation<undefined, undefined, RoleCreateBody, unknown>,
  /** Show a role */
  roleGet: { id: 'role.get', method: 'GET', path: '/identity/v3/roles/:role_id' } as Operation<{ role_id: string }, undefined, undefined, unknown>,
  /** Change a role */
  roleUpdate: { id: 'role.update', method: 'PATCH', path: '/identity/v3/roles/:role_id' } as Operation<{ role_id: string }, undefined, RoleUpdateBody, unknown>,
  /** Delete a role */
  roleDelete: { id: 'role.delete', method: 'DELETE', path: '/identity/v3/roles/:role_id' } as Operation<{ role_id: string }, undefined, undefined, unknown>,
  /** List the roles a role implies */
  roleImplies: { id: 'role.implies', method: 'GET', path: '/identity/v3/roles/:role_id/implies' } as Operation<{ role_id: string }, undefined, undefined, unknown>,
  /** Show an implication */
  roleImpliedGet: { id: 'role.implied.get', method: 'GET', path: '/identity/v3/roles/:role_id/implies/:implied_role_id' } as Operation<{ role_id: string; implied_role_id: string }, undefined, undefined, unknown>,
  /** Let a role imply another */
  roleImpliedAdd: { id: 'role.implied.add', method: 'PUT', path: '/identity/v3/roles/:role_id/implies/:implied_role_id' } as Operation<{ role_id: string; implied_role_id: string }, undefined, undefined, unknown>,
  /** Take an implication away */
  roleImpliedRemove: { id: 'role.implied.remove', method: 'DELETE', path: '/identity/v3/roles/:role_id/implies/:implied_role_id' } as Operation<{ role_id: string; implied_role_id: string }, undefined, undefined, unknown>,
  /** List all implications */
  roleInferences: { id: 'role.inferences', method: 'GET', path: '/identity/v3/role_inferences' } as Operation<undefined, undefined, undefined, unknown>,
  /** List the roles of a user on a project */
  grantProjectUserList: { id: 'grant.project.user.list', method: 'GET', path: '/identity/v3/projects/:project_id/users/:user_id/roles' } as Operation<{ project_id: string; user_id: string }, undefined, undefined, unknown>,
  /** Has a user on a project a role? */
  grantProjectUserShow: { id: 'grant.project.user.show', method: 'GET', path: '/identity/v3/projects/:project_id/users/:user_id/roles/:role_id' } as Operation<{ project_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a user on a project */
  grantProjectUserGrant: { id: 'grant.project.user.grant', method: 'PUT', path: '/identity/v3/projects/:project_id/users/:user_id/roles/:role_id' } as Operation<{ project_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a user on a project */
  grantProjectUserRevoke: { id: 'grant.project.user.revoke', method: 'DELETE', path: '/identity/v3/projects/:project_id/users/:user_id/roles/:role_id' } as Operation<{ project_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a user on a project */
  grantProjectUserInheritedList: { id: 'grant.project.user.inherited.list', method: 'GET', path: '/identity/v3/OS-INHERIT/projects/:project_id/users/:user_id/roles/inherited_to_projects' } as Operation<{ project_id: string; user_id: string }, undefined, undefined, unknown>,
  /** Has a user on a project a role? */
  grantProjectUserInheritedShow: { id: 'grant.project.user.inherited.show', method: 'GET', path: '/identity/v3/OS-INHERIT/projects/:project_id/users/:user_id/roles/:role_id/inherited_to_projects' } as Operation<{ project_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a user on a project */
  grantProjectUserInheritedGrant: { id: 'grant.project.user.inherited.grant', method: 'PUT', path: '/identity/v3/OS-INHERIT/projects/:project_id/users/:user_id/roles/:role_id/inherited_to_projects' } as Operation<{ project_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a user on a project */
  grantProjectUserInheritedRevoke: { id: 'grant.project.user.inherited.revoke', method: 'DELETE', path: '/identity/v3/OS-INHERIT/projects/:project_id/users/:user_id/roles/:role_id/inherited_to_projects' } as Operation<{ project_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a group on a project */
  grantProjectGroupList: { id: 'grant.project.group.list', method: 'GET', path: '/identity/v3/projects/:project_id/groups/:group_id/roles' } as Operation<{ project_id: string; group_id: string }, undefined, undefined, unknown>,
  /** Has a group on a project a role? */
  grantProjectGroupShow: { id: 'grant.project.group.show', method: 'GET', path: '/identity/v3/projects/:project_id/groups/:group_id/roles/:role_id' } as Operation<{ project_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a group on a project */
  grantProjectGroupGrant: { id: 'grant.project.group.grant', method: 'PUT', path: '/identity/v3/projects/:project_id/groups/:group_id/roles/:role_id' } as Operation<{ project_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a group on a project */
  grantProjectGroupRevoke: { id: 'grant.project.group.revoke', method: 'DELETE', path: '/identity/v3/projects/:project_id/groups/:group_id/roles/:role_id' } as Operation<{ project_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a group on a project */
  grantProjectGroupInheritedList: { id: 'grant.project.group.inherited.list', method: 'GET', path: '/identity/v3/OS-INHERIT/projects/:project_id/groups/:group_id/roles/inherited_to_projects' } as Operation<{ project_id: string; group_id: string }, undefined, undefined, unknown>,
  /** Has a group on a project a role? */
  grantProjectGroupInheritedShow: { id: 'grant.project.group.inherited.show', method: 'GET', path: '/identity/v3/OS-INHERIT/projects/:project_id/groups/:group_id/roles/:role_id/inherited_to_projects' } as Operation<{ project_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a group on a project */
  grantProjectGroupInheritedGrant: { id: 'grant.project.group.inherited.grant', method: 'PUT', path: '/identity/v3/OS-INHERIT/projects/:project_id/groups/:group_id/roles/:role_id/inherited_to_projects' } as Operation<{ project_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a group on a project */
  grantProjectGroupInheritedRevoke: { id: 'grant.project.group.inherited.revoke', method: 'DELETE', path: '/identity/v3/OS-INHERIT/projects/:project_id/groups/:group_id/roles/:role_id/inherited_to_projects' } as Operation<{ project_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a user on a domain */
  grantDomainUserList: { id: 'grant.domain.user.list', method: 'GET', path: '/identity/v3/domains/:domain_id/users/:user_id/roles' } as Operation<{ domain_id: string; user_id: string }, undefined, undefined, unknown>,
  /** Has a user on a domain a role? */
  grantDomainUserShow: { id: 'grant.domain.user.show', method: 'GET', path: '/identity/v3/domains/:domain_id/users/:user_id/roles/:role_id' } as Operation<{ domain_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a user on a domain */
  grantDomainUserGrant: { id: 'grant.domain.user.grant', method: 'PUT', path: '/identity/v3/domains/:domain_id/users/:user_id/roles/:role_id' } as Operation<{ domain_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a user on a domain */
  grantDomainUserRevoke: { id: 'grant.domain.user.revoke', method: 'DELETE', path: '/identity/v3/domains/:domain_id/users/:user_id/roles/:role_id' } as Operation<{ domain_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a user on a domain */
  grantDomainUserInheritedList: { id: 'grant.domain.user.inherited.list', method: 'GET', path: '/identity/v3/OS-INHERIT/domains/:domain_id/users/:user_id/roles/inherited_to_projects' } as Operation<{ domain_id: string; user_id: string }, undefined, undefined, unknown>,
  /** Has a user on a domain a role? */
  grantDomainUserInheritedShow: { id: 'grant.domain.user.inherited.show', method: 'GET', path: '/identity/v3/OS-INHERIT/domains/:domain_id/users/:user_id/roles/:role_id/inherited_to_projects' } as Operation<{ domain_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a user on a domain */
  grantDomainUserInheritedGrant: { id: 'grant.domain.user.inherited.grant', method: 'PUT', path: '/identity/v3/OS-INHERIT/domains/:domain_id/users/:user_id/roles/:role_id/inherited_to_projects' } as Operation<{ domain_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a user on a domain */
  grantDomainUserInheritedRevoke: { id: 'grant.domain.user.inherited.revoke', method: 'DELETE', path: '/identity/v3/OS-INHERIT/domains/:domain_id/users/:user_id/roles/:role_id/inherited_to_projects' } as Operation<{ domain_id: string; user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a group on a domain */
  grantDomainGroupList: { id: 'grant.domain.group.list', method: 'GET', path: '/identity/v3/domains/:domain_id/groups/:group_id/roles' } as Operation<{ domain_id: string; group_id: string }, undefined, undefined, unknown>,
  /** Has a group on a domain a role? */
  grantDomainGroupShow: { id: 'grant.domain.group.show', method: 'GET', path: '/identity/v3/domains/:domain_id/groups/:group_id/roles/:role_id' } as Operation<{ domain_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a group on a domain */
  grantDomainGroupGrant: { id: 'grant.domain.group.grant', method: 'PUT', path: '/identity/v3/domains/:domain_id/groups/:group_id/roles/:role_id' } as Operation<{ domain_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a group on a domain */
  grantDomainGroupRevoke: { id: 'grant.domain.group.revoke', method: 'DELETE', path: '/identity/v3/domains/:domain_id/groups/:group_id/roles/:role_id' } as Operation<{ domain_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a group on a domain */
  grantDomainGroupInheritedList: { id: 'grant.domain.group.inherited.list', method: 'GET', path: '/identity/v3/OS-INHERIT/domains/:domain_id/groups/:group_id/roles/inherited_to_projects' } as Operation<{ domain_id: string; group_id: string }, undefined, undefined, unknown>,
  /** Has a group on a domain a role? */
  grantDomainGroupInheritedShow: { id: 'grant.domain.group.inherited.show', method: 'GET', path: '/identity/v3/OS-INHERIT/domains/:domain_id/groups/:group_id/roles/:role_id/inherited_to_projects' } as Operation<{ domain_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a group on a domain */
  grantDomainGroupInheritedGrant: { id: 'grant.domain.group.inherited.grant', method: 'PUT', path: '/identity/v3/OS-INHERIT/domains/:domain_id/groups/:group_id/roles/:role_id/inherited_to_projects' } as Operation<{ domain_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a group on a domain */
  grantDomainGroupInheritedRevoke: { id: 'grant.domain.group.inherited.revoke', method: 'DELETE', path: '/identity/v3/OS-INHERIT/domains/:domain_id/groups/:group_id/roles/:role_id/inherited_to_projects' } as Operation<{ domain_id: string; group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a user on the system */
  grantSystemUserList: { id: 'grant.system.user.list', method: 'GET', path: '/identity/v3/system/users/:user_id/roles' } as Operation<{ user_id: string }, undefined, undefined, unknown>,
  /** Has a user on the system a role? */
  grantSystemUserShow: { id: 'grant.system.user.show', method: 'GET', path: '/identity/v3/system/users/:user_id/roles/:role_id' } as Operation<{ user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a user on the system */
  grantSystemUserGrant: { id: 'grant.system.user.grant', method: 'PUT', path: '/identity/v3/system/users/:user_id/roles/:role_id' } as Operation<{ user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a user on the system */
  grantSystemUserRevoke: { id: 'grant.system.user.revoke', method: 'DELETE', path: '/identity/v3/system/users/:user_id/roles/:role_id' } as Operation<{ user_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List the roles of a group on the system */
  grantSystemGroupList: { id: 'grant.system.group.list', method: 'GET', path: '/identity/v3/system/groups/:group_id/roles' } as Operation<{ group_id: string }, undefined, undefined, unknown>,
  /** Has a group on the system a role? */
  grantSystemGroupShow: { id: 'grant.system.group.show', method: 'GET', path: '/identity/v3/system/groups/:group_id/roles/:role_id' } as Operation<{ group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Grant a role to a group on the system */
  grantSystemGroupGrant: { id: 'grant.system.group.grant', method: 'PUT', path: '/identity/v3/system/groups/:group_id/roles/:role_id' } as Operation<{ group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** Take a role from a group on the system */
  grantSystemGroupRevoke: { id: 'grant.system.group.revoke', method: 'DELETE', path: '/identity/v3/system/groups/:group_id/roles/:role_id' } as Operation<{ group_id: string; role_id: string }, undefined, undefined, unknown>,
  /** List role assignments */
  assignmentList: { id: 'assignment.list', method: 'GET', path: '/identity/v3/role_assignments' } as Operation<undefined, undefined, undefined, unknown>,
  /** List regions */
  regionList: { id: 'region.list', method: 'GET', path: '/identity/v3/regions' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Create a region */
  regionCreate: { id: 'region.create', method: 'POST', path: '/identity/v3/regions' } as Operation<undefined, undefined, RegionCreateBody, unknown>,
  /** Show a region */
  regionGet: { id: 'region.get', method: 'GET', path: '/identity/v3/regions/:region_id' } as Operation<{ region_id: string }, undefined, undefined, unknown>,
  /** Change a region */
  regionUpdate: { id: 'region.update', method: 'PATCH', path: '/identity/v3/regions/:region_id' } as Operation<{ region_id: string }, undefined, RegionUpdateBody, unknown>,
  /** Delete a region */
  regionDelete: { id: 'region.delete', method: 'DELETE', path: '/identity/v3/regions/:region_id' } as Operation<{ region_id: string }, undefined, undefined, unknown>,
  /** Create a region with an id of choice */
  regionPut: { id: 'region.put', method: 'PUT', path: '/identity/v3/regions/:region_id' } as Operation<{ region_id: string }, undefined, RegionUpdateBody, unknown>,
  /** List services */
  serviceList: { id: 'service.list', method: 'GET', path: '/identity/v3/services' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Create a service */
  serviceCreate: { id: 'service.create', method: 'POST', path: '/identity/v3/services' } as Operation<undefined, undefined, ServiceCreateBody, unknown>,
  /** Show a service */
  serviceGet: { id: 'service.get', method: 'GET', path: '/identity/v3/services/:service_id' } as Operation<{ service_id: string }, undefined, undefined, unknown>,
  /** Change a service */
  serviceUpdate: { id: 'service.update', method: 'PATCH', path: '/identity/v3/services/:service_id' } as Operation<{ service_id: string }, undefined, ServiceUpdateBody, unknown>,
  /** Delete a service */
  serviceDelete: { id: 'service.delete', method: 'DELETE', path: '/identity/v3/services/:service_id' } as Operation<{ service_id: string }, undefined, undefined, unknown>,
  /** List endpoints */
  endpointList: { id: 'endpoint.list', method: 'GET', path: '/identity/v3/endpoints' } as Operation<undefined, AuthProjectsQuery, undefined, unknown>,
  /** Create a endpoint */
  endpointCreate: { id: 'endpoint.create', method: 'POST', path: '/identity/v3/endpoints' } as Operation<undefined, undefined, EndpointCreateBody, unknown>,
  /** Show a endpoint */
  endpointGet: { id: 'endpoint.get', method: 'GET', path: '/identity/v3/endpoints/:endpoint_id' } as Operation<{ endpoint_id: string }, undefined, undefined, unknown>,
  /** Change a endpoint */
  endpointUpdate: { id: 'endpoint.update', method: 'PATCH', path: '/identity/v3/endpoints/:endpoint_id' } as Operation<{ endpoint_id: string }, undefined, EndpointUpdateBody, unknown>,
  /** Delete a endpoint */
  endpointDelete: { id: 'endpoint.delete', method: 'DELETE', path: '/identity/v3/endpoints/:endpoint_id' } as Operation<{ endpoint_id: string }, undefined, undefined, unknown>,
  /** List a user's application credentials */
  applicationCredentialList: { id: 'application_credential.list', method: 'GET', path: '/identity/v3/users/:user_id/application_credentials' } as Operation<{ user_id: string }, AuthProjectsQuery, undefined, unknown>,
  /** Create an application credential for the project of the token */
  applicationCredentialCreate: { id: 'application_credential.create', method: 'POST', path: '/identity/v3/users/:user_id/application_credentials' } as Operation<{ user_id: string }, undefined, ApplicationCredentialCreateBody, unknown>,
  /** Show an application credential */
  applicationCredentialGet: { id: 'application_credential.get', method: 'GET', path: '/identity/v3/users/:user_id/application_credentials/:credential_id' } as Operation<{ user_id: string; credential_id: string }, undefined, undefined, unknown>,
  /** Delete an application credential */
  applicationCredentialDelete: { id: 'application_credential.delete', method: 'DELETE', path: '/identity/v3/users/:user_id/application_credentials/:credential_id' } as Operation<{ user_id: string; credential_id: string }, undefined, undefined, unknown>,
  /** List a user's access rules */
  accessRuleList: { id: 'access_rule.list', method: 'GET', path: '/identity/v3/users/:user_id/access_rules' } as Operation<{ user_id: string }, AuthProjectsQuery, undefined, unknown>,
  /** Show an access rule */
  accessRuleGet: { id: 'access_rule.get', method: 'GET', path: '/identity/v3/users/:user_id/access_rules/:rule_id' } as Operation<{ user_id: string; rule_id: string }, undefined, undefined, unknown>,
  /** Delete an access rule */
  accessRuleDelete: { id: 'access_rule.delete', method: 'DELETE', path: '/identity/v3/users/:user_id/access_rules/:rule_id' } as Operation<{ user_id: string; rule_id: string }, undefined, undefined, unknown>,
  /** List registered limits */
  registeredLimitList: { id: 'registered_limit.list', method: 'GET', path: '/identity/v3/registered_limits' } as Operation<undefined, undefined, undefined, unknown>,
  /** Create registered limits */
  registeredLimitCreate: { id: 'registered_limit.create', method: 'POST', path: '/identity/v3/registered_limits' } as Operation<undefined, undefined, RegisteredLimitCreateBody, unknown>,
  /** Show a registered limit */
  registeredLimitGet: { id: 'registered_limit.get', method: 'GET', path: '/identity/v3/registered_limits/:limit_id' } as Operation<{ limit_id: string }, undefined, undefined, unknown>,
  /** Change a registered limit */
  registeredLimitUpdate: { id: 'registered_limit.update', method: 'PATCH', path: '/identity/v3/registered_limits/:limit_id' } as Operation<{ limit_id: string }, undefined, RegisteredLimitUpdateBody, unknown>,
  /** Delete a registered limit */
  registeredLimitDelete: { id: 'registered_limit.delete', method: 'DELETE', path: '/identity/v3/registered_limits/:limit_id' } as Operation<{ limit_id: string }, undefined, undefined, unknown>,
  /** How limits are enforced */
  limitModel: { id: 'limit.model', method: 'GET', path: '/identity/v3/limits/model' } as Operation<undefined, undefined, undefined, unknown>,
  /** List limits */
  limitList: { id: 'limit.list', method: 'GET', path: '/identity/v3/limits' } as Operation<undefined, undefined, undefined, unknown>,
  /** Create limits */
  limitCreate: { id: 'limit.create', method: 'POST', path: '/identity/v3/limits' } as Operation<undefined, undefined, LimitCreateBody, unknown>,
  /** Show a limit */
  limitGet: { id: 'limit.get', method: 'GET', path: '/identity/v3/limits/:limit_id' } as Operation<{ limit_id: string }, undefined, undefined, unknown>,
  /** Change a limit */
  limitUpdate: { id: 'limit.update', method: 'PATCH', path: '/identity/v3/limits/:limit_id' } as Operation<{ limit_id: string }, undefined, LimitUpdateBody, unknown>,
  /** Delete a limit */
  limitDelete: { id: 'limit.delete', method: 'DELETE', path: '/identity/v3/limits/:limit_id' } as Operation<{ limit_id: string }, undefined, undefined, unknown>,
};
