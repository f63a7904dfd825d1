import type { BootSighting } from '#contracts/boot';
import type { Store } from '#store/contract';

/** A sighting with the machine it is of, as far as that is known. */
export interface SightingRow extends BootSighting {
  nodeUuid: string | null;
}

const SHOWN = 1000;
const KEPT_DAYS = 14;

/** Stores many at once. */
export async function addSightings(store: Store, rows: readonly SightingRow[]): Promise<void> {
  if (rows.length === 0) return;
  await store.query({
    name: 'boot.sightings.add',
    text: `insert into boot_sightings (at, node_uuid, method, what, mac, address, bytes)
           select * from unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])`,
    values: [
      rows.map((row) => row.at),
      rows.map((row) => row.nodeUuid),
      rows.map((row) => row.method),
      rows.map((row) => row.what),
      rows.map((row) => row.mac ?? null),
      rows.map((row) => row.address ?? null),
      rows.map((row) => row.bytes ?? null),
    ],
  });
}

/** What the node asked for since then, oldest first; the newest thousand. */
export async function sightingsOf(store: Store, nodeUuid: string, since: number): Promise<BootSighting[]> {
  const rows = await store.query<{
    at_ms: number;
    method: BootSighting['method'];
    what: string;
    mac: string | null;
    address: string | null;
    bytes: string | number | null;
  }>({
    text: `select extract(epoch from at)::float8 * 1000 as at_ms, method, what, mac, address, bytes from boot_sightings
           where node_uuid = $1 and at >= $2 order by id desc limit ${SHOWN}`,
    values: [nodeUuid, new Date(since)],
  });
  return rows.reverse().map((row) => ({
    at: new Date(row.at_ms).toISOString(),
    method: row.method,
    what: row.what,
    ...(row.mac === null ? {} : { mac: row.mac }),
    ...(row.address === null ? {} : { address: row.address }),
    ...(row.bytes === null ? {} : { bytes: Number(row.bytes) }),
  }));
}

/** Forgets old ones. */
export async function pruneSightings(store: Store): Promise<void> {
  await store.query({
    text: `delete from boot_sightings where at < clock_timestamp() - interval '${KEPT_DAYS} days'`,
  });
}
