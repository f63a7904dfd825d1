-- Machines whose ports are bound by us: who may act on each, where its cables end, what was heard there.

create table net_machines (
  -- The node's UUID.
  id uuid primary key,
  -- Of the node's lease, the highest seen: what an earlier owner still sends is refused.
  fence bigint not null,
  -- Who moves its switch ports at the moment: the flip of an operation, or the reconciler. One at a time, so that nobody
  -- asks switches for what was true a moment ago.
  holder text,
  held_until timestamptz,
  updated_at timestamptz not null default now()
);

-- Which ports are bound to a machine, and to which of its places (a port or a port group of bare metal).
create table net_machine_ports (
  port_id uuid primary key references net_ports (id) on delete cascade,
  machine_id uuid not null references net_machines (id) on delete cascade,
  place_id uuid not null,
  -- What the switch ports of it are; [{"switch_id", "port_id", "switch_info"}]
  links json not null default '[]',
  -- {"id", "name", "mode", "properties"} of a port group
  bond json,
  -- Null: a tenant's. Else what our own port was made for.
  purpose text check (purpose in ('provisioning', 'cleaning', 'inspection', 'rescue', 'servicing'))
);
create index net_machine_ports_machine on net_machine_ports (machine_id);

-- The switch ports machines hang on. One whose machine is on no network carries nothing; it stays here so that it
-- stays so, until the machine is forgotten.
create table net_machine_links (
  switch_id text not null,
  port_id text not null,
  switch_info text,
  machine_id uuid not null references net_machines (id) on delete cascade,
  primary key (switch_id, port_id)
);
create index net_machine_links_machine on net_machine_links (machine_id);

-- What inspections heard by LLDP: where cables really are.
create table net_machine_neighbours (
  machine_id uuid not null,
  mac macaddr not null,
  nic text not null,
  switch_id text not null,
  port_id text not null,
  switch_info text,
  vlan integer,
  mtu integer,
  heard_at timestamptz not null default now(),
  primary key (machine_id, mac)
);
create index net_machine_neighbours_link on net_machine_neighbours (switch_id, port_id);

-- Refuse to bind a port to a machine where its security groups cannot be enforced; null: as the settings say.
alter table net_ports add column strict_security_groups boolean;
