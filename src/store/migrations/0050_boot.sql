-- What each machine is offered to boot, and what was asked for. Every boot host serves from the same rows.

create table boot_offers (
  node_uuid uuid primary key,
  -- SHA-256 of the nonce in the offer's URLs; the nonce itself is sealed with the request.
  nonce_hash bytea not null unique,
  sealed text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- null: until withdrawn.
  expires_at timestamptz
);

-- A machine is found by its network addresses; two machines with one address cannot both be booted.
create table boot_macs (
  mac text primary key,
  node_uuid uuid not null references boot_offers on delete cascade
);
create index boot_macs_node on boot_macs (node_uuid);

create table boot_sightings (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  -- null: no machine that is known here.
  node_uuid uuid,
  method text not null,
  what text not null,
  mac text,
  address text,
  bytes bigint
);
create index boot_sightings_node on boot_sightings (node_uuid, id);
create index boot_sightings_at on boot_sightings (at);

-- Who serves boots, and where; the conductor that offers a boot may be another process.
create table boot_hosts (
  host text primary key,
  -- `http://10.9.0.1`: for machines. `media_url`: for BMCs.
  base_url text not null,
  media_url text not null,
  facts jsonb not null,
  beat_at timestamptz not null
);
