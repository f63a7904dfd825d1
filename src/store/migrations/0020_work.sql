-- Durable work: who may run it, what waits, and what the workflow engine does not know about it.
-- The engine keeps its own tables in the schema `dbos`. What must happen in one transaction with ours is a
-- function here; bodies name the engine's tables, which are made when the first process starts.

-- One row per life of a conductor process.
create table conductors (
  incarnation uuid primary key,
  host text not null,
  -- Lets a successor on the same machine prove that this process is gone: see process-identity.ts.
  boot_id text not null,
  pid_namespace text not null,
  pid integer not null,
  started_ticks text not null,
  groups text[] not null,
  drivers text[] not null default '{}',
  info json not null default '{}',
  -- `name@version` of each workflow it can run.
  workflows text[] not null,
  state text not null default 'up' check (state in ('up', 'draining', 'gone')),
  -- Rises with each heartbeat: watchers count beats, and need not trust anyone's clock.
  beats bigint not null default 0,
  registered_at timestamptz not null default clock_timestamp(),
  beat_at timestamptz not null default clock_timestamp()
);
create index conductors_present on conductors (incarnation) where state <> 'gone';
create index conductors_host on conductors (host, registered_at desc);

-- How many workflows of a kind run at once, per group; one row of work_slots per place.
create table work_limits (
  grp text not null,
  name text not null,
  size integer not null check (size > 0),
  primary key (grp, name)
);
create table work_slots (
  grp text not null,
  name text not null,
  n integer not null,
  holder text,
  taken_at timestamptz,
  -- One too many since the limit shrank: the next that ends takes a place with it.
  surplus boolean not null default false,
  primary key (grp, name, n)
);
create unique index work_slots_holder on work_slots (holder) where holder is not null;
create index work_slots_free on work_slots (grp, name, n) where holder is null;
create index work_slots_surplus on work_slots (grp, name, n) where surplus;

-- Work that found no free place.
create table work_queue (
  seq bigint generated always as identity primary key,
  id text not null unique,
  workflow text not null,
  grp text not null,
  name text not null,
  input json not null,
  queued_at timestamptz not null default clock_timestamp()
);
create index work_queue_order on work_queue (grp, name, seq);

-- What happened to a workflow from outside: most never get a row.
create table work_state (
  id text primary key,
  abort_reason text,
  -- How often it changed conductors because one died.
  takeovers integer not null default 0,
  -- Of these, in a row, without a step finished in between and while a step ran: those that count for parking.
  -- From the second on it is a suspect: each conductor runs one suspect at a time, so that the next death
  -- is counted against the one that caused it, and not against all that ran beside it.
  strikes integer not null default 0,
  last_step integer,
  -- Why it may not run on: only its `failed` runs.
  parked text,
  -- Why it stands still though a conductor has it.
  stalled text,
  updated_at timestamptz not null default clock_timestamp()
);
create index work_state_suspects on work_state (id) where strikes >= 2;

-- Messages to workflows, kept until read: one that comes early is not lost.
create table work_messages (
  seq bigint generated always as identity primary key,
  workflow_id text not null,
  topic text not null,
  body json not null,
  -- Number of the step that read it. A step that runs again reads the same message again.
  taken_by integer,
  created_at timestamptz not null default clock_timestamp()
);
create index work_messages_inbox on work_messages (workflow_id, topic, seq);
create index work_messages_age on work_messages (created_at);

-- Deadlines of waiting workflows, on the database's clock.
create table work_waits (
  workflow_id text not null,
  step integer not null,
  deadline timestamptz not null,
  primary key (workflow_id, step)
);

-- Gives a workflow to the engine: some conductor of the group takes it within a poll.
create function work_hand_over(p_id text, p_workflow text, p_grp text, p_input json) returns void
language plpgsql as $$
begin
  perform dbos.enqueue_workflow(
    workflow_name => p_workflow, queue_name => 'group:' || p_grp, positional_args => array[p_input],
    workflow_id => p_id, app_version => '1', application_name => 'ingot');
end $$;

-- Enqueues. Gives 'started', 'queued' (no place free) or 'known' (the id was used before: nothing done).
create function work_enqueue(p_id text, p_workflow text, p_grp text, p_limit text, p_input json) returns text
language plpgsql as $$
declare
  place integer;
begin
  -- Two transactions with one id: the second waits, then finds the first's row. Different ids never meet.
  perform pg_advisory_xact_lock(hashtextextended(p_id, 20));
  if exists (select 1 from dbos.workflow_status where workflow_uuid = p_id)
     or exists (select 1 from work_queue where id = p_id) then
    return 'known';
  end if;
  if p_limit is not null then
    select s.n into place from work_slots s
      where s.grp = p_grp and s.name = p_limit and s.holder is null and not s.surplus
      order by s.n limit 1 for update skip locked;
    if place is null then
      insert into work_queue (id, workflow, grp, name, input) values (p_id, p_workflow, p_grp, p_limit, p_input);
      return 'queued';
    end if;
    update work_slots set holder = p_id, taken_at = clock_timestamp()
      where grp = p_grp and name = p_limit and n = place;
  end if;
  perform work_hand_over(p_id, p_workflow, p_grp, p_input);
  return 'started';
end $$;

-- Gives free places to those who wait, oldest first. Gives how many were started.
-- Needed because an enqueue and a release that run at once do not see each other: see limits.ts.
create function work_promote(p_grp text, p_limit text) returns integer
language plpgsql as $$
declare
  place integer;
  next work_queue;
  started integer := 0;
begin
  loop
    select * into next from work_queue where grp = p_grp and name = p_limit
      order by seq limit 1 for update skip locked;
    exit when not found;
    select s.n into place from work_slots s
      where s.grp = p_grp and s.name = p_limit and s.holder is null and not s.surplus
      order by s.n limit 1 for update skip locked;
    exit when not found;
    update work_slots set holder = next.id, taken_at = clock_timestamp()
      where grp = p_grp and name = p_limit and n = place;
    delete from work_queue where seq = next.seq;
    perform work_hand_over(next.id, next.workflow, next.grp, next.input);
    started := started + 1;
  end loop;
  return started;
end $$;

-- A workflow has ended: its messages go, its place goes to the next in line.
-- Gives 'handed' when another was started, 'freed' when the place stays empty, else 'none'.
create function work_finish(p_id text) returns text
language plpgsql as $$
declare
  place work_slots;
  next work_queue;
begin
  delete from work_waits where workflow_id = p_id;
  delete from work_messages where workflow_id = p_id;
  select * into place from work_slots where holder = p_id for update;
  if not found then
    return 'none';
  end if;
  if not place.surplus then
    -- Shrink with mine instead: which of the holders ends first does not matter.
    update work_slots set surplus = false where (grp, name, n) = (
      select s.grp, s.name, s.n from work_slots s where s.grp = place.grp and s.name = place.name and s.surplus
      limit 1 for update skip locked);
    place.surplus := found;
  end if;
  if place.surplus then
    delete from work_slots where grp = place.grp and name = place.name and n = place.n;
    return 'none';
  end if;
  select * into next from work_queue where grp = place.grp and name = place.name
    order by seq limit 1 for update skip locked;
  if not found then
    update work_slots set holder = null, taken_at = null
      where grp = place.grp and name = place.name and n = place.n;
    return 'freed';
  end if;
  delete from work_queue where seq = next.seq;
  update work_slots set holder = next.id, taken_at = clock_timestamp()
    where grp = place.grp and name = place.name and n = place.n;
  perform work_hand_over(next.id, next.workflow, next.grp, next.input);
  return 'handed';
end $$;

-- The end of a workflow: its outcome, and what work_finish does, in one transaction. Gives 'lost' when it is
-- not this owner's to end, else what work_finish gave.
create function work_complete(p_id text, p_owner text, p_output text, p_finish boolean) returns text
language plpgsql as $$
declare
  now_ms bigint := (extract(epoch from clock_timestamp()) * 1000)::bigint;
begin
  update dbos.workflow_status set
    status = 'SUCCESS', owner_xid = null, deduplication_id = null, updated_at = now_ms, completed_at = now_ms
    where workflow_uuid = p_id and status = 'PENDING' and owner_xid = p_owner;
  if not found then
    return 'lost';
  end if;
  insert into dbos.workflow_output (workflow_uuid, output) values (p_id, p_output)
    on conflict (workflow_uuid) do update set output = excluded.output, error = null;
  if p_finish then
    return work_finish(p_id);
  end if;
  return 'none';
end $$;

-- Sets the size of a limit. When it shrinks, places that are taken vanish as work ends.
create function work_set_limit(p_grp text, p_limit text, p_size integer) returns void
language plpgsql as $$
declare
  places integer;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_grp || ':' || p_limit, 21));
  insert into work_limits (grp, name, size) values (p_grp, p_limit, p_size)
    on conflict (grp, name) do update set size = excluded.size;
  update work_slots set surplus = false where grp = p_grp and name = p_limit and surplus;
  select count(*) into places from work_slots where grp = p_grp and name = p_limit;
  if places > p_size then
    delete from work_slots where (grp, name, n) in (
      select s.grp, s.name, s.n from work_slots s where s.grp = p_grp and s.name = p_limit and s.holder is null
      limit places - p_size for update skip locked);
    select count(*) into places from work_slots where grp = p_grp and name = p_limit;
    update work_slots set surplus = true where (grp, name, n) in (
      select s.grp, s.name, s.n from work_slots s where s.grp = p_grp and s.name = p_limit
      order by s.n limit greatest(places - p_size, 0));
  end if;
  insert into work_slots (grp, name, n)
    select p_grp, p_limit, m.n + i
    from (select coalesce(max(s.n), 0) as n from work_slots s where s.grp = p_grp and s.name = p_limit) m,
      generate_series(1, p_size - places) i;
end $$;

-- Asks a workflow to abort. One that waits for a place starts without one: it will only run its end.
-- Gives true when there was something to abort.
create function work_abort(p_id text, p_reason text) returns boolean
language plpgsql as $$
declare
  waiting work_queue;
begin
  delete from work_queue where id = p_id returning * into waiting;
  if waiting.id is not null then
    perform work_hand_over(waiting.id, waiting.workflow, waiting.grp, waiting.input);
  elsif not exists (select 1 from dbos.workflow_status
                    where workflow_uuid = p_id and status in ('PENDING', 'ENQUEUED')) then
    return false;
  end if;
  insert into work_state (id, abort_reason) values (p_id, p_reason)
    on conflict (id) do update
      set abort_reason = coalesce(work_state.abort_reason, excluded.abort_reason), updated_at = clock_timestamp();
  return true;
end $$;

-- Puts what a dead executor was running (all, or the given ids) back into its queues.
-- Counts takeovers; one that dies in the same step again and again is parked: it will only run its `failed`.
create function work_reclaim(p_executor text, p_ids text[], p_counted boolean, p_max integer)
returns table (id text, parked boolean)
language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with mine as (
    select s.workflow_uuid, s.queue_name, s.name,
      (select max(o.function_id) from dbos.operation_outputs o where o.workflow_uuid = s.workflow_uuid) as last_step,
      -- A workflow that only waits for a message did not kill anybody.
      exists (select 1 from work_waits w where w.workflow_id = s.workflow_uuid and not exists (
        select 1 from dbos.operation_outputs o
        where o.workflow_uuid = w.workflow_id and o.function_id = w.step)) as waits
    from dbos.workflow_status s
    where s.status = 'PENDING' and s.executor_id = p_executor and (p_ids is null or s.workflow_uuid = any (p_ids))
    for update of s
  ), counted as (
    insert into work_state as w (id, takeovers, strikes, last_step)
    select m.workflow_uuid, 1, case when m.waits then 0 else 1 end, m.last_step from mine m where p_counted
    on conflict (id) do update set
      takeovers = w.takeovers + 1,
      strikes = case
        when excluded.strikes = 0 then w.strikes
        when w.last_step is distinct from excluded.last_step then 1
        else w.strikes + 1 end,
      last_step = excluded.last_step,
      parked = case
        when w.parked is null and excluded.strikes = 1 and w.last_step is not distinct from excluded.last_step
          and w.strikes >= p_max
        then format('Parked after %s takeovers: each conductor that ran its next step died', w.strikes)
          || coalesce(' or stopped it (' || w.stalled || ')', '')
        else w.parked end,
      stalled = case when w.last_step is distinct from excluded.last_step then null else w.stalled end,
      updated_at = clock_timestamp()
    returning w.id, w.parked, w.strikes
  ), back as (
    update dbos.workflow_status s set
      status = 'ENQUEUED', owner_xid = null, started_at_epoch_ms = null,
      updated_at = (extract(epoch from clock_timestamp()) * 1000)::bigint
    from mine m left join counted c on c.id = m.workflow_uuid
    where s.workflow_uuid = m.workflow_uuid and coalesce(c.strikes, 0) <= 2 * p_max
    returning s.workflow_uuid
  ), buried as (
    -- Its clean-up kills conductors, too: leave it as it is, for people.
    update dbos.workflow_status s set
      status = 'SUCCESS', owner_xid = null,
      updated_at = (extract(epoch from clock_timestamp()) * 1000)::bigint,
      completed_at = (extract(epoch from clock_timestamp()) * 1000)::bigint
    from counted c where s.workflow_uuid = c.id and c.strikes > 2 * p_max
    returning s.workflow_uuid
  ), epitaph as (
    insert into dbos.workflow_output (workflow_uuid, output)
    select b.workflow_uuid,
      json_build_object('state', 'parked', 'error', c.parked || '; so did its clean-up, which was not finished')::text
    from buried b join counted c on c.id = b.workflow_uuid
    on conflict (workflow_uuid) do nothing
  )
  select b.workflow_uuid, c.parked is not null from back b left join counted c on c.id = b.workflow_uuid;
end $$;
