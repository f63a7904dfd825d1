import { newUuid } from '#kernel/ids';
import type { Store } from '#store/contract';
import { prepared } from './prepared.ts';

/** A port as an inspection reports it. */
export interface FoundPort {
  address: string;
  pxeEnabled?: boolean;
  localLink?: Record<string, unknown>;
  physicalNetwork?: string;
}

/** Adds ports that do not exist yet. Gives the addresses that belong to other nodes: those are left alone. */
export async function addPorts(store: Store, nodeUuid: string, ports: readonly FoundPort[]): Promise<string[]> {
  if (ports.length === 0) return [];
  const rows = await store.query<{ address: string; owner: string | null; added: boolean }>(
    prepared(
      `
with t as (
  select * from unnest($2::uuid[], $3::macaddr[], $4::boolean[], $5::text[], $6::text[])
    as t(uuid, address, pxe_enabled, link, physical_network)
), added as (
  insert into ports (uuid, node_uuid, address, pxe_enabled, local_link_connection, physical_network)
  select t.uuid, n.uuid, t.address, t.pxe_enabled, t.link::json, t.physical_network
  from t join nodes n on n.uuid = $1
  on conflict (address) do nothing
  returning address, uuid
)
select t.address::text, p.node_uuid::text as owner, a.uuid is not null as added
from t left join added a on a.address = t.address left join ports p on p.address = t.address`,
      [
        nodeUuid,
        ports.map(() => newUuid()),
        ports.map((port) => port.address),
        ports.map((port) => port.pxeEnabled ?? true),
        ports.map((port) => JSON.stringify(port.localLink ?? {})),
        ports.map((port) => port.physicalNetwork ?? null),
      ],
    ),
  );
  if (rows.some((row) => row.added)) store.changes.announce('ports', '*');
  return rows.filter((row) => !row.added && row.owner !== nodeUuid).map((row) => row.address);
}
