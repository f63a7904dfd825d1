-- How the time of an operation was spent: whom the machine waited for, and when. One row an operation.
create table node_timelines (
  id bigint generated always as identity primary key,
  operation_id text not null unique,
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  operation text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  succeeded boolean not null,
  -- Seconds in which the machine waited for Ingot.
  overhead_seconds double precision not null,
  -- [{on, what, started_at, seconds, bytes}]
  spans json not null,
  -- What a later estimate looks for: resource class and bytes of the image.
  resource_class text,
  image_bytes bigint
);
create index node_timelines_node on node_timelines (node_uuid, id);
create index node_timelines_class on node_timelines (operation, resource_class, id) where succeeded;

-- What erased a machine, as its agent reported it: nothing becomes available without. Rows are never changed.
create table node_proofs (
  id bigint generated always as identity primary key,
  uuid uuid not null default gen_random_uuid() unique,
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  operation_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- `deploy.erase_devices`, `bios`, `firmware`, `waived`…
  step text not null,
  -- A block device, by the best name it has; null when the step speaks of the machine as a whole.
  device text,
  outcome text not null check (outcome in ('erased', 'checked', 'different', 'failed', 'waived')),
  agent_version text,
  conductor text,
  evidence json not null default '{}',
  unique (operation_id, step, device)
);
create index node_proofs_node on node_proofs (node_uuid, id);

-- A second lookup while a token is out: the machine started anew, or another one has its MAC address.
alter table node_agents add column second_lookup_at timestamptz;
-- How far the command in hand is, as the agent's heartbeats say.
alter table node_agents add column progress text;
