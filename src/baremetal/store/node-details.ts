import type { Reader } from '#store/contract';

/** One BIOS setting of a node; documents as JSON text, times as ISO text. */
export interface BiosRow {
  name: string;
  value: string | null;
  attribute_type: string | null;
  allowable_values: string | null;
  lower_bound: bigint | null;
  upper_bound: bigint | null;
  min_length: bigint | null;
  max_length: bigint | null;
  read_only: boolean | null;
  reset_required: boolean | null;
  unique: boolean | null;
  created_at: string;
  updated_at: string | null;
}

export interface FirmwareRow {
  component: string;
  initial_version: string;
  current_version: string | null;
  last_version_flashed: string | null;
  vendor: string | null;
  model: string | null;
  serial_number: string | null;
  created_at: string;
  updated_at: string | null;
}

/** BIOS settings of a node by name; one of them when `name` is given. */
export async function biosSettings(reader: Reader, nodeUuid: string, name?: string): Promise<BiosRow[]> {
  return await reader.query<BiosRow>({
    name: 'bm_bios',
    text: 'select * from bios_settings where node_uuid = $1 and ($2::text is null or name = $2) order by name',
    values: [nodeUuid, name ?? null],
  });
}

/** Firmware components of a node by name. */
export async function firmwareComponents(reader: Reader, nodeUuid: string): Promise<FirmwareRow[]> {
  return await reader.query<FirmwareRow>({
    name: 'bm_firmware',
    text: 'select * from firmware_components where node_uuid = $1 order by component',
    values: [nodeUuid],
  });
}

/** What inspection found, as JSON text; undefined when it was never inspected. */
export async function nodeInventory(
  reader: Reader,
  nodeUuid: string,
): Promise<{ inventory: string; plugin_data: string } | undefined> {
  const rows = await reader.query<{ inventory: string; plugin_data: string }>({
    name: 'bm_inventory',
    text: 'select inventory, plugin_data from node_inventory where node_uuid = $1',
    values: [nodeUuid],
  });
  return rows[0];
}

/** An entry of a node's history. */
export interface HistoryRow {
  id: bigint;
  uuid: string;
  created_at: string;
  severity: string;
  event_type: string;
  event: string;
  conductor: string | null;
  user_id: string | null;
  project: string | null;
  state: string | null;
  target_state: string | null;
  duration_seconds: number | null;
}

/** Columns a history can be sorted by. */
export const HISTORY_SORTS = [
  'created_at',
  'uuid',
  'severity',
  'event_type',
  'event',
  'conductor',
  'user',
  'id',
] as const;
export type HistorySort = (typeof HISTORY_SORTS)[number];

/** A page of a node's history after the entry `marker`. */
export async function historyPage(
  reader: Reader,
  nodeUuid: string,
  page: { limit: number; marker: string | null; sort: HistorySort; descending: boolean },
): Promise<HistoryRow[]> {
  const column = { user: 'user_id', id: 'id' }[page.sort as string] ?? page.sort;
  const direction = page.descending ? 'desc' : 'asc';
  const beyond = page.descending ? '<' : '>';
  const sorted = `coalesce(h.${column}::text, '')`;
  const key = column === 'created_at' || column === 'id' ? `h.${column}` : sorted;
  const after = `($2::uuid is null or (${key}, h.id) ${beyond} (select ${key.replaceAll('h.', 'm.')}, m.id from node_history m where m.uuid = $2))`;
  return await reader.query<HistoryRow>({
    name: `bm_history_${column}_${direction}`,
    text:
      `select * from node_history h where h.node_uuid = $1 and ${after} ` +
      `order by ${key} ${direction}, h.id ${direction} limit $3`,
    values: [nodeUuid, page.marker, page.limit],
  });
}

/** One entry of a node's history. */
export async function historyEntry(reader: Reader, nodeUuid: string, uuid: string): Promise<HistoryRow | undefined> {
  const rows = await reader.query<HistoryRow>({
    name: 'bm_history_one',
    text: 'select * from node_history where node_uuid = $1 and uuid = $2',
    values: [nodeUuid, uuid],
  });
  return rows[0];
}
