-- What inspection and the BMC say about a node, one set a node, replaced whole.

create table node_inventory (
  node_uuid uuid primary key references nodes (uuid) on delete cascade,
  inventory json not null,
  plugin_data json not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table bios_settings (
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  name text not null,
  value text,
  attribute_type text,
  allowable_values json,
  lower_bound bigint,
  upper_bound bigint,
  min_length bigint,
  max_length bigint,
  read_only boolean,
  reset_required boolean,
  "unique" boolean,
  created_at timestamptz not null default now(),
  updated_at timestamptz,
  primary key (node_uuid, name)
);

create table firmware_components (
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  component text not null,
  initial_version text not null,
  current_version text,
  last_version_flashed text,
  vendor text,
  model text,
  serial_number text,
  created_at timestamptz not null default now(),
  updated_at timestamptz,
  primary key (node_uuid, component)
);

-- Histories are listed newest or oldest first, whole or from an entry on.
create index node_history_created on node_history (node_uuid, created_at, id);
