import type { QuotaResource, Quotas } from '#contracts/quota';
import type { Store, Tx } from '#store/contract';
import { errors } from '../errors.ts';
import { newId } from '../model/ids.ts';

/** Makes the check of quotas for what services said can be limited. */
export function createQuotas(resources: readonly QuotaResource[]): Quotas {
  const known = new Map(resources.map((resource) => [resource.name, resource]));
  return {
    async check(tx, project, resource, delta) {
      const found = known.get(resource);
      if (found === undefined) throw errors.ConfigInvalid(`There is no quota called ${resource}`);
      if (project === null || delta <= 0) return;
      const limit = await limitOf(tx, project, found);
      if (limit < 0) return;
      // Held until the transaction ends: the next one counts what this one added, or did not.
      await tx.query({
        name: 'identity_quota_lock',
        text: `select pg_advisory_xact_lock(hashtextextended('quota ' || $1 || ' ' || $2, 0))`,
        values: [resource, project],
      });
      const used = await found.count(tx, project);
      if (used + delta > limit) {
        throw errors.QuotaExceeded(resource, limit, used, delta, { details: { resource, limit, used, wanted: delta } });
      }
    },
  };
}

async function limitOf(tx: Tx, project: string, resource: QuotaResource): Promise<number> {
  const [row] = await tx.query<{ max: number }>({
    name: 'identity_quota_limit',
    text: `select coalesce(l.resource_limit, r.default_limit) as max
             from identity_registered_limits r
             join identity_services s on s.id = r.service_id
             left join identity_limits l on l.registered_limit_id = r.id and l.project_id = $1
            where s.type = $2 and r.resource_name = $3
            order by r.region_id nulls last limit 1`,
    values: [project, resource.service, resource.name],
  });
  return row?.max ?? resource.fallback;
}

/** Registers limits for what can be limited and is not yet, so that operators find them in the list. */
export async function registerQuotas(store: Store, resources: readonly QuotaResource[]): Promise<void> {
  for (const { name, service, description, fallback } of resources) {
    await store.query({
      text: `insert into identity_registered_limits (id, service_id, resource_name, default_limit, description)
             select $1, s.id, $2, $3, $4 from identity_services s where s.type = $5
             and not exists (select 1 from identity_registered_limits r where r.service_id = s.id and r.resource_name = $2)
             order by s.id limit 1 on conflict do nothing`,
      values: [newId(), name, fallback, description, service],
    });
  }
}
