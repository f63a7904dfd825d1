import { SERVICE_PURPOSES, type ServicePurpose } from '#contracts/network';
import type { Store } from '#store/contract';
import type { NetworkPlace, NetworkRecords } from '../model/network-records.ts';
import type { Document } from '../model/node.ts';
import { prepared } from './prepared.ts';
import { VIF_KEY } from './vifs.ts';

type Row = Omit<NetworkPlace, 'link' | 'properties'> & { link: string; properties: string };

const PLACES = `
select 'port' as kind, p.uuid::text as uuid, p.portgroup_uuid::text as portgroup, p.pxe_enabled as pxe,
  p.physical_network as "physicalNetwork", p.internal_info ->> '${VIF_KEY}' as vif, p.name, p.address::text as address,
  p.local_link_connection::text as link, null as mode, '{}' as properties, p.seq
from ports p where p.node_uuid = $1
union all
select 'portgroup', g.uuid::text, null, true, g.physical_network, g.internal_info ->> '${VIF_KEY}', g.name,
  g.address::text, '{}', g.mode, g.properties::text, g.seq
from portgroups g where g.node_uuid = $1
order by kind, seq`;

/** How Ironic names the service port of each purpose in a port's internal_info. */
const KEYS: Readonly<Record<ServicePurpose, string>> = {
  provisioning: 'provisioning_vif_port_id',
  cleaning: 'cleaning_vif_port_id',
  inspection: 'inspection_vif_port_id',
  rescue: 'rescuing_vif_port_id',
  servicing: 'servicing_vif_port_id',
};
const ALL_KEYS = SERVICE_PURPOSES.map((purpose) => KEYS[purpose]);

/** Places as the database has them. */
export function storedPlaces(store: Store): NetworkRecords {
  return {
    async places(nodeUuid) {
      const rows = await store.query<Row>(prepared(PLACES, [nodeUuid]));
      return rows.map((row) => ({
        ...row,
        link: JSON.parse(row.link) as Document,
        properties: JSON.parse(row.properties) as Document,
      }));
    },
    async noteServicePorts(nodeUuid, purpose, vifs) {
      const text = `
        update ports p set revision = p.revision + 1, internal_info = ((p.internal_info::jsonb - $2::text[]) ||
            coalesce((select jsonb_build_object($3::text, u.vif) from unnest($4::uuid[], $5::text[]) u(port, vif)
                       where u.port = p.uuid), '{}'))::json
         where p.node_uuid = $1 and (p.uuid = any($4::uuid[]) or p.internal_info::jsonb ?| $2::text[])`;
      const key = purpose === null ? '' : KEYS[purpose];
      await store.query(prepared(text, [nodeUuid, ALL_KEYS, key, [...vifs.keys()], [...vifs.values()]]));
    },
  };
}
