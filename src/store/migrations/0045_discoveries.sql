-- Searches for BMCs, and what they found. A search is durable work: it goes on where it was on another conductor.

create table discoveries (
  id uuid primary key,
  state text not null default 'running' check (state in ('running', 'done', 'stopped', 'failed')),
  -- Where to look, and how: plain facts, no secrets.
  places json not null,
  wish json not null,
  -- The login at the BMCs; taken away when the search has ended.
  login_sealed text,
  total integer not null,
  scanned integer not null default 0,
  error text,
  user_id text,
  project_id text,
  request_id text not null default '',
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index discoveries_created on discoveries (created_at);

-- One row per machine behind a BMC that answered; `system` is its path where a BMC has several.
create table discovered_bmcs (
  seq bigint generated always as identity primary key,
  discovery_id uuid not null references discoveries on delete cascade,
  place text not null,
  system text not null default '',
  uuid text,
  report json not null,
  -- The node that drives it: made by this search, or there before.
  node_uuid uuid,
  enrolled boolean not null default false,
  unique (discovery_id, place, system)
);
create index discovered_bmcs_uuid on discovered_bmcs (uuid, discovery_id);
