import type { Handler, Handlers, HandlerInput, PolicyTarget, RequestContext } from '#http/contract';
import {
  createRole,
  deleteRole,
  impliedBy,
  implyRole,
  type RoleBody,
  unimplyRole,
  updateRole,
} from '../../app/roles.ts';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { withExtra } from '../../model/extra.ts';
import { findRow, findRows } from '../../store/rows.ts';
import { type RoleRow, roles } from '../../store/tables.ts';
import { demand, demandFound } from '../guard.ts';
import { linkTo, listReply, pageOf, textFilters } from '../listing.ts';
import type { roleRoutes } from './routes.ts';

/** A role as clients see it. */
export function showRole(context: RequestContext, row: RoleRow): Record<string, unknown> {
  return withExtra(row.extra, {
    id: row.id,
    name: row.name,
    domain_id: row.domain_id,
    description: row.description,
    options: JSON.parse(row.options),
    links: { self: linkTo(context, 'roles', row.id) },
  });
}

/** What policy looks at. */
export function roleTarget(row: RoleRow): PolicyTarget {
  return { role: { id: row.id, name: row.name, domain_id: row.domain_id } };
}

/** A role as it stands in implications. */
function brief(context: RequestContext, row: RoleRow) {
  return { id: row.id, name: row.name, links: { self: linkTo(context, 'roles', row.id) } };
}

export function roleHandlers(room: Room): Handlers<typeof roleRoutes> {
  const id = (input: HandlerInput) => input.params['role_id'] ?? '';
  /** Roles of single domains have rules of their own. */
  const find = async (context: RequestContext, input: HandlerInput, verb: string): Promise<RoleRow> => {
    const found = await findRow<RoleRow>(room.store, roles, id(input));
    const rule = `identity:${verb}_${found?.domain_id == null ? 'role' : 'domain_role'}`;
    return demandFound(context, rule, 'role', id(input), found, roleTarget);
  };
  const pair = async (input: HandlerInput) => {
    const impliedId = input.params['implied_role_id'] ?? '';
    const prior = await findRow<RoleRow>(room.store, roles, id(input));
    if (prior === undefined) throw errors.NotFound('role', id(input));
    const implied = await findRow<RoleRow>(room.store, roles, impliedId);
    if (implied === undefined) throw errors.NotFound('role', impliedId);
    return { prior, implied };
  };
  const showPair = (context: RequestContext, prior: RoleRow, implies: unknown) => ({
    role_inference: { prior_role: brief(context, prior), implies },
    links: { self: linkTo(context, 'roles', prior.id, 'implies') },
  });
  const checkImplied: Handler = async (context, input) => {
    const { prior, implied } = await pair(input);
    const list = await impliedBy(room, prior.id);
    if (!list.some((role) => role.id === implied.id)) throw errors.NotFound(`role implied by ${prior.id}`, implied.id);
    return { body: showPair(context, prior, brief(context, implied)) };
  };
  return {
    'role.list': async (context, input) => {
      const domain = input.query['domain_id'];
      const rule = typeof domain === 'string' ? 'identity:list_domain_roles' : 'identity:list_roles';
      demand(context, rule, { domain_id: typeof domain === 'string' ? domain : null });
      const page = pageOf(input);
      const where =
        typeof domain === 'string'
          ? { sql: 'domain_id = ?', values: [domain] }
          : { sql: 'domain_id is null', values: [] };
      const conditions = [where, ...textFilters(input.query, ['name', 'id'])];
      const rows = await findRows<RoleRow>(room.store, roles, conditions, page);
      return listReply(context, input, 'roles', '/roles', rows, (row) => showRole(context, row), page);
    },
    'role.create': async (context, input) => {
      const { role } = input.body as { role: RoleBody };
      demand(context, role.domain_id == null ? 'identity:create_role' : 'identity:create_domain_role');
      return { body: { role: showRole(context, await createRole(room, role)) } };
    },
    'role.get': async (context, input) => ({ body: { role: showRole(context, await find(context, input, 'get')) } }),
    'role.update': async (context, input) => {
      const { role } = input.body as { role: RoleBody };
      await find(context, input, 'update');
      return { body: { role: showRole(context, await updateRole(room, id(input), role)) } };
    },
    'role.delete': async (context, input) => {
      await find(context, input, 'delete');
      await deleteRole(room, id(input));
      return {};
    },
    'role.implies': async (context, input) => {
      const prior = await findRow<RoleRow>(room.store, roles, id(input));
      if (prior === undefined) throw errors.NotFound('role', id(input));
      const list = await impliedBy(room, prior.id);
      return {
        body: showPair(
          context,
          prior,
          list.map((role) => brief(context, role)),
        ),
      };
    },
    'role.implied.get': checkImplied,
    'role.implied.head': async (context, input) => {
      await checkImplied(context, input);
      return {};
    },
    'role.implied.add': async (context, input) => {
      const { prior, implied } = await pair(input);
      await implyRole(room, prior, implied);
      return { body: showPair(context, prior, brief(context, implied)) };
    },
    'role.implied.remove': async (_context, input) => {
      const { prior, implied } = await pair(input);
      await unimplyRole(room, prior.id, implied.id);
      return {};
    },
    'role.inferences': async (context) => {
      const all = await findRows<RoleRow>(room.store, roles, []);
      const pairs = await room.store.query<{ prior_id: string; implied_id: string }>({
        text: 'select prior_id, implied_id from identity_implied_roles order by prior_id, implied_id',
      });
      const byId = new Map(all.map((role) => [role.id, role]));
      const inferences = [];
      for (const prior of all) {
        const implies = pairs.flatMap(({ prior_id, implied_id }) => {
          const role = prior_id === prior.id ? byId.get(implied_id) : undefined;
          return role === undefined ? [] : [brief(context, role)];
        });
        if (implies.length > 0) inferences.push({ prior_role: brief(context, prior), implies });
      }
      return { body: { role_inferences: inferences, links: { self: linkTo(context, 'role_inferences') } } };
    },
  };
}
