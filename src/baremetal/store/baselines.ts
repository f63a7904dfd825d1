import type { Reader } from '#store/contract';
import type { Baseline } from '../model/baseline.ts';
import { prepared } from './prepared.ts';

/** The recorded firmware of a node; undefined when none was recorded. */
export async function baselineOf(
  reader: Reader,
  nodeUuid: string,
): Promise<(Baseline & { recordedAt: string }) | undefined> {
  const rows = await reader.query<{ bios: string | null; firmware: string | null; at: Date }>(
    prepared('select bios, firmware, recorded_at as at from node_baselines where node_uuid = $1', [nodeUuid]),
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    bios: row.bios === null ? null : (JSON.parse(row.bios) as Baseline['bios']),
    firmware: row.firmware === null ? null : (JSON.parse(row.firmware) as Baseline['firmware']),
    recordedAt: new Date(row.at).toISOString(),
  };
}

/** Records what a node's firmware is to be like, over what was recorded before. */
export async function recordBaseline(reader: Reader, nodeUuid: string, baseline: Baseline): Promise<void> {
  const text = (value: object | null) => (value === null ? null : JSON.stringify(value));
  await reader.query(
    prepared(
      `insert into node_baselines (node_uuid, bios, firmware) select uuid, $2::json, $3::json from nodes where uuid = $1
       on conflict (node_uuid) do update set bios = excluded.bios, firmware = excluded.firmware,
         recorded_at = clock_timestamp()`,
      [nodeUuid, text(baseline.bios), text(baseline.firmware)],
    ),
  );
}

/** Forgets it: the next cleaning records anew. True when there was one. */
export async function forgetBaseline(reader: Reader, nodeUuid: string): Promise<boolean> {
  const rows = await reader.query(
    prepared('delete from node_baselines where node_uuid = $1 returning node_uuid', [nodeUuid]),
  );
  return rows.length > 0;
}
