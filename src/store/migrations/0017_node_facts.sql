-- What was last read from a machine, one row per node, shown without asking the machine.
create table node_facts (
  node_uuid uuid primary key references nodes (uuid) on delete cascade,
  -- [{ name, value, attribute_type, … }], sorted by name; null: never read.
  bios json,
  bios_since timestamptz,
  bios_at timestamptz,
  -- [{ component, initial_version, current_version, last_version_flashed, vendor, model, serial_number }]
  firmware json,
  firmware_since timestamptz,
  firmware_at timestamptz,
  -- What inspection found.
  inventory json,
  plugin_data json,
  inventory_at timestamptz
);
