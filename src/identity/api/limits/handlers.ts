import type { Handlers, HandlerInput, PolicyTarget, RequestContext } from '#http/contract';
import {
  createLimits,
  createRegisteredLimits,
  deleteLimit,
  deleteRegisteredLimit,
  type LimitBody,
  type RegisteredLimitBody,
  updateLimit,
  updateRegisteredLimit,
} from '../../app/limits.ts';
import type { Room } from '../../app/room.ts';
import { errors } from '../../errors.ts';
import { type Condition, findRow, findRows } from '../../store/rows.ts';
import { type LimitRow, limits, type RegisteredLimitRow, registeredLimits } from '../../store/tables.ts';
import { demand, demandFound } from '../guard.ts';
import { linkTo, listReply, textFilters } from '../listing.ts';
import type { limitRoutes } from './routes.ts';

export function limitHandlers(room: Room): Handlers<typeof limitRoutes> {
  const id = (input: HandlerInput) => input.params['limit_id'] ?? '';
  const showRegistered = (context: RequestContext) => (row: RegisteredLimitRow) => ({
    ...row,
    links: { self: linkTo(context, 'registered_limits', row.id) },
  });
  /** What a limit takes from the registered one it departs from. */
  const show = async (context: RequestContext, rows: readonly LimitRow[]) => {
    const parents = await findRows<RegisteredLimitRow>(room.store, registeredLimits, [
      { sql: 'id = any(?::text[])', values: [rows.map((row) => row.registered_limit_id)] },
    ]);
    const byId = new Map(parents.map((parent) => [parent.id, parent]));
    return ({ registered_limit_id, ...row }: LimitRow) => {
      const parent = byId.get(registered_limit_id);
      return {
        ...row,
        service_id: parent?.service_id ?? null,
        region_id: parent?.region_id ?? null,
        resource_name: parent?.resource_name ?? null,
        links: { self: linkTo(context, 'limits', row.id) },
      };
    };
  };
  const target = async (row: LimitRow): Promise<PolicyTarget> => {
    const [project] =
      row.project_id === null
        ? []
        : await room.store.query<{ domain_id: string }>({
            text: 'select domain_id from identity_projects where id = $1',
            values: [row.project_id],
          });
    return { limit: { project_id: row.project_id, domain_id: row.domain_id ?? project?.domain_id ?? null } };
  };
  const limitFilters = (query: Record<string, unknown>): Condition[] => {
    const found = textFilters(query, ['project_id', 'domain_id']);
    for (const { sql, values } of textFilters(query, ['service_id', 'region_id', 'resource_name'])) {
      found.push({ sql: `registered_limit_id in (select id from identity_registered_limits where ${sql})`, values });
    }
    return found;
  };
  return {
    'registered_limit.list': async (context, input) => {
      const conditions = textFilters(input.query, ['service_id', 'region_id', 'resource_name']);
      const rows = await findRows<RegisteredLimitRow>(room.store, registeredLimits, conditions);
      return listReply(context, input, 'registered_limits', '/registered_limits', rows, showRegistered(context));
    },
    'registered_limit.create': async (context, input) => {
      const { registered_limits } = input.body as { registered_limits: RegisteredLimitBody[] };
      const rows = await createRegisteredLimits(room, registered_limits);
      return { body: { registered_limits: rows.map(showRegistered(context)) } };
    },
    'registered_limit.get': async (context, input) => {
      const row = await findRow<RegisteredLimitRow>(room.store, registeredLimits, id(input));
      if (row === undefined) throw errors.NotFound('registered limit', id(input));
      return { body: { registered_limit: showRegistered(context)(row) } };
    },
    'registered_limit.update': async (context, input) => {
      const { registered_limit } = input.body as { registered_limit: RegisteredLimitBody };
      const row = await updateRegisteredLimit(room, id(input), registered_limit);
      return { body: { registered_limit: showRegistered(context)(row) } };
    },
    'registered_limit.delete': async (_context, input) => {
      await deleteRegisteredLimit(room, id(input));
      return {};
    },
    'limit.model': () => ({
      body: {
        model: {
          name: 'flat',
          description: 'Limit enforcement and validation does not take project hierarchy into consideration.',
        },
      },
    }),
    'limit.list': async (context, input) => {
      const { caller } = context;
      demand(context, 'identity:list_limits');
      const conditions = limitFilters(input.query);
      if (!context.allows('identity:list_all_limits')) {
        // Everybody may know the limits of where they are, and no others.
        if (caller.projectId !== null) conditions.push({ sql: 'project_id = ?', values: [caller.projectId] });
        else {
          const domainId = caller.domainId ?? '';
          const sql = 'domain_id = ? or project_id in (select id from identity_projects where domain_id = ?)';
          conditions.push({ sql, values: [domainId, domainId] });
        }
      }
      const rows = await findRows<LimitRow>(room.store, limits, conditions);
      return listReply(context, input, 'limits', '/limits', rows, await show(context, rows));
    },
    'limit.create': async (context, input) => {
      const body = input.body as { limits: LimitBody[] };
      const rows = await createLimits(room, body.limits);
      return { body: { limits: rows.map(await show(context, rows)) } };
    },
    'limit.get': async (context, input) => {
      const found = await findRow<LimitRow>(room.store, limits, id(input));
      const facts = found === undefined ? {} : await target(found);
      const row = demandFound(context, 'identity:get_limit', 'limit', id(input), found, () => facts);
      return { body: { limit: (await show(context, [row]))(row) } };
    },
    'limit.update': async (context, input) => {
      const { limit } = input.body as { limit: { resource_limit?: number; description?: string | null } };
      const row = await updateLimit(room, id(input), limit);
      return { body: { limit: (await show(context, [row]))(row) } };
    },
    'limit.delete': async (_context, input) => {
      await deleteLimit(room, id(input));
      return {};
    },
  };
}
