import type { Handler, HandlerInput, PolicyTarget, RequestContext } from '#http/contract';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { type Grant, grantRole, rolesGranted, takeRole } from '../../store/assignments.ts';
import { findRow, type Table } from '../../store/rows.ts';
import {
  type DomainRow,
  domains,
  type GroupRow,
  groups,
  type ProjectRow,
  projects,
  type RoleRow,
  roles,
  type UserRow,
  users,
} from '../../store/tables.ts';
import { demand } from '../guard.ts';
import { groupTarget } from '../groups/handlers.ts';
import { listReply } from '../listing.ts';
import { projectTarget } from '../projects/handlers.ts';
import { roleTarget, showRole } from '../roles/handlers.ts';
import { userTarget } from '../users/handlers.ts';
import { listAssignmentsHandler } from './assignments.ts';
import { GRANT_FAMILIES, type GrantFamily, grantRule } from './routes.ts';

/** What a request about a grant names, read from the database; a part that is not there is kept as its name. */
interface Parts {
  grant: Grant;
  target: PolicyTarget;
  role: RoleRow | undefined;
  missing: [what: string, id: string] | undefined;
}

export function grantHandlers(room: Room): Record<string, Handler> {
  const handlers: Record<string, Handler> = { 'assignment.list': listAssignmentsHandler(room) };
  for (const family of GRANT_FAMILIES) Object.assign(handlers, handlersOf(room, family));
  return handlers;
}

function handlersOf(room: Room, family: GrantFamily): Record<string, Handler> {
  const { name } = family;
  /** Asks policy with all that was found, and only then tells what is missing. */
  const open = async (
    context: RequestContext,
    input: HandlerInput,
    verb: 'check' | 'list' | 'create' | 'revoke',
  ): Promise<Parts> => {
    const parts = await readParts(room, family, input.params);
    demand(context, grantRule(family, verb), parts.target);
    if (parts.missing !== undefined) throw errors.NotFound(...parts.missing);
    return parts;
  };
  const openOne = async (context: RequestContext, input: HandlerInput, verb: 'check' | 'create' | 'revoke') => {
    const parts = await open(context, input, verb);
    if (parts.role === undefined) throw errors.NotFound('role', input.params['role_id'] ?? '');
    return { ...parts, role: parts.role };
  };
  const check: Handler = async (context, input) => {
    const { grant, role } = await openOne(context, input, 'check');
    const granted = await rolesGranted(room.store, grant);
    if (!granted.some((one) => one.id === role.id)) throw errors.NotFound('role assignment with role', role.id);
    return {};
  };
  return {
    [`${name}.list`]: async (context, input) => {
      const { grant } = await open(context, input, 'list');
      const rows = await rolesGranted(room.store, grant);
      const path = family.list.replace(/^\/v3/, '').replace(/:(\w+)/g, (_, key: string) => input.params[key] ?? '');
      return listReply(context, input, 'roles', path, rows, (row) => showRole(context, row));
    },
    [`${name}.check`]: check,
    [`${name}.show`]: check,
    [`${name}.grant`]: async (context, input) => {
      const { grant, role, target } = await openOne(context, input, 'create');
      assertRoleFits(role, target);
      await room.store.tx((tx) => grantRole(tx, grant, role.id));
      return {};
    },
    [`${name}.revoke`]: async (context, input) => {
      const { grant, role } = await openOne(context, input, 'revoke');
      const taken = await room.store.tx((tx) => takeRole(tx, grant, role.id));
      if (!taken) throw errors.NotFound('role assignment with role', role.id);
      return {};
    },
  };
}

/** A role of one domain can only be granted on that domain and its projects. */
function assertRoleFits(role: RoleRow, target: PolicyTarget): void {
  if (role.domain_id === null) return;
  const { project, domain } = target as { project?: { domain_id: string }; domain?: { id: string } };
  if ((project?.domain_id ?? domain?.id) !== role.domain_id) {
    throw errors.Refused(`The role ${role.id} belongs to another domain.`);
  }
}

async function readParts(room: Room, family: GrantFamily, params: Record<string, string>): Promise<Parts> {
  const { store } = room;
  const target: PolicyTarget = {};
  let missing: Parts['missing'];
  const read = async <R>(table: Table, what: string, key: string): Promise<R | undefined> => {
    const id = params[key] ?? '';
    const row = await findRow<R>(store, table, id);
    if (row === undefined) missing ??= [what, id];
    return row;
  };
  const role = params['role_id'] === undefined ? undefined : await findRow<RoleRow>(store, roles, params['role_id']);
  if (role !== undefined) Object.assign(target, roleTarget(role));
  if (family.actor === 'user') {
    const user = await read<UserRow>(users, 'user', 'user_id');
    if (user !== undefined) Object.assign(target, await userTarget(room, user, user.id));
  } else {
    const group = await read<GroupRow>(groups, 'group', 'group_id');
    if (group !== undefined) Object.assign(target, await groupTarget(room, group));
  }
  if (family.target === 'project') {
    const project = await read<ProjectRow>(projects, 'project', 'project_id');
    if (project !== undefined) Object.assign(target, projectTarget(project));
  } else if (family.target === 'domain') {
    const domain = await read<DomainRow>(domains, 'domain', 'domain_id');
    if (domain !== undefined) Object.assign(target, { domain: { id: domain.id } });
  }
  const grant: Grant = {
    userId: params['user_id'] ?? null,
    groupId: params['group_id'] ?? null,
    projectId: params['project_id'] ?? null,
    domainId: params['domain_id'] ?? null,
    inherited: family.inherited,
  };
  return { grant, target, role, missing };
}
