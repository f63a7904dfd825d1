import type { Reader, Tx } from '#store/contract';

/** A port as the database has it. */
export interface PortRow {
  switch_id: string;
  port: string;
  /** JSON text of a `PortPlan` that was checked. */
  plan: string | null;
  owner: string | null;
  lag_key: string | null;
  lag_group: number | null;
  revision: bigint;
  done_revision: bigint;
  outcome: 'applied' | 'failed' | null;
  error_code: string | null;
  error: string | null;
  /** JSON text of a `PortConfig`. */
  found: string | null;
  found_at: string | null;
  drift_since: string | null;
}

const COLUMNS =
  'switch_id, port, plan, owner, lag_key, lag_group, revision, done_revision, outcome, error_code, error, found, found_at, drift_since';

export function portsOf(reader: Reader, switchId: string): Promise<PortRow[]> {
  return reader.query<PortRow>({
    name: 'switch ports',
    text: `select ${COLUMNS} from net_switch_ports where switch_id = $1 order by port`,
    values: [switchId],
  });
}

/** Ports by switch and name. */
export function portsNamed(reader: Reader, keys: readonly { switchId: string; port: string }[]): Promise<PortRow[]> {
  return reader.query<PortRow>({
    name: 'switch ports named',
    text: `select ${COLUMNS} from net_switch_ports
      where (switch_id, port) in (select * from unnest($1::uuid[], $2::text[]))`,
    values: [keys.map(({ switchId }) => switchId), keys.map(({ port }) => port)],
  });
}

/** Switches where something waits to be done or read. */
export async function switchesWithWork(reader: Reader): Promise<string[]> {
  const rows = await reader.query<{ id: string }>({
    name: 'switches with work',
    text: `select s.id from net_switches s where s.enabled and (s.read_wanted_at > coalesce(s.read_at, '-infinity')
      or exists (select from net_switch_ports p where p.switch_id = s.id and p.done_revision < p.revision))`,
  });
  return rows.map(({ id }) => id);
}

export interface Wish {
  switchId: string;
  port: string;
  plan: string | null;
  owner: string;
  lagKey: string | null;
  lagGroup: number | null;
}

/** Keeps wishes; gives the revision of each, in their order. Who wants nothing of a port has that at once. */
export async function writeWishes(tx: Tx, wishes: readonly Wish[]): Promise<bigint[]> {
  const rows = await tx.query<{ switch_id: string; port: string; revision: bigint }>({
    name: 'switch wishes',
    text: `insert into net_switch_ports as p (switch_id, port, plan, owner, lag_key, lag_group, revision, done_revision, wished_at)
      select w.switch_id, w.port, w.plan::jsonb, w.owner, w.lag_key, w.lag_group, 1,
             case when w.plan is null then 1 else 0 end, clock_timestamp()
        from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[])
             as w(switch_id, port, plan, owner, lag_key, lag_group)
       order by w.switch_id, w.port
      on conflict (switch_id, port) do update
         set plan = excluded.plan, owner = case when excluded.plan is null then null else excluded.owner end,
             lag_key = excluded.lag_key, lag_group = excluded.lag_group, wished_at = excluded.wished_at,
             revision = p.revision + 1, drift_since = null, error_code = null, error = null,
             outcome = case when excluded.plan is null then null else p.outcome end,
             done_revision = case when excluded.plan is null then p.revision + 1 else p.done_revision end
      returning switch_id, port, revision`,
    values: [
      wishes.map(({ switchId }) => switchId),
      wishes.map(({ port }) => port),
      wishes.map(({ plan }) => plan),
      wishes.map(({ owner }) => owner),
      wishes.map(({ lagKey }) => lagKey),
      wishes.map(({ lagGroup }) => lagGroup),
    ],
  });
  const found = new Map(rows.map((row) => [`${row.switch_id} ${row.port}`, row.revision]));
  return wishes.map(({ switchId, port }) => found.get(`${switchId} ${port}`) ?? 0n);
}

export interface Result {
  port: string;
  /** The wish it is about; a newer one stays open. null: nothing was tried. */
  revision: bigint | null;
  outcome: 'applied' | 'failed' | null;
  error: { code: string; message: string } | null;
  found: string | null;
  /** Is it otherwise than wanted, with nobody having asked for that just now? */
  drifts: boolean;
}

/**
 * Writes what came of a batch, and what the switch read, if `writer` may still speak for it: a conductor that lost the
 * switch in between says nothing. False then. `wholeReading`: ports that are not among the results are gone.
 */
export async function writeResults(
  tx: Tx,
  switchId: string,
  writer: string,
  results: readonly Result[],
  reading: { whole: boolean; begunAt: string | null; saveError: string | null | undefined },
): Promise<boolean> {
  const held = await tx.query({
    name: 'switch results lease',
    text: `update net_switches set read_at = case when $3 then $4::timestamptz else read_at end,
        save_error = case when $5 then $6 else save_error end
      where id = $1 and writer = $2 returning 1`,
    values: [
      switchId,
      writer,
      reading.whole,
      reading.begunAt,
      reading.saveError !== undefined,
      reading.saveError ?? null,
    ],
  });
  if (held.length === 0) return false;
  await tx.query({
    name: 'switch results',
    text: `insert into net_switch_ports as p (switch_id, port, found, found_at)
      select $1, r.port, r.found::jsonb, clock_timestamp()
        from unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[])
             as r(port, revision, outcome, error_code, error, found, drifts)
       where r.found is not null or exists (select from net_switch_ports o where o.switch_id = $1 and o.port = r.port)
       order by r.port
      on conflict (switch_id, port) do update
         set found = coalesce(excluded.found, p.found),
             found_at = case when excluded.found is null then p.found_at else excluded.found_at end`,
    values: columns(switchId, results),
  });
  await tx.query({
    name: 'switch results done',
    text: `update net_switch_ports p
         set done_revision = case when r.outcome is null then p.done_revision else greatest(p.done_revision, r.revision) end,
             outcome = coalesce(r.outcome, p.outcome),
             error_code = r.error_code, error = r.error,
             drift_since = case when r.drifts then coalesce(p.drift_since, clock_timestamp()) end
        from unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[])
             as r(port, revision, outcome, error_code, error, found, drifts)
       where p.switch_id = $1 and p.port = r.port and p.plan is not null and r.revision is not null
         and p.revision = r.revision`,
    values: columns(switchId, results),
  });
  if (reading.whole) {
    await tx.query({
      name: 'switch ports gone',
      text: `with gone as (delete from net_switch_ports where switch_id = $1 and plan is null and port <> all($2) returning 1)
        update net_switch_ports set found = null, found_at = clock_timestamp()
         where switch_id = $1 and plan is not null and port <> all($2) and found is not null`,
      values: [switchId, results.filter(({ found }) => found !== null).map(({ port }) => port)],
    });
  }
  return true;
}

const columns = (switchId: string, results: readonly Result[]): unknown[] => [
  switchId,
  results.map(({ port }) => port),
  results.map(({ revision }) => revision),
  results.map(({ outcome }) => outcome),
  results.map(({ error }) => error?.code ?? null),
  results.map(({ error }) => error?.message ?? null),
  results.map(({ found }) => found),
  results.map(({ drifts }) => drifts),
];

/** Numbers of bonds that are taken, by switch, and the number a bond has on any of its switches. */
export async function bondNumbers(
  reader: Reader,
  keys: readonly string[],
): Promise<{ taken: Map<string, Set<number>>; known: Map<string, { switchId: string; group: number }[]> }> {
  const rows = await reader.query<{
    switch_id: string;
    lag_key: string | null;
    lag_group: number | null;
    found_group: number | null;
  }>({
    name: 'switch bonds',
    text: `select distinct switch_id, lag_key, lag_group, (found #>> '{lag,group}')::int as found_group
      from net_switch_ports where lag_group is not null or found #>> '{lag,group}' is not null`,
  });
  const taken = new Map<string, Set<number>>();
  const known = new Map<string, { switchId: string; group: number }[]>();
  for (const { switch_id, lag_key, lag_group, found_group } of rows) {
    let numbers = taken.get(switch_id);
    if (numbers === undefined) taken.set(switch_id, (numbers = new Set()));
    for (const number of [lag_group, found_group]) if (number !== null) numbers.add(number);
    if (lag_key === null || lag_group === null || !keys.includes(lag_key)) continue;
    known.set(lag_key, [...(known.get(lag_key) ?? []), { switchId: switch_id, group: lag_group }]);
  }
  return { taken, known };
}
