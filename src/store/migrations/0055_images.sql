-- Images: Glance's records, what hosts keep ready for machines, and the addresses under which machines fetch it.

create table images (
  id uuid primary key,
  name text,
  status text not null check (status in ('queued', 'saving', 'uploading', 'importing', 'active', 'killed', 'deactivated')),
  visibility text not null check (visibility in ('public', 'private', 'shared', 'community')),
  owner text,
  disk_format text,
  container_format text,
  size bigint,
  virtual_size bigint,
  min_disk integer not null default 0,
  min_ram integer not null default 0,
  protected boolean not null default false,
  os_hidden boolean not null default false,
  checksum text,
  os_hash_algo text,
  os_hash_value text,
  tags text[] not null default '{}',
  properties jsonb not null default '{}',
  -- How its bytes lie in the data directory: 'file' or 'blocks'; null: none yet.
  stored text check (stored in ('file', 'blocks')),
  -- An earlier capture of the same disk.
  parent_id uuid,
  node_uuid uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index images_owner on images (owner);
create index images_created on images (created_at, id);

create table image_members (
  image_id uuid not null references images (id) on delete cascade,
  member text not null,
  status text not null default 'pending' check (status in ('pending', 'accepted', 'rejected')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (image_id, member)
);
create index image_members_member on image_members (member);

-- What one host has in its cache. A row with an owner is being made by that process, as long as it beats.
create table image_cache (
  host text not null,
  key text not null,
  owner text,
  beat_at timestamptz not null default now(),
  content_id text,
  format text,
  compression text,
  source_bytes bigint,
  virtual_bytes bigint,
  raw_sha256 text,
  disk_bytes bigint,
  used_at timestamptz not null default now(),
  primary key (host, key)
);
create index image_cache_content on image_cache (host, content_id);

-- Addresses that machines were given. Only the hash of the secret part is kept.
create table image_tickets (
  nonce_hash text primary key,
  kind text not null check (kind in ('fetch', 'capture')),
  host text not null,
  node_uuid uuid not null,
  content_id text,
  image_id uuid,
  expires_at timestamptz not null
);
create index image_tickets_content on image_tickets (content_id, expires_at);

-- Bytes that machines took from us and from one another.
create table image_transfers (
  content_id text not null,
  node_uuid uuid not null,
  sent_bytes bigint not null default 0,
  blocks bigint not null default 0,
  at timestamptz not null default now(),
  primary key (content_id, node_uuid)
);
