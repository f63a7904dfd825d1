-- What conductors keep about the nodes they work on.

alter table nodes
  -- Where the operation stands: phase, step, what it waits for. Written when a step takes longer than a moment
  -- and before each wait; null at the start of an operation.
  add column progress json,
  -- The action on the machine that somebody asked for and that is not over (power, NMI, boot device…).
  -- It locks the node for other actions and for verbs.
  add column intent_id bigint;

-- Intents that people asked for are a queue as well: `queued` ones are claimed by a conductor of the group.
-- Rows without node are calls of a hardware type.
alter table node_intents
  alter column node_uuid drop not null,
  add column conductor_group text not null default '',
  add column queued boolean not null default false,
  -- Incarnation of the conductor that has it in hand.
  add column claimed_by text,
  -- Who asks gives up then; an unclaimed one is dropped.
  add column deadline timestamptz,
  add column result json;
create index node_intents_queue on node_intents (conductor_group, id) where queued and state = 'open';

create table fake_machines (
  node_uuid uuid primary key references nodes (uuid) on delete cascade,
  state json not null,
  updated_at timestamptz not null default clock_timestamp()
);

-- What was done to fake machines, by whom, under which right. Only written when tests ask for it.
create table fake_ledger (
  id bigint generated always as identity primary key,
  node_uuid uuid not null,
  at timestamptz not null default clock_timestamp(),
  action text not null,
  detail json not null default '{}',
  incarnation text not null,
  fence bigint not null
);
create index fake_ledger_node on fake_ledger (node_uuid, id);
