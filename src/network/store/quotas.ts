import type { Reader, Tx } from '#store/contract';
import { refusals } from '../refusals.ts';

/** Something a project can have a limited number of. */
export interface Counted {
  name: string;
  fallback: number;
  table: string;
}

/** Places left free for those who add at the same time without waiting for one another. */
const SLACK = 128;

/**
 * Throws `OverQuota` when the project would have more than it may with `delta` more. Far from the limit those who add
 * one pass side by side, and only share a lock; near it, or with many at once, one passes at a time, and after all
 * who passed before. So 200 ports a second can be made, and two cannot both take the last place.
 */
export async function demandQuota(
  tx: Tx,
  defaults: ReadonlyMap<string, number>,
  counted: Counted,
  project: string,
  delta: number,
): Promise<void> {
  if (project === '') return;
  const look = async () => {
    const text = `select (select quota from net_quotas where project_id = $1 and resource = $2)::int as quota,
      (select count(*) from ${counted.table} where project_id = $1)::int as used`;
    const name = `network quota ${counted.name}`;
    const [row] = await tx.query<{ quota: number | null; used: number }>({
      name,
      text,
      values: [project, counted.name],
    });
    return { limit: row?.quota ?? defaults.get(counted.name) ?? counted.fallback, used: row?.used ?? 0 };
  };
  const lock = (shared: boolean) =>
    tx.query({
      name: `network quota lock ${shared}`,
      text: `select pg_advisory_xact_lock${shared ? '_shared' : ''}(hashtextextended('network quota ' || $1 || ' ' || $2, 0))`,
      values: [counted.name, project],
    });
  const { limit, used } = await look();
  if (limit < 0) return;
  const beside = (now: number) => delta === 1 && now + delta + SLACK <= limit;
  if (beside(used)) {
    await lock(true);
    if (beside((await look()).used)) return;
  }
  await lock(false);
  if ((await look()).used + delta > limit) throw refusals.OverQuota(counted.name);
}

/** Quotas set for a project, by resource. */
export async function readQuotas(reader: Reader, project: string): Promise<Map<string, number>> {
  const text = 'select resource, quota::int as quota from net_quotas where project_id = $1';
  const rows = await reader.query<{ resource: string; quota: number }>({
    name: 'network quotas',
    text,
    values: [project],
  });
  return new Map(rows.map(({ resource, quota }) => [resource, quota]));
}

/** Quotas of all projects that have some of their own. */
export async function readAllQuotas(
  reader: Reader,
): Promise<{ project_id: string; resource: string; quota: number }[]> {
  const text = 'select project_id, resource, quota::int as quota from net_quotas order by project_id';
  return reader.query({ text });
}

export async function writeQuotas(tx: Tx, project: string, quotas: ReadonlyMap<string, number>): Promise<void> {
  const text = `insert into net_quotas (project_id, resource, quota) select $1, * from unnest($2::text[], $3::bigint[])
    on conflict (project_id, resource) do update set quota = excluded.quota`;
  await tx.query({ text, values: [project, [...quotas.keys()], [...quotas.values()]] });
}

export async function dropQuotas(tx: Tx, project: string): Promise<void> {
  await tx.query({ text: 'delete from net_quotas where project_id = $1', values: [project] });
}

/** How many a project has of each. */
export async function countUsed(
  reader: Reader,
  project: string,
  all: readonly Counted[],
): Promise<Map<string, number>> {
  const counts = all.map(({ table }, at) => `(select count(*) from ${table} where project_id = $1)::int as n${at}`);
  const [row = {}] = await reader.query<Record<string, number>>({
    text: `select ${counts.join(', ')}`,
    values: [project],
  });
  return new Map(all.map(({ name }, at) => [name, row[`n${at}`] ?? 0]));
}
