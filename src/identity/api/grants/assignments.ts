import type { Handler, RequestContext } from '#http/contract';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { type AssignmentFilter, type AssignmentRow, listAssignments } from '../../store/assignments.ts';
import { findRow } from '../../store/rows.ts';
import { type ProjectRow, projects } from '../../store/tables.ts';
import { demand } from '../guard.ts';
import { isAsked, linkTo, V3 } from '../listing.ts';
import { projectTarget } from '../projects/handlers.ts';

/** `GET /v3/role_assignments` with all of Keystone's filters. */
export function listAssignmentsHandler(room: Room): Handler {
  return async (context, input) => {
    const { query } = input;
    const text = (name: string) => (typeof query[name] === 'string' ? (query[name] as string) : undefined);
    const effective = isAsked(query, 'effective');
    const subtree = isAsked(query, 'include_subtree');
    const names = isAsked(query, 'include_names');
    const inheritedTo = text('scope.OS-INHERIT:inherited_to');
    const filter: AssignmentFilter = {
      userId: text('user.id'),
      groupId: text('group.id'),
      roleId: text('role.id'),
      projectId: text('scope.project.id'),
      domainId: text('scope.domain.id'),
      system: query['scope.system'] === undefined ? undefined : isAsked(query, 'scope.system'),
      inherited: inheritedTo === undefined ? undefined : inheritedTo === 'projects',
      effective,
      subtree,
    };
    if (filter.userId !== undefined && filter.groupId !== undefined) {
      throw errors.Invalid('A user and a group cannot be asked for together.');
    }
    if (filter.projectId !== undefined && filter.domainId !== undefined) {
      throw errors.Invalid('A project and a domain cannot be asked for together.');
    }
    if (effective && filter.groupId !== undefined) {
      throw errors.Invalid('Effective assignments are those of users; they cannot be asked for by group.');
    }
    if (subtree) {
      if (filter.projectId === undefined) throw errors.Invalid('scope.project.id must be given with include_subtree.');
      const project = await findRow<ProjectRow>(room.store, projects, filter.projectId);
      demand(context, 'identity:list_role_assignments_for_tree', project === undefined ? {} : projectTarget(project));
    } else if (!context.allows('identity:list_role_assignments')) {
      const own = context.caller.domainId;
      demand(context, 'identity:list_role_assignments', { domain_id: own });
      filter.withinDomain = own ?? '';
    }
    const rows = await listAssignments(room.store, filter);
    const self = `${context.baseUrl}${V3}/role_assignments`;
    return {
      body: {
        role_assignments: rows.map((row) => show(context, row, names)),
        links: { next: null, self, previous: null },
      },
    };
  };
}

function show(context: RequestContext, row: AssignmentRow, names: boolean): Record<string, unknown> {
  const domain = (id: string | null, name: string | null) => (id === null ? {} : { domain: { id, name } });
  const actor = names ? domain(row.actor_domain_id, row.actor_domain_name) : {};
  const scope: Record<string, unknown> = {};
  const where: string[] = [];
  if (row.project_id !== null) {
    const named = { name: row.project_name, ...domain(row.target_domain_id, row.target_domain_name) };
    scope['project'] = { id: row.project_id, ...(names ? named : {}) };
    where.push('projects', row.project_id);
  } else if (row.domain_id !== null) {
    scope['domain'] = { id: row.domain_id, ...(names ? { name: row.domain_name } : {}) };
    where.push('domains', row.domain_id);
  } else {
    scope['system'] = { all: true };
    where.push('system');
  }
  if (row.inherited) scope['OS-INHERIT:inherited_to'] = 'projects';
  const by = row.via_group ?? row.group_id;
  const who = by === null ? ['users', row.user_id ?? ''] : ['groups', by];
  const path = [...where, ...who, 'roles', row.role_id];
  const role = {
    id: row.role_id,
    ...(names ? { name: row.role_name, ...domain(row.role_domain_id, row.role_domain_name) } : {}),
  };
  const link = row.inherited
    ? linkTo(context, 'OS-INHERIT', ...path, 'inherited_to_projects')
    : linkTo(context, ...path);
  const membership =
    row.via_group !== null && row.user_id !== null
      ? { membership: linkTo(context, 'groups', row.via_group, 'users', row.user_id) }
      : {};
  return {
    role,
    ...(row.user_id !== null
      ? { user: { id: row.user_id, ...(names ? { name: row.user_name, ...actor } : {}) } }
      : { group: { id: row.group_id, ...(names ? { name: row.group_name, ...actor } : {}) } }),
    scope,
    links: { assignment: link, ...membership },
  };
}
