import type { Store } from '#store/contract';
import { prepared } from './prepared.ts';

/** Where a NIC's cable was found to end. */
export interface FoundLink {
  address: string;
  link: Record<string, unknown>;
}

/**
 * Writes where cables end into a node's ports, in `empty` ones only or in all. Gives the addresses of the ports that it
 * changed.
 */
export async function writeLinks(
  store: Store,
  nodeUuid: string,
  found: readonly FoundLink[],
  which: 'empty' | 'all',
): Promise<string[]> {
  if (found.length === 0) return [];
  const rows = await store.query<{ address: string; uuid: string }>(
    prepared(
      `update ports p set local_link_connection = u.link::json, revision = p.revision + 1, updated_at = clock_timestamp()
         from unnest($2::macaddr[], $3::text[]) as u(address, link)
        where p.node_uuid = $1 and p.address = u.address and (p.local_link_connection::text = '{}' or $4)
          and p.local_link_connection::jsonb <> u.link::jsonb
          and p.local_link_connection ->> 'network_type' is distinct from 'unmanaged'
        returning p.address::text as address, p.uuid::text as uuid`,
      [nodeUuid, found.map(({ address }) => address), found.map(({ link }) => JSON.stringify(link)), which === 'all'],
    ),
  );
  if (rows.length > 0) store.changes.announce('ports', ...rows.map(({ uuid }) => uuid));
  return rows.map(({ address }) => address);
}
