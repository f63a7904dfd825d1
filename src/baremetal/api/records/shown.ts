import type { RequestContext } from '#http/contract';
import type { TextRow } from '../../store/text-rows.ts';
import { type Plan, planCache } from '../serializer/plan.ts';
import type { RecordDoor } from './door.ts';
import type { ResourceTable } from '../versions/resource.ts';

const plans = new Map<ResourceTable, ReturnType<typeof planCache>>();

/** The plan of a kind of record for a version and a choice of fields; kept. */
export function recordPlan(table: ResourceTable, version: number, fields: readonly string[] | null): Plan {
  let cache = plans.get(table);
  if (cache === undefined) {
    cache = planCache(table);
    plans.set(table, cache);
  }
  return cache({ version, fields });
}

/** Writes rows of a plan as JSON; owner, lessee and public stand behind the plan's columns. */
export function recordWriter(context: RequestContext, door: RecordDoor, plan: Plan): (row: TextRow) => string {
  const { computed } = door;
  const write = plan.writer({ baseUrl: context.baseUrl, ...(computed === undefined ? {} : { computed }) });
  if (plan.guards.length === 0) return (row) => write(row);
  return (row) => {
    const target = { owner: row[plan.width] ?? null, lessee: row[plan.width + 1] ?? null };
    let hidden = 0;
    plan.guards.forEach((rule, i) => {
      if (!context.allows(rule, target)) hidden |= 1 << i;
    });
    return write(row, hidden);
  };
}
