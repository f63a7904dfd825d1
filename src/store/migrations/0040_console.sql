-- Whose the bytes of a node's console are, who records them where, and tickets to interactive sessions.

-- One row for each time somebody has the machine: from the start of a deploy to the start of the undeploy, anew when
-- owner, lessee or instance change in between. Cleaning, inspection and waiting belong to none.
create table console_tenancies (
  id bigint generated always as identity primary key,
  node_uuid uuid not null,
  owner text,
  lessee text,
  instance_uuid uuid,
  began_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create unique index console_tenancies_open on console_tenancies (node_uuid) where ended_at is null;
create index console_tenancies_node on console_tenancies (node_uuid, id);
create index console_tenancies_instance on console_tenancies (instance_uuid) where instance_uuid is not null;

-- A trigger, so that whoever moves a node (a workflow, an edit, a hand in the database) cannot forget it: tenancy and
-- state change in one transaction.
create function console_occupied(state text) returns boolean language sql immutable parallel safe as $$
  select state in ('deploying', 'wait call-back', 'deploy hold', 'deploy failed', 'active', 'rescuing', 'rescue wait',
    'rescue', 'rescue failed', 'unrescuing', 'unrescue failed', 'servicing', 'service wait', 'service hold',
    'service failed')
$$;

create function console_tenancy_follows() returns trigger language plpgsql as $$
declare
  open console_tenancies;
  occupied boolean := console_occupied(new.provision_state);
begin
  select * into open from console_tenancies where node_uuid = new.uuid and ended_at is null;
  if found then
    if occupied and open.owner is not distinct from new.owner and open.lessee is not distinct from new.lessee
      and (open.instance_uuid is null or open.instance_uuid is not distinct from new.instance_uuid) then
      if open.instance_uuid is distinct from new.instance_uuid then
        update console_tenancies set instance_uuid = new.instance_uuid where id = open.id;
      end if;
      return null;
    end if;
    update console_tenancies set ended_at = clock_timestamp() where id = open.id;
  end if;
  if occupied then
    insert into console_tenancies (node_uuid, owner, lessee, instance_uuid)
    values (new.uuid, new.owner, new.lessee, new.instance_uuid);
  end if;
  return null;
end $$;

create trigger console_tenancy_changes after update of provision_state, owner, lessee, instance_uuid on nodes
  for each row when (console_occupied(old.provision_state) is distinct from console_occupied(new.provision_state)
    or (console_occupied(new.provision_state) and (old.owner is distinct from new.owner
      or old.lessee is distinct from new.lessee or old.instance_uuid is distinct from new.instance_uuid)))
  execute function console_tenancy_follows();

create function console_node_is_gone() returns trigger language plpgsql as $$
begin
  update console_tenancies set ended_at = clock_timestamp() where node_uuid = old.uuid and ended_at is null;
  delete from console_lines where node_uuid = old.uuid;
  delete from console_pins where node_uuid = old.uuid;
  delete from console_sessions where node_uuid = old.uuid;
  return null;
end $$;
create trigger console_forgets after delete on nodes for each row execute function console_node_is_gone();

-- Nodes that are in use already.
insert into console_tenancies (node_uuid, owner, lessee, instance_uuid)
select uuid, owner, lessee, instance_uuid from nodes where console_occupied(provision_state);

-- Processes that record, and where the API reaches them. The key of that connection is sealed.
create table console_recorders (
  host text primary key,
  incarnation text not null,
  address text,
  key_sealed text,
  updated_at timestamptz not null default now()
);

-- Where the recordings of a node lie; `recording` in one row only, that of the host that has the line now.
create table console_lines (
  node_uuid uuid not null,
  host text not null,
  recording boolean not null default false,
  state text not null default 'connecting',
  -- Why it is not connected, and how when it is.
  detail text,
  changed_at timestamptz not null default now(),
  primary key (node_uuid, host)
);

-- Host keys of SSH servers in BMCs, as first seen.
create table console_pins (
  node_uuid uuid not null,
  endpoint text not null,
  fingerprint text not null,
  seen_at timestamptz not null default now(),
  primary key (node_uuid, endpoint)
);

-- Interactive sessions: the token is good once, within seconds, and only its hash is kept.
create table console_sessions (
  id uuid primary key,
  token_hash bytea not null unique,
  node_uuid uuid not null,
  kind text not null,
  mode text not null,
  -- What the session may see: this tenancy, or everything (null).
  tenancy_id bigint,
  user_id text,
  user_name text,
  project_id text,
  -- The login it was asked with, to see whether it still holds.
  login_sealed text not null,
  source text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index console_sessions_node on console_sessions (node_uuid, created_at);
create index console_sessions_old on console_sessions (created_at);
