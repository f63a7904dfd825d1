import { mtuOf, type SegmentWish, segmentsOf } from '../../model/segments.ts';
import type { Call, NewColumns, Wish } from '../../model/resource.ts';
import { refusals } from '../../refusals.ts';
import { shareWithAll } from '../../store/rbac.ts';
import { defaultPolicy } from '../../store/qos.ts';
import { insertRows } from '../../store/rows.ts';
import { demandDomain, demandMtu, demandOneDefault, demandQosPolicy, demandZones } from './demands.ts';
import { addSegment, addTenantSegment } from './segments.ts';

/** Makes networks with their segments. */
export async function createNetworks(
  call: Call,
  wishes: readonly Wish[],
  columns: readonly NewColumns[],
): Promise<void> {
  const { tx, room } = call;
  for (const wish of wishes) {
    demandDomain(wish['dns_domain']);
    await demandZones(tx, wish['availability_zone_hints']);
    await demandQosPolicy(call, wish['qos_policy_id']);
    await demandOneDefault(tx, wish, null);
    if (wish['is_default'] === true && wish['router:external'] !== true)
      throw refusals.HTTPBadRequest('Only an external network can be the default');
  }
  for (const row of columns) {
    // The project's own policy holds for networks that name none; `null` names none on purpose.
    if (row['qos_policy_id'] === undefined) row['qos_policy_id'] = await defaultPolicy(tx, row.project_id, null);
  }
  await insertRows(tx, 'net_networks', columns);
  for (const [at, wish] of wishes.entries()) {
    const { id, project_id: owner } = columns[at] as NewColumns;
    const made = await addSegments(call, id, segmentsOf(wish, room.config));
    const largest = mtuOf(made, room.config);
    const mtu = (wish['mtu'] as number | undefined) || largest;
    demandMtu(mtu, largest);
    await tx.query({
      name: 'network mtu',
      text: 'update net_networks set mtu = $2 where id = $1',
      values: [id, mtu],
    });
    if (wish['shared'] === true) await shareWithAll(tx, 'network', id, owner, 'access_as_shared');
    if (wish['router:external'] === true) await shareWithAll(tx, 'network', id, owner, 'access_as_external');
  }
}

async function addSegments(call: Call, id: string, wanted: readonly SegmentWish[] | null): Promise<SegmentWish[]> {
  if (wanted === null) return [await addTenantSegment(call, id)];
  const made: SegmentWish[] = [];
  for (const [index, wish] of wanted.entries()) made.push((await addSegment(call, id, wish, index)).wish);
  return made;
}
