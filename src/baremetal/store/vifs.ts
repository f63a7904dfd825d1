import type { Reader } from '#store/contract';

/** A port or a portgroup of a node, as far as VIFs are concerned. */
export interface VifPlace {
  kind: 'port' | 'portgroup';
  uuid: string;
  /** Of a port: the group it belongs to. */
  portgroup: string | null;
  pxe: boolean;
  physicalNetwork: string | null;
  /** The VIF on it. */
  vif: string | null;
  /** Of a port: it is known where its cable ends, or that no switch is to be moved for it. */
  cabled: boolean;
}

/** Where a port or port group keeps the VIF on it, in its internal_info. */
export const VIF_KEY = 'tenant_vif_port_id';

/** All places of a node, in the order they were made. */
export async function vifPlaces(reader: Reader, nodeUuid: string): Promise<VifPlace[]> {
  return await reader.query<VifPlace>({
    name: 'bm_vif_places',
    text:
      `select 'port' as kind, p.uuid, p.portgroup_uuid as portgroup, p.pxe_enabled as pxe, ` +
      `p.physical_network as "physicalNetwork", p.internal_info ->> '${VIF_KEY}' as vif, ` +
      `p.local_link_connection::text <> '{}' as cabled, p.seq from ports p where p.node_uuid = $1 ` +
      `union all select 'portgroup', g.uuid, null, true, g.physical_network, g.internal_info ->> '${VIF_KEY}', true, g.seq ` +
      'from portgroups g where g.node_uuid = $1 order by kind, seq',
    values: [nodeUuid],
  });
}

/** Makes others who move VIFs of this node wait until the transaction ends. */
export async function lockForVifs(reader: Reader, nodeUuid: string): Promise<void> {
  await reader.query({
    name: 'bm_vif_lock',
    text: 'select 1 from nodes where uuid = $1 for update',
    values: [nodeUuid],
  });
}

/** Writes the VIF of a place; null takes it away. */
export async function putVif(reader: Reader, place: VifPlace, vif: string | null): Promise<void> {
  const table = place.kind === 'port' ? 'ports' : 'portgroups';
  await reader.query({
    name: `bm_vif_put_${table}`,
    text:
      `update ${table} set internal_info = (case when $2::text is null then internal_info::jsonb - '${VIF_KEY}' ` +
      `else jsonb_set(internal_info::jsonb, '{${VIF_KEY}}', to_jsonb($2::text)) end)::json, ` +
      'revision = revision + 1, updated_at = clock_timestamp() where uuid = $1',
    values: [place.uuid, vif],
  });
}
