import type { Handler, Handlers, HandlerInput, PolicyTarget, RequestContext } from '#http/contract';
import {
  addMember,
  createGroup,
  deleteGroup,
  type GroupBody,
  isMember,
  removeMember,
  updateGroup,
} from '../../app/groups.ts';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { DEFAULT_DOMAIN } from '../../model/ids.ts';
import { isPrivileged } from '../../store/reach.ts';
import { findRow, findRows } from '../../store/rows.ts';
import { type GroupRow, groups, type UserRow, users } from '../../store/tables.ts';
import { demand, demandFound } from '../guard.ts';
import { enabledFilter, listReply, pageOf, textFilters } from '../listing.ts';
import { showUser, userTarget } from '../users/handlers.ts';
import type { groupRoutes } from './routes.ts';
import { showGroup } from './show.ts';

/** What policy looks at. */
export async function groupTarget(room: Room, row: GroupRow): Promise<PolicyTarget> {
  const privileged = await isPrivileged(room.store, 'group', row.id);
  return { group: { id: row.id, domain_id: row.domain_id, privileged } };
}

export function groupHandlers(room: Room): Handlers<typeof groupRoutes> {
  const id = (input: HandlerInput) => input.params['group_id'] ?? '';
  const find = async (context: RequestContext, input: HandlerInput, rule: string): Promise<GroupRow> => {
    const found = await findRow<GroupRow>(room.store, groups, id(input));
    const target = found === undefined ? {} : await groupTarget(room, found);
    return demandFound(context, rule, 'group', id(input), found, () => target);
  };
  /** Both ends of a membership; policy sees both. */
  const findBoth = async (context: RequestContext, input: HandlerInput, rule: string) => {
    const userId = input.params['user_id'] ?? '';
    const group = await findRow<GroupRow>(room.store, groups, id(input));
    const user = await findRow<UserRow>(room.store, users, userId);
    demand(context, rule, {
      ...(group === undefined ? {} : await groupTarget(room, group)),
      ...(await userTarget(room, user, userId)),
    });
    if (group === undefined) throw errors.NotFound('group', id(input));
    if (user === undefined) throw errors.NotFound('user', userId);
    return { group, user };
  };
  const check: Handler = async (context, input) => {
    const { group, user } = await findBoth(context, input, 'identity:check_user_in_group');
    if (!(await isMember(room, group.id, user.id))) throw errors.NotFound(`user in group ${group.id}`, user.id);
    return {};
  };
  return {
    'group.list': async (context, input) => {
      const all = context.allows('identity:list_groups');
      const own = context.caller.domainId;
      if (!all) demand(context, 'identity:list_groups', { domain_id: own });
      const page = pageOf(input);
      const conditions = [
        ...textFilters(input.query, ['name', 'id', 'domain_id']),
        ...(all ? [] : [{ sql: 'domain_id = ?', values: [own] }]),
      ];
      const rows = await findRows<GroupRow>(room.store, groups, conditions, page);
      return listReply(context, input, 'groups', '/groups', rows, (row) => showGroup(context, row), page);
    },
    'group.create': async (context, input) => {
      const { group } = input.body as { group: GroupBody };
      const domainId = group.domain_id ?? context.caller.domainId ?? DEFAULT_DOMAIN;
      demand(context, 'identity:create_group', { group: { domain_id: domainId, privileged: false } });
      return { body: { group: showGroup(context, await createGroup(room, group, domainId)) } };
    },
    'group.get': async (context, input) => ({
      body: { group: showGroup(context, await find(context, input, 'identity:get_group')) },
    }),
    'group.update': async (context, input) => {
      const { group } = input.body as { group: GroupBody };
      await find(context, input, 'identity:update_group');
      return { body: { group: showGroup(context, await updateGroup(room, id(input), group)) } };
    },
    'group.delete': async (context, input) => {
      await find(context, input, 'identity:delete_group');
      await deleteGroup(room, id(input));
      return {};
    },
    'group.users': async (context, input) => {
      await find(context, input, 'identity:list_users_in_group');
      const page = pageOf(input);
      const member = {
        sql: 'id in (select user_id from identity_group_members where group_id = ?)',
        values: [id(input)],
      };
      const conditions = [member, ...textFilters(input.query, ['name']), ...enabledFilter(input.query)];
      const rows = await findRows<UserRow>(room.store, users, conditions, page);
      const path = `/groups/${encodeURIComponent(id(input))}/users`;
      return listReply(context, input, 'users', path, rows, (row) => showUser(context, row), page);
    },
    'group.user.head': check,
    'group.user.get': check,
    'group.user.add': async (context, input) => {
      const { group, user } = await findBoth(context, input, 'identity:add_user_to_group');
      await addMember(room, group.id, user.id);
      return {};
    },
    'group.user.remove': async (context, input) => {
      const { group, user } = await findBoth(context, input, 'identity:remove_user_from_group');
      await removeMember(room, group.id, user.id);
      return {};
    },
  };
}
