import type { Reader } from '#store/contract';
import type { ConductorInfo, Json, WorkStatus } from './contract.ts';
import type { Present } from './roster.ts';

const STATUS = `
select coalesce(s.workflow_uuid, q.id) as id, coalesce(s.name, q.workflow) as workflow,
  coalesce(substr(s.queue_name, 7), q.grp) as grp, s.status, o.output, o.error,
  w.takeovers, w.stalled, w.abort_reason, q.name as limit_name, l.size,
  case when q.id is not null then (select count(*)::int4 from work_queue b
    where b.grp = q.grp and b.name = q.name and b.seq <= q.seq) end as position,
  case when q.id is not null then (select count(*)::int4 from work_slots t
    where t.grp = q.grp and t.name = q.name and t.holder is not null) end as taken
from (select $1::text as id) a
left join dbos.workflow_status s on s.workflow_uuid = a.id
left join dbos.workflow_output o on o.workflow_uuid = s.workflow_uuid
left join work_queue q on q.id = a.id
left join work_limits l on l.grp = q.grp and l.name = q.name
left join work_state w on w.id = a.id
where s.workflow_uuid is not null or q.id is not null`;

interface StatusRow {
  id: string;
  workflow: string;
  grp: string;
  status: string | null;
  output: string | null;
  error: string | null;
  takeovers: number | null;
  stalled: string | null;
  abort_reason: string | null;
  limit_name: string | null;
  size: number | null;
  position: number | null;
  taken: number | null;
}

/** Where a workflow stands; null when nobody knows the id. `live`: the group's live conductors. */
export async function readStatus(
  store: Reader,
  id: string,
  live: (group: string) => readonly Present[],
): Promise<WorkStatus | null> {
  const row = (await store.query<StatusRow>({ name: 'work.status', text: STATUS, values: [id] }))[0];
  if (row === undefined) return null;
  const base = {
    id,
    workflow: row.workflow,
    group: row.grp,
    position: row.position,
    error: null,
    takeovers: row.takeovers ?? 0,
  };
  if (row.position !== null) {
    const one = row.size === 1 ? '' : 's';
    const reason =
      row.size === null
        ? `no conductor of group "${row.grp}" has started yet`
        : `${row.taken} of ${row.size} ${row.limit_name}${one} of group "${row.grp}" are running`;
    return { ...base, state: 'queued', reason };
  }
  if (row.status === 'ENQUEUED' || row.status === 'DELAYED') {
    const conductors = live(row.grp);
    let reason = row.stalled;
    if (conductors.length === 0) reason = `no conductor of group "${row.grp}" is alive`;
    else if (!conductors.some((one) => one.workflows.includes(row.workflow))) {
      reason = `no live conductor of group "${row.grp}" knows ${row.workflow}`;
    }
    return { ...base, state: 'queued', reason };
  }
  if (row.status === 'PENDING') {
    const reason = row.stalled ?? (row.abort_reason === null ? null : `aborting: ${row.abort_reason}`);
    return { ...base, state: 'running', reason };
  }
  const outcome = parse(row.output) as { state?: WorkStatus['state']; error?: string } | null;
  if (row.status === 'SUCCESS' && outcome?.state !== undefined) {
    return { ...base, state: outcome.state, reason: null, error: outcome.error ?? null };
  }
  // Somebody ended it behind our back, with the engine's own tools.
  return { ...base, state: 'failed', reason: null, error: `the engine ended it: ${row.status}` };
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

const CONDUCTORS = `
select distinct on (host) host, groups, drivers, info::text as info, registered_at, beat_at,
  state = 'up' and beat_at > clock_timestamp() - $1 * interval '1 millisecond' as alive
from conductors order by host, registered_at desc`;

/** The newest life of each host. */
export async function readConductors(store: Reader, leaseMs: number): Promise<ConductorInfo[]> {
  const rows = await store.query<{
    host: string;
    groups: string[];
    drivers: string[];
    info: string;
    registered_at: string;
    beat_at: string;
    alive: boolean;
  }>({ name: 'work.conductors', text: CONDUCTORS, values: [leaseMs] });
  return rows.map((row) => ({
    host: row.host,
    groups: row.groups,
    drivers: row.drivers,
    info: JSON.parse(row.info) as Json,
    alive: row.alive,
    createdAt: row.registered_at,
    updatedAt: row.beat_at,
  }));
}
