import type { Store } from '#store/contract';
import { gather } from '#store/gather';
import { prepared } from './prepared.ts';

/** Facts read from a machine; those that are absent stay as they were. */
export interface NodeFacts {
  nodeUuid: string;
  bios?: readonly object[];
  firmware?: readonly object[];
  inventory?: object;
  pluginData?: object;
}

/** Keeps what was read from machines. Facts of many nodes go together in one statement. */
export function makeFacts(store: Store): (facts: NodeFacts) => Promise<void> {
  const text = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value));
  return gather<NodeFacts, void>(async (items) => {
    await store.query(
      prepared(SAVE, [
        items.map((one) => one.nodeUuid),
        items.map((one) => text(one.bios)),
        items.map((one) => text(one.firmware)),
        items.map((one) => text(one.inventory)),
        items.map((one) => text(one.pluginData)),
      ]),
    );
    return items.map(() => undefined);
  });
}

// Rows that say the same stay untouched; settings and components the machine no longer has go.
const BIOS = [
  ['value', 'text'],
  ['attribute_type', 'text'],
  ['allowable_values', 'json'],
  ['lower_bound', 'bigint'],
  ['upper_bound', 'bigint'],
  ['min_length', 'bigint'],
  ['max_length', 'bigint'],
  ['read_only', 'boolean'],
  ['reset_required', 'boolean'],
  ['unique', 'boolean'],
] as const;
const FIRMWARE = [
  ['initial_version', 'text'],
  ['current_version', 'text'],
  ['last_version_flashed', 'text'],
  ['vendor', 'text'],
  ['model', 'text'],
  ['serial_number', 'text'],
] as const;

function replaceRows(
  table: string,
  key: string,
  document: string,
  columns: readonly (readonly [name: string, type: string])[],
): string {
  const quoted = columns.map(([name]) => `"${name}"`);
  const shape = columns.map(([name, type]) => `"${name}" ${type}`).join(', ');
  const all = (alias: string) => columns.map(([name]) => `${alias}."${name}"::text`).join(', ');
  return `
${document}_in as (
  insert into ${table} as s (node_uuid, ${key}, ${quoted.join(', ')})
  select n.uuid, x.${key}, ${quoted.map((name) => `x.${name}`).join(', ')}
  from t join nodes n on n.uuid = t.uuid
  cross join json_to_recordset(t.${document}::json) as x(${key} text, ${shape})
  on conflict (node_uuid, ${key}) do update set
    ${quoted.map((name) => `${name} = excluded.${name}`).join(', ')}, updated_at = now()
  where (${all('s')}) is distinct from (${all('excluded')})
), ${document}_out as (
  delete from ${table} s using t where s.node_uuid = t.uuid and t.${document} is not null
    and not exists (select 1 from json_to_recordset(t.${document}::json) as x(${key} text) where x.${key} = s.${key})
)`;
}

const SAVE = `
with t as (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
    as t(uuid, bios, firmware, inventory, plugin_data)
), ${replaceRows('bios_settings', 'name', 'bios', BIOS)}, ${replaceRows('firmware_components', 'component', 'firmware', FIRMWARE)},
found as (
  insert into node_inventory as f (node_uuid, inventory, plugin_data)
  select n.uuid, t.inventory::json, coalesce(t.plugin_data, '{}')::json from t join nodes n on n.uuid = t.uuid
  where t.inventory is not null
  on conflict (node_uuid) do update set
    inventory = excluded.inventory, plugin_data = excluded.plugin_data, updated_at = now()
)
select 1`;
