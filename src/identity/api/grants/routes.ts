import type { Route } from '#http/contract';
import { AnyQuery } from '../schemas.ts';

// Granting a role is the same for every pair of actor and target, so its routes are made from a table.

export type Actor = 'user' | 'group';
export type Target = 'project' | 'domain' | 'system';

/** One family of grants. */
export interface GrantFamily {
  actor: Actor;
  target: Target;
  inherited: boolean;
  /** Ids of its routes: `<name>.list`, `.check`, `.show`, `.grant`, `.revoke`. */
  name: string;
  /** `/v3/projects/:project_id/users/:user_id/roles` */
  list: string;
  /** The same with a role. */
  one: string;
}

export const GRANT_FAMILIES: readonly GrantFamily[] = (['project', 'domain', 'system'] as const).flatMap((target) =>
  (['user', 'group'] as const).flatMap((actor) =>
    (target === 'system' ? [false] : [false, true]).map((inherited): GrantFamily => {
      const where = target === 'system' ? '/system' : `/${target}s/:${target}_id`;
      const list = `/v3${inherited ? '/OS-INHERIT' : ''}${where}/${actor}s/:${actor}_id/roles`;
      return {
        actor,
        target,
        inherited,
        name: `grant.${target}.${actor}${inherited ? '.inherited' : ''}`,
        list: inherited ? `${list}/inherited_to_projects` : list,
        one: `${list}/:role_id${inherited ? '/inherited_to_projects' : ''}`,
      };
    }),
  ),
);

/** The policy rule of a verb; the system's grants have rules of their own. */
export function grantRule(family: GrantFamily, verb: 'check' | 'list' | 'create' | 'revoke'): string {
  const plural = verb === 'list' ? 's' : '';
  return family.target === 'system'
    ? `identity:${verb}_system_grant${plural}_for_${family.actor}`
    : `identity:${verb}_grant${plural}`;
}

function routesOf(family: GrantFamily): Route[] {
  const { name, list, one, actor, target } = family;
  const query = AnyQuery;
  const to = `${actor === 'user' ? 'a user' : 'a group'} on ${target === 'system' ? 'the system' : `a ${target}`}`;
  const guard = 'handler' as const;
  return [
    {
      id: `${name}.list`,
      method: 'GET',
      path: list,
      since: 0,
      policy: grantRule(family, 'list'),
      guard,
      summary: `List the roles of ${to}`,
      query,
      success: 200,
    },
    {
      id: `${name}.check`,
      method: 'HEAD',
      path: one,
      since: 0,
      policy: grantRule(family, 'check'),
      guard,
      summary: `Has ${to} a role?`,
      query,
      success: 204,
    },
    {
      id: `${name}.show`,
      method: 'GET',
      path: one,
      since: 0,
      policy: grantRule(family, 'check'),
      guard,
      summary: `Has ${to} a role?`,
      query,
      success: 204,
    },
    {
      id: `${name}.grant`,
      method: 'PUT',
      path: one,
      since: 0,
      policy: grantRule(family, 'create'),
      guard,
      summary: `Grant a role to ${to}`,
      query,
      success: 204,
    },
    {
      id: `${name}.revoke`,
      method: 'DELETE',
      path: one,
      since: 0,
      policy: grantRule(family, 'revoke'),
      guard,
      summary: `Take a role from ${to}`,
      query,
      success: 204,
    },
  ];
}

export const grantRoutes: readonly Route[] = [
  ...GRANT_FAMILIES.flatMap(routesOf),
  {
    id: 'assignment.list',
    method: 'GET',
    path: '/v3/role_assignments',
    since: 0,
    policy: 'identity:list_role_assignments',
    guard: 'handler',
    summary: 'List role assignments',
    query: AnyQuery,
    success: 200,
  },
];
