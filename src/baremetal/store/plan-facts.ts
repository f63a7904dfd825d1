import type { Reader } from '#store/contract';
import type { Past } from '../model/deploy-plan.ts';
import { prepared } from './prepared.ts';

/** Deploys an estimate goes by. */
const PAST = 20;

/** The last deploys of a resource class that succeeded; of any class when there is none of it. */
export async function pastDeploys(reader: Reader, resourceClass: string | null): Promise<Past[]> {
  const rows = await reader.query<{ bytes: number | null; spans: string; same: boolean }>(
    prepared(
      `select image_bytes::float8 as bytes, spans, resource_class is not distinct from $1 as same from node_timelines
       where operation = 'deploy' and succeeded order by resource_class is not distinct from $1 desc, id desc limit $2`,
      [resourceClass, PAST],
    ),
  );
  const same = rows.filter((row) => row.same);
  return (same.length > 0 ? same : rows).map((row) => ({
    imageBytes: row.bytes,
    spans: JSON.parse(row.spans) as Past['spans'],
  }));
}

/** How many ports a node has, and how many of them may boot. */
export async function portFacts(reader: Reader, nodeUuid: string): Promise<{ all: number; boots: number }> {
  const rows = await reader.query<{ all: number; boots: number }>(
    prepared(
      `select count(*)::int as "all", count(*) filter (where pxe_enabled)::int as boots from ports where node_uuid = $1`,
      [nodeUuid],
    ),
  );
  return rows[0] ?? { all: 0, boots: 0 };
}

const LEAST = 4 * 1024 ** 3;

/** Bytes of the disk an image goes to unless hints say otherwise: the smallest of 4 GiB or more; null: not known. */
export async function rootDisk(reader: Reader, nodeUuid: string): Promise<number | null> {
  const rows = await reader.query<{ inventory: string | null; properties: string }>(
    prepared(
      `select f.inventory, n.properties from nodes n left join node_inventory f on f.node_uuid = n.uuid where n.uuid = $1`,
      [nodeUuid],
    ),
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { disks } = JSON.parse(row.inventory ?? '{}') as { disks?: { size?: unknown }[] };
  const sizes = (Array.isArray(disks) ? disks : []).map((disk) => Number(disk.size)).filter((size) => size >= LEAST);
  if (sizes.length > 0) return Math.min(...sizes);
  const told = Number((JSON.parse(row.properties) as { local_gb?: unknown }).local_gb);
  return told > 0 ? told * 1024 ** 3 : null;
}
