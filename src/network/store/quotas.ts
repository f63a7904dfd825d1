import type { Reader, Tx } from '#store/contract';

/** Something a project can have a limited number of. */
export interface Counted {
  name: string;
  fallback: number;
  table: string;
}

/** Places left free for those who add at the same time without waiting for one another. */
const SLACK = 128;

/** A question: may this project have so many more? */
export type QuotaAsked = readonly [
  project: string,
  resource: string,
  table: string,
  usual: number,
  delta: number,
  slack: number,
  far: boolean,
];

/** What was left when a project last asked: far from the limit rows are counted once, and not twice. */
const left = new Map<string, bigint>();
const MOST_KEPT = 10_000;

export function quotaAsked(
  defaults: ReadonlyMap<string, number>,
  { name, fallback, table }: Counted,
  project: string,
  delta: number,
): QuotaAsked {
  const key = `${name} ${project}`;
  const room = left.get(key) ?? 0n;
  // Until it is answered: of two who took it for far when it was not, one fails, and must not do it again.
  left.delete(key);
  return [project, name, table, defaults.get(name) ?? fallback, delta, SLACK, room > 2 * SLACK * delta];
}

/** What an answer is kept under for the time of a request. */
export const quotaKey = (resource: string, project: string, delta: number): string =>
  `quota ${resource} ${project} ${delta}`;

/** The question as SQL, whose seven values begin at this placeholder. */
export function quotaSql(first: number): string {
  const [project, resource, table, ...rest] = Array.from({ length: 7 }, (_, at) => `$${first + at}`);
  return `net_quota_room(${[project, resource, `${table}::text::regclass`, ...rest].join(', ')})`;
}

/** Does what the database answered allow it? */
export function readRoom([project, resource]: QuotaAsked, room: bigint | undefined): boolean {
  if (room === undefined || room < 0n) return false;
  if (left.size < MOST_KEPT) left.set(`${resource} ${project}`, room);
  return true;
}

/** May the project? What has none may all. */
export async function quotaAllows(tx: Tx, asked: QuotaAsked): Promise<boolean> {
  if (asked[0] === '') return true;
  const statement = { name: 'network quota', text: `select ${quotaSql(1)} as room`, values: asked };
  const [row] = await tx.query<{ room: bigint }>(statement);
  return readRoom(asked, row?.room);
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
