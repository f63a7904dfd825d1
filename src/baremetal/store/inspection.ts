import type { Reader, Store } from '#store/contract';
import type { InspectionRule, RulePart } from '../model/inspection-rules/run.ts';
import type { RulePort } from '../model/inspection-rules/subject.ts';
import type { ColumnValues } from './nodes.ts';
import { named } from './named.ts';
import { type TextRow, textRows } from './text-rows.ts';

/** Key of a node's `driver_internal_info`: what went wrong when its inspection data was last applied again. */
export const REAPPLY_ERROR = 'reapply_error';

/** All inspection rules, highest priority first. */
export async function readRules(reader: Reader): Promise<InspectionRule[]> {
  const rows = await textRows(reader, {
    name: 'bm_rules',
    text: `select uuid, description, priority, sensitive, conditions, actions from inspection_rules
           where phase = 'main' order by priority desc, seq`,
    values: [],
  });
  return rows.map((row) => ({
    uuid: row[0] as string,
    description: row[1] ?? null,
    priority: Number(row[2]),
    sensitive: row[3] === 't',
    conditions: JSON.parse(row[4] ?? '[]') as RulePart[],
    actions: JSON.parse(row[5] ?? '[]') as RulePart[],
  }));
}

/** Rules as they are kept, oldest first; the one of a UUID when that is given. `select` names columns. */
export async function ruleRows(reader: Reader, select: string, uuid: string | null): Promise<TextRow[]> {
  const text = `select ${select} from inspection_rules where $1::uuid is null or uuid = $1 order by seq`;
  return await textRows(reader, named(text, [uuid]));
}

/** Deletes all inspection rules. Gives their UUIDs. */
export async function deleteRules(reader: Reader): Promise<string[]> {
  const rows = await textRows(reader, named('delete from inspection_rules returning uuid', []));
  return rows.map(([uuid]) => uuid as string);
}

/** A node's fields that rules may look at and that its conductor does not read otherwise, and its ports. */
export async function readForRules(
  reader: Reader,
  uuid: string,
): Promise<{ description: string | null; shard: string | null; ports: RulePort[] }> {
  const [node] = await textRows(reader, {
    name: 'bm_rules_node',
    text: 'select description, shard from nodes where uuid = $1',
    values: [uuid],
  });
  const rows = await textRows(reader, {
    name: 'bm_rules_ports',
    text: `select uuid, address::text, row_to_json(f) from ports p cross join lateral (
             select p.name, p.description, p.category, p.pxe_enabled, p.physical_network, p.local_link_connection, p.extra
           ) f where p.node_uuid = $1 order by p.seq`,
    values: [uuid],
  });
  return {
    description: node?.[0] ?? null,
    shard: node?.[1] ?? null,
    ports: rows.map((row) => ({
      uuid: row[0] as string,
      address: row[1] as string,
      fields: JSON.parse(row[2] ?? '{}') as Record<string, unknown>,
    })),
  };
}

/** Writes what an inspection made of a node, and of its ports; false when the node has changed, or its owner has. */
export async function saveInspected(
  store: Store,
  uuid: string,
  guard: { fence: bigint; operationId: string; revision: bigint },
  node: ColumnValues,
  ports: readonly { uuid: string; columns: ColumnValues }[],
): Promise<boolean> {
  return await store.tx(async (tx) => {
    const sets = Object.keys(node).map((column, i) => `${column} = $${i + 5}`);
    sets.push('revision = revision + 1', 'updated_at = clock_timestamp()');
    const text = `update nodes set ${sets.join(', ')}
      where uuid = $1 and fence = $2 and operation_id = $3 and revision = $4 returning uuid`;
    const { fence, operationId, revision } = guard;
    const rows = await textRows(tx, named(text, [uuid, fence, operationId, revision, ...Object.values(node)]));
    if (rows.length === 0) return false;
    for (const port of ports) {
      const changes = Object.keys(port.columns).map((column, i) => `${column} = $${i + 3}`);
      const change = `update ports set ${changes.join(', ')}, revision = revision + 1, updated_at = clock_timestamp()
        where uuid = $1 and node_uuid = $2`;
      await tx.query(named(change, [port.uuid, uuid, ...Object.values(port.columns)]));
      tx.changed('port', port.uuid);
    }
    tx.changed('node', uuid);
    return true;
  });
}

/** Locks a node for its inspection data to be applied again; false when it has changed or has an operation. */
export async function lockForReapply(
  reader: Reader,
  node: { uuid: string; revision: bigint },
  operationId: string,
  host: string | null,
): Promise<boolean> {
  const rows = await textRows(reader, {
    name: 'bm_reapply',
    text: `update nodes set operation_id = $3, operation = 'reapply', reservation = $4, progress = null,
             inspection_started_at = clock_timestamp(), inspection_finished_at = null,
             revision = revision + 1, updated_at = clock_timestamp()
           where uuid = $1 and revision = $2 and operation_id is null and intent_id is null returning uuid`,
    values: [node.uuid, node.revision, operationId, host],
  });
  return rows.length > 0;
}

/** Keeps an inventory that somebody gave. */
export async function keepInventory(
  reader: Reader,
  uuid: string,
  found: { inventory: object; pluginData: object },
): Promise<void> {
  await reader.query({
    name: 'bm_keep_inventory',
    text: `insert into node_inventory (node_uuid, inventory, plugin_data) values ($1, $2, $3)
           on conflict (node_uuid) do update set inventory = excluded.inventory, plugin_data = excluded.plugin_data,
             updated_at = now()`,
    values: [uuid, JSON.stringify(found.inventory), JSON.stringify(found.pluginData)],
  });
}
