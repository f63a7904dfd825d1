import { mtuOf, type SegmentWish } from '../../model/segments.ts';
import type { Call, Changes, Columns, Held } from '../../model/resource.ts';
import type { SegmentType } from '../../model/truth.ts';
import { refusals } from '../../refusals.ts';
import { shareWithAll, unshare } from '../../store/rbac.ts';
import { demandDomain, demandMtu, demandOneDefault, demandQosPolicy } from './demands.ts';

/** Changes a network. */
export async function updateNetwork(call: Call, row: Held, changes: Changes, columns: Columns): Promise<Columns> {
  const { tx, room } = call;
  const { id, project_id: owner } = row;
  demandDomain(changes['dns_domain']);
  await demandQosPolicy(call, changes['qos_policy_id']);
  await demandOneDefault(tx, changes, id);
  if (typeof changes['mtu'] === 'number') {
    const segments = await tx.query<{ type: SegmentType; physicalNetwork: string | null }>({
      name: 'network segments of',
      text: `select network_type as type, physical_network as "physicalNetwork" from net_segments
        where network_id = $1 and not dynamic`,
      values: [id],
    });
    const largest = mtuOf(
      segments.map((one): SegmentWish => ({ ...one, number: null })),
      room.config,
    );
    demandMtu(changes['mtu'], largest);
    if (changes['mtu'] === 0) columns['mtu'] = largest;
  }
  if (changes['shared'] === true) await shareWithAll(tx, 'network', id, owner, 'access_as_shared');
  if (changes['shared'] === false) {
    await demandUnshared(call, row);
    await unshare(tx, 'network', id, 'access_as_shared', false);
  }
  if (changes['router:external'] === true) await shareWithAll(tx, 'network', id, owner, 'access_as_external');
  if (changes['router:external'] === false) {
    await demandNoGateways(call, id);
    await unshare(tx, 'network', id, 'access_as_external', true);
    columns['is_default'] = false;
  }
  return columns;
}

/** Nobody else uses the network by being shared with everybody. */
async function demandUnshared({ tx }: Call, { id, project_id: owner }: Held): Promise<void> {
  const text = `select from net_ports p where p.network_id = $1 and p.project_id not in ($2, '')
    and p.device_owner not like 'network:%'
    and not exists (select from net_rbac_policies r where r.object_type = 'network' and r.object_id = $1
      and r.action = 'access_as_shared' and r.target_project = p.project_id)
    limit 1`;
  const rows = await tx.query({ name: 'network users', text, values: [id, owner] });
  if (rows.length > 0) throw refusals.InvalidSharedSetting(id);
}

async function demandNoGateways({ tx }: Call, id: string): Promise<void> {
  const text = `select from net_ports where network_id = $1
    and device_owner in ('network:router_gateway', 'network:floatingip') limit 1`;
  const rows = await tx.query({ name: 'network gateways', text, values: [id] });
  if (rows.length > 0) throw refusals.ExternalNetworkInUse(id);
}
