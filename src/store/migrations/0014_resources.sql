-- What stands beside nodes in the Bare Metal API: port groups, volumes, templates, runbooks, rules.

create table portgroups (
  seq bigint generated always as identity,
  uuid uuid primary key,
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  name text constraint portgroups_name_key unique,
  address macaddr constraint portgroups_address_key unique,
  mode text not null default 'active-backup',
  properties json not null default '{}',
  standalone_ports_supported boolean not null default true,
  physical_network text,
  category text,
  dynamic_portgroup boolean not null default false,
  internal_info json not null default '{}',
  extra json not null default '{}',
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create unique index portgroups_seq on portgroups (seq);
create index portgroups_node on portgroups (node_uuid, seq);
alter table ports add constraint ports_portgroup_fkey foreign key (portgroup_uuid) references portgroups (uuid);
create unique index chassis_seq on chassis (seq);

create table volume_connectors (
  seq bigint generated always as identity,
  uuid uuid primary key,
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  type text not null,
  connector_id text not null,
  extra json not null default '{}',
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz,
  constraint volume_connectors_type_id_key unique (type, connector_id)
);
create unique index volume_connectors_seq on volume_connectors (seq);
create index volume_connectors_node on volume_connectors (node_uuid, seq);

create table volume_targets (
  seq bigint generated always as identity,
  uuid uuid primary key,
  node_uuid uuid not null references nodes (uuid) on delete cascade,
  volume_type text not null,
  boot_index integer not null,
  volume_id text not null,
  -- Masked; the secrets (CHAP passwords) are sealed beside.
  properties json not null default '{}',
  properties_sealed text,
  extra json not null default '{}',
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz,
  constraint volume_targets_boot_index_key unique (node_uuid, boot_index)
);
create unique index volume_targets_seq on volume_targets (seq);

create table deploy_templates (
  seq bigint generated always as identity,
  uuid uuid primary key,
  name text not null constraint deploy_templates_name_key unique,
  steps json not null,
  extra json not null default '{}',
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create unique index deploy_templates_seq on deploy_templates (seq);

create table runbooks (
  seq bigint generated always as identity,
  uuid uuid primary key,
  name text not null constraint runbooks_name_key unique,
  description text,
  steps json not null,
  disable_ramdisk boolean not null default false,
  public boolean not null default false,
  owner text,
  traits text[] not null default '{}',
  extra json not null default '{}',
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create unique index runbooks_seq on runbooks (seq);
create index runbooks_owner on runbooks (owner, seq) where owner is not null;

create table inspection_rules (
  seq bigint generated always as identity,
  uuid uuid primary key,
  description text,
  priority integer not null default 0,
  -- Conditions and actions are shown to nobody once written.
  sensitive boolean not null default false,
  phase text not null default 'main',
  conditions json not null default '[]',
  actions json not null default '[]',
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create unique index inspection_rules_seq on inspection_rules (seq);
