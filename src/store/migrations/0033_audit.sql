-- What was done, by whom, and how it ended. Requests only append here; a background task chains the records
-- by keyed hashes in a table of its own, so that no request waits for the order of another.

create table audit_records (
  id bigint generated always as identity primary key,
  -- When it was stored; `record` holds when it happened.
  at timestamptz not null default clock_timestamp(),
  initiator text,
  project text,
  outcome text not null,
  action text not null,
  target text,
  -- The CADF event as text: what the hashes are over, byte for byte.
  record json not null,
  -- Keyed hash of the record by the process that saw the call: nobody else can add one.
  mark bytea not null
);
create index audit_records_at on audit_records (at);
create index audit_records_initiator on audit_records (initiator, id);

create table audit_chain (
  position bigint primary key,
  record_id bigint not null unique,
  hash bytea not null
);

-- The key of the hashes, sealed: who can only write to the database can make neither a record nor a chain that holds.
create table audit_key (
  one boolean primary key default true check (one),
  sealed text not null
);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit records are never changed or removed';
end $$;
create trigger audit_records_append_only before update or delete on audit_records
  for each row execute function audit_is_append_only();
create trigger audit_chain_append_only before update or delete on audit_chain
  for each row execute function audit_is_append_only();
create trigger audit_records_no_truncate before truncate on audit_records
  for each statement execute function audit_is_append_only();
create trigger audit_chain_no_truncate before truncate on audit_chain
  for each statement execute function audit_is_append_only();

-- Records that wait for their place in the chain.
create table audit_pending (
  record_id bigint primary key
);
