import type { Store } from '#store/contract';
import { gather } from './gather.ts';
import { named } from './named.ts';

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
      named(SAVE, [
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

const SAVE = `
insert into node_facts as f
  (node_uuid, bios, bios_since, bios_at, firmware, firmware_since, firmware_at, inventory, plugin_data, inventory_at)
select n.uuid, t.bios::json, case when t.bios is not null then now() end, case when t.bios is not null then now() end,
  t.firmware::json, case when t.firmware is not null then now() end, case when t.firmware is not null then now() end,
  t.inventory::json, t.plugin_data::json, case when t.inventory is not null then now() end
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) as t(uuid, bios, firmware, inventory, plugin_data)
join nodes n on n.uuid = t.uuid
on conflict (node_uuid) do update set
  bios = coalesce(excluded.bios, f.bios),
  bios_since = coalesce(f.bios_since, excluded.bios_since),
  bios_at = coalesce(excluded.bios_at, f.bios_at),
  firmware = coalesce(excluded.firmware, f.firmware),
  firmware_since = coalesce(f.firmware_since, excluded.firmware_since),
  firmware_at = coalesce(excluded.firmware_at, f.firmware_at),
  inventory = coalesce(excluded.inventory, f.inventory),
  plugin_data = coalesce(excluded.plugin_data, f.plugin_data),
  inventory_at = coalesce(excluded.inventory_at, f.inventory_at)`;
