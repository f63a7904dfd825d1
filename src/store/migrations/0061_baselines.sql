-- What the firmware of a machine is to be like between tenants: recorded when it was first cleaned, or anew when an
-- operator changed it on purpose.
create table node_baselines (
  node_uuid uuid primary key references nodes (uuid) on delete cascade,
  -- setting → value; null where the machine tells none.
  bios json,
  -- component → version
  firmware json,
  recorded_at timestamptz not null default clock_timestamp()
);
