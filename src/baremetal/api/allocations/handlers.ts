import type { Handler, RequestContext } from '#http/contract';
import { type AllocationWish, createAllocation } from '../../app/allocations/create.ts';
import { deleteAllocation, deleteNodeAllocation, nodeAllocation } from '../../app/allocations/delete.ts';
import { allocationKind } from '../../app/allocations/kind.ts';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { selectRecord } from '../../store/records.ts';
import { accessOf } from '../access.ts';
import { readFields } from '../input/list-query.ts';
import { readNew, recordHandlers } from '../records/handlers.ts';
import { recordPlan, recordWriter } from '../records/shown.ts';
import { ALLOCATIONS } from '../versions/beside.ts';
import { allocationDoor } from './door.ts';

/** Handlers of allocations: making and deleting are their own, the rest is common to records. */
export function allocationHandlers(deps: BaremetalDeps): Record<string, Handler> {
  const shown = async (context: RequestContext, uuid: string, fields: readonly string[] | null) => {
    const plan = recordPlan(ALLOCATIONS, context.version, fields);
    const row = await selectRecord(deps.store, allocationKind, { column: 'uuid', value: uuid }, plan.select);
    if (row === undefined) throw errors.AllocationNotFound(uuid);
    return { json: recordWriter(context, allocationDoor, plan)(row) };
  };
  return {
    ...recordHandlers(deps, allocationDoor),

    'allocation.create': async (context, { body }) => {
      const values = readNew(allocationDoor, body as Record<string, unknown>, context.version);
      const uuid = await createAllocation(deps, accessOf(context), context.version, values as AllocationWish);
      return {
        ...(await shown(context, uuid, null)),
        headers: { Location: `${context.baseUrl}${allocationDoor.path}/${uuid}` },
      };
    },

    'allocation.delete': async (context, { params }) => {
      await deleteAllocation(deps, accessOf(context), params['allocation_ident'] as string);
      return {};
    },

    'node.allocation': async (context, { params, query }) => {
      const ident = params['node_ident'] as string;
      const fields = readFields(ALLOCATIONS, query, context.version);
      const rule = allocationKind.rules.get;
      return await shown(context, await nodeAllocation(deps, accessOf(context), ident, context.version, rule), fields);
    },

    'node.allocation-delete': async (context, { params }) => {
      await deleteNodeAllocation(deps, accessOf(context), params['node_ident'] as string, context.version);
      return {};
    },
  };
}
