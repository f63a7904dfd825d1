import type { Reader } from '#store/contract';
import type { BootFacts } from '../model/boot-story.ts';
import type { Document } from '../model/node.ts';

/** What the rows tell of a node's last boot. */
export async function bootFactsOf(
  reader: Reader,
  nodeUuid: string,
): Promise<Omit<BootFacts, 'sightings' | 'agentCalled'>> {
  const rows = await reader.query<{ boot: string; power: string | null; note: Document | null; macs: string[] }>({
    text: `select n.boot_interface as boot, n.power_state as power, n.driver_internal_info::jsonb -> 'boot_path' as note,
             coalesce((select array_agg(p.address::text order by p.seq) from ports p where p.node_uuid = n.uuid), '{}') as macs
           from nodes n where n.uuid = $1`,
    values: [nodeUuid],
  });
  const row = rows[0];
  return {
    bootInterface: row?.boot ?? '',
    note: typeof row?.note === 'string' ? (JSON.parse(row.note) as Document) : (row?.note ?? null),
    macs: row?.macs ?? [],
    powerState: row?.power ?? null,
  };
}
