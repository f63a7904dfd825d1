-- Switches whose ports machines hang on, and what each port shall be and was read to be.

create table net_switches (
  seq bigint generated always as identity,
  id uuid primary key,
  name text not null constraint net_switches_name_key unique,
  description text not null default '',
  driver text not null check (driver in ('ovs', 'netconf', 'gnmi', 'ssh')),
  -- Of SSH: whose commands it speaks.
  platform text,
  address text not null,
  -- Lower case with colons, as LLDP tells it.
  chassis_id text constraint net_switches_chassis_key unique,
  username text,
  -- Password, private key, enable password, certificate and key, as the driver needs them.
  login_sealed text not null,
  ca text,
  certificate text,
  -- `SHA256:…` of what it must show; null: what it shows first.
  host_key text,
  physical_network text,
  -- Whose conductors reach it.
  conductor_group text not null default '',
  parking_vlan integer not null,
  -- What happens when a port is not as wanted and nobody asked: put right, or only told.
  drift text not null default 'repair' check (drift in ('repair', 'report')),
  -- false: nobody talks to it (it is being replaced).
  enabled boolean not null default true,
  options jsonb not null default '{}',
  -- Names of ports as others write them → the switch's own.
  port_names jsonb not null default '{}',
  state text not null default 'unknown' check (state in ('unknown', 'ok', 'unreachable')),
  error_code text,
  error text,
  -- What runs could not be saved: it would be gone after a restart of the switch.
  save_error text,
  read_at timestamptz,
  read_wanted_at timestamptz,
  -- One writer at a time: who, and until when.
  writer uuid,
  writer_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index net_switches_seq on net_switches (seq);

create table net_switch_ports (
  switch_id uuid not null references net_switches (id) on delete cascade,
  port text not null,
  -- null: nobody wants anything of it.
  plan jsonb,
  owner text,
  lag_key text,
  lag_group integer,
  -- Rises with each wish; `done_revision` is the last that was tried to its end.
  revision bigint not null default 0,
  done_revision bigint not null default 0,
  outcome text check (outcome in ('applied', 'failed')),
  error_code text,
  error text,
  wished_at timestamptz,
  -- What the switch said last.
  found jsonb,
  found_at timestamptz,
  -- Since when it is not as wanted although it was; null while it is.
  drift_since timestamptz,
  primary key (switch_id, port)
);
create index net_switch_ports_pending on net_switch_ports (switch_id) where done_revision < revision;
create index net_switch_ports_lag on net_switch_ports (lag_key) where lag_key is not null;
