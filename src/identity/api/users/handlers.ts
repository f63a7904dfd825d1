import type { Handlers, HandlerInput, PolicyTarget, RequestContext } from '#http/contract';
import { checkUserPassword } from '../../app/login.ts';
import type { Room } from '../../app/room.ts';
import { changeOwnPassword, createUser, deleteUser, type UserBody, updateUser } from '../../app/users.ts';
import { withExtra } from '../../model/extra.ts';
import { DEFAULT_DOMAIN } from '../../model/ids.ts';
import { optionsOf } from '../../model/options.ts';
import { isPrivileged, projectsOfUser } from '../../store/reach.ts';
import { findRow, findRows } from '../../store/rows.ts';
import { type GroupRow, groups, type UserRow, users } from '../../store/tables.ts';
import { showGroup } from '../groups/show.ts';
import { demand, demandFound } from '../guard.ts';
import { enabledFilter, linkTo, listReply, pageOf, textFilters } from '../listing.ts';
import { showProject } from '../projects/handlers.ts';
import { keystoneTime } from '../times.ts';
import type { userRoutes } from './routes.ts';

/** A user as clients see it. There is no way from here to the password. */
export function showUser(context: RequestContext, row: UserRow): Record<string, unknown> {
  const options = optionsOf(row.options);
  const expires = options['ignore_password_expiry'] === true ? null : row.password_expires_at;
  return withExtra(row.extra, {
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    enabled: row.enabled,
    password_expires_at: expires === null ? null : keystoneTime(expires),
    options,
    ...(row.default_project_id === null ? {} : { default_project_id: row.default_project_id }),
    ...(row.description === null ? {} : { description: row.description }),
    ...(row.email === null ? {} : { email: row.email }),
    links: { self: linkTo(context, 'users', row.id) },
  });
}

/** What policy looks at. */
export async function userTarget(room: Room, row: UserRow | undefined, id: string): Promise<PolicyTarget> {
  if (row === undefined) return { user_id: id };
  const privileged = await isPrivileged(room.store, 'user', row.id);
  return { user_id: id, user: { id: row.id, domain_id: row.domain_id, privileged } };
}

const EXPIRY: Record<string, string> = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '=', neq: '<>' };

/** `password_expires_at=lt:2026-01-01T00:00:00Z` */
function expiryFilter(query: Record<string, unknown>) {
  const match = /^(lte?|gte?|n?eq):(.+)$/.exec(String(query['password_expires_at'] ?? ''));
  const time = Date.parse(match?.[2] ?? '');
  const operator = EXPIRY[match?.[1] ?? ''];
  if (operator === undefined || Number.isNaN(time)) return [];
  return [{ sql: `password_expires_at ${operator} ?`, values: [new Date(time)] }];
}

export function userHandlers(room: Room): Handlers<typeof userRoutes> {
  const id = (input: HandlerInput) => input.params['user_id'] ?? '';
  const find = async (context: RequestContext, input: HandlerInput, rule: string): Promise<UserRow> => {
    const found = await findRow<UserRow>(room.store, users, id(input));
    const target = await userTarget(room, found, id(input));
    return demandFound(context, rule, 'user', id(input), found, () => target);
  };
  return {
    'user.list': async (context, input) => {
      const all = context.allows('identity:list_users');
      const own = context.caller.domainId;
      if (!all) demand(context, 'identity:list_users', { domain_id: own });
      const page = pageOf(input);
      const conditions = [
        ...textFilters(input.query, ['name', 'id', 'domain_id', 'default_project_id', 'email']),
        ...enabledFilter(input.query),
        ...expiryFilter(input.query),
        ...(all ? [] : [{ sql: 'domain_id = ?', values: [own] }]),
      ];
      const rows = await findRows<UserRow>(room.store, users, conditions, page);
      return listReply(context, input, 'users', '/users', rows, (row) => showUser(context, row), page);
    },
    'user.create': async (context, input) => {
      const { user } = input.body as { user: UserBody };
      const domainId = user.domain_id ?? context.caller.domainId ?? DEFAULT_DOMAIN;
      demand(context, 'identity:create_user', { user: { domain_id: domainId, privileged: false } });
      return { body: { user: showUser(context, await createUser(room, user, domainId)) } };
    },
    'user.get': async (context, input) => ({
      body: { user: showUser(context, await find(context, input, 'identity:get_user')) },
    }),
    'user.update': async (context, input) => {
      const { user } = input.body as { user: UserBody };
      await find(context, input, 'identity:update_user');
      return { body: { user: showUser(context, await updateUser(room, id(input), user)) } };
    },
    'user.delete': async (context, input) => {
      await find(context, input, 'identity:delete_user');
      await deleteUser(room, id(input));
      return {};
    },
    'user.password': async (context, input) => {
      const { user } = input.body as { user: { password: string; original_password: string } };
      await checkUserPassword(room, { id: id(input) }, user.original_password, context.source);
      await changeOwnPassword(room, id(input), user.password);
      return {};
    },
    'user.projects': async (context, input) => {
      await find(context, input, 'identity:list_user_projects');
      const rows = await projectsOfUser(room.store, id(input));
      const path = `/users/${encodeURIComponent(id(input))}/projects`;
      return listReply(context, input, 'projects', path, rows, (row) => showProject(context, row));
    },
    'user.groups': async (context, input) => {
      await find(context, input, 'identity:list_groups_for_user');
      const member = {
        sql: 'id in (select group_id from identity_group_members where user_id = ?)',
        values: [id(input)],
      };
      const page = pageOf(input);
      const conditions = [member, ...textFilters(input.query, ['name'])];
      const rows = await findRows<GroupRow>(room.store, groups, conditions, page);
      const path = `/users/${encodeURIComponent(id(input))}/groups`;
      return listReply(context, input, 'groups', path, rows, (row) => showGroup(context, row), page);
    },
  };
}
