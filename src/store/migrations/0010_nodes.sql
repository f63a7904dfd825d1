-- Nodes and what hangs on them. Free-form documents are `json`, not `jsonb`: they are kept as the text
-- they came in, so that lists can splice them into the answer without parsing (measured 2 to 5 times faster).
-- Documents that may hold secrets are stored masked; the secrets lie sealed beside them (`*_sealed`).

create table chassis (
  seq bigint generated always as identity,
  uuid uuid primary key,
  description text,
  extra json not null default '{}',
  owner text,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table nodes (
  seq bigint generated always as identity,
  uuid uuid primary key,
  name text unique,
  chassis_uuid uuid references chassis (uuid),
  driver text not null,
  bios_interface text not null,
  boot_interface text not null,
  console_interface text not null,
  deploy_interface text not null,
  firmware_interface text not null,
  inspect_interface text not null,
  management_interface text not null,
  network_interface text not null,
  power_interface text not null,
  raid_interface text not null,
  rescue_interface text not null,
  storage_interface text not null,
  vendor_interface text not null,

  resource_class text,
  conductor_group text not null default '',
  owner text,
  lessee text,
  shard text,
  description text,
  parent_node uuid references nodes (uuid),
  instance_uuid uuid unique,
  instance_name text,
  allocation_uuid uuid,

  provision_state text not null,
  target_provision_state text,
  provision_updated_at timestamptz,
  power_state text,
  target_power_state text,
  last_error text,
  maintenance boolean not null default false,
  maintenance_reason text,
  fault text,
  protected boolean not null default false,
  protected_reason text,
  retired boolean not null default false,
  retired_reason text,
  automated_clean boolean,
  console_enabled boolean not null default false,
  disable_power_off boolean not null default false,
  boot_mode text,
  secure_boot boolean,
  health text,
  inspection_started_at timestamptz,
  inspection_finished_at timestamptz,

  -- The step in hand, as Ironic shows it.
  clean_step json not null default '{}',
  deploy_step json not null default '{}',
  service_step json not null default '{}',
  raid_config json not null default '{}',
  target_raid_config json not null default '{}',

  properties json not null default '{}',
  extra json not null default '{}',
  driver_info json not null default '{}',
  driver_info_sealed text,
  instance_info json not null default '{}',
  instance_info_sealed text,
  driver_internal_info json not null default '{}',
  driver_internal_info_sealed text,
  network_data json not null default '{}',
  traits text[] not null default '{}',

  -- Work in flight: the workflow's id and what it does. Ironic's `reservation` is the view of it:
  -- a node with an operation is locked, by `reservation` (the conductor's host) once one has taken it.
  operation_id text,
  operation text,
  reservation text,
  -- The owner's lease. `fence` rises only when ownership changes; every transition and every write to the
  -- BMC says which fence it acts under.
  owner_incarnation text,
  fence bigint not null default 0,
  -- Guards edits of the row; rises with each.
  revision bigint not null default 1,

  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create unique index nodes_seq on nodes (seq);
create index nodes_provision_state on nodes (provision_state, seq);
create index nodes_resource_class on nodes (resource_class, seq);
create index nodes_driver on nodes (driver, seq);
create index nodes_conductor_group on nodes (conductor_group, seq);
create index nodes_owner on nodes (owner, seq) where owner is not null;
create index nodes_lessee on nodes (lessee, seq) where lessee is not null;
create index nodes_shard on nodes (shard, seq);
create index nodes_parent on nodes (parent_node) where parent_node is not null;
create index nodes_chassis on nodes (chassis_uuid) where chassis_uuid is not null;
create index nodes_operation on nodes (operation_id) where operation_id is not null;
create index nodes_owner_incarnation on nodes (owner_incarnation) where owner_incarnation is not null;
create index nodes_traits on nodes using gin (traits);

-- What happened to a node, newest last. Transitions, steps, errors, unknown outcomes.
create table node_history (
  id bigint generated always as identity primary key,
  uuid uuid not null default gen_random_uuid() unique,
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  conductor text,
  severity text not null default 'INFO',
  event_type text not null,
  event text not null,
  user_id text,
  project text,
  state text,
  target_state text,
  duration_seconds double precision
);
create index node_history_node on node_history (node_uuid, id);

-- One row per write to a BMC that was begun: committed before the write, closed after it was seen to work.
-- A successor that finds it open reads the state first; see docs/adr on power.
create table node_intents (
  id bigint generated always as identity primary key,
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  operation_id text,
  fence bigint not null,
  -- 'power on', 'force off', 'soft off', 'nmi', 'boot device', …
  action text not null,
  -- May it be sent again when its outcome is unknown? Absolute: yes, after reading. Relative: never.
  absolute boolean not null,
  state text not null default 'open' check (state in ('open', 'done', 'failed', 'unknown')),
  detail json not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz
);
create index node_intents_open on node_intents (node_uuid) where state = 'open';

create table ports (
  seq bigint generated always as identity,
  uuid uuid primary key,
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  address macaddr not null unique,
  name text unique,
  description text,
  vendor text,
  category text,
  portgroup_uuid uuid,
  pxe_enabled boolean not null default true,
  is_smartnic boolean not null default false,
  physical_network text,
  local_link_connection json not null default '{}',
  internal_info json not null default '{}',
  extra json not null default '{}',
  available_for_dynamic_portgroup boolean not null default true,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create unique index ports_seq on ports (seq);
create index ports_node on ports (node_uuid, seq);
create index ports_portgroup on ports (portgroup_uuid) where portgroup_uuid is not null;
