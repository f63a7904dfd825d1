-- Allocations: a wish for a machine, granted by marking the node.
create table allocations (
  seq bigint generated always as identity,
  uuid uuid primary key,
  name text constraint allocations_name_key unique,
  node_uuid uuid references nodes (uuid) on delete set null,
  state text not null default 'allocating' check (state in ('allocating', 'active', 'error')),
  last_error text,
  resource_class text,
  owner text,
  traits text[] not null default '{}',
  candidate_nodes json not null default '[]',
  -- Set with a node by hand (backfill).
  extra json not null default '{}',
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create unique index allocations_seq on allocations (seq);
create index allocations_open on allocations (seq) where state = 'allocating';
create index allocations_node on allocations (node_uuid) where node_uuid is not null;
create index allocations_owner on allocations (owner, seq) where owner is not null;
-- Candidates: what can be given now, by class. Small and exact, so that choosing costs no scan.
create index nodes_free on nodes (resource_class, seq)
  where provision_state = 'available' and not maintenance and not retired and instance_uuid is null and allocation_uuid is null;

-- What a ramdisk said of itself: one row per node, apart from the node's own, so that heartbeats do not fight with edits.
create table node_agents (
  node_uuid uuid primary key references nodes (uuid) on delete cascade,
  -- SHA-256 of the token in hand, and the operation it was given for: it dies with that.
  token_hash bytea,
  operation_id text,
  -- Sealed token, for the conductor's commands.
  token_sealed text,
  callback_url text,
  version text,
  verify_ca text,
  last_heartbeat timestamptz,
  status text,
  status_message text
);

-- What an inspection ramdisk reported, until the conductor has made something of it.
create table node_reports (
  node_uuid uuid primary key references nodes (uuid) on delete cascade,
  inventory json not null,
  plugin_data json not null,
  received_at timestamptz not null default clock_timestamp()
);
