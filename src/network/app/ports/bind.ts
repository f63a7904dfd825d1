import type { Call, Columns } from '../../model/resource.ts';
import { type BindingWish, placeOf, unplug } from './outside.ts';
import { chooseSegment } from '../../machines/segment.ts';
import { dropUnusedDynamic, lockNetworks } from '../../store/bindings.ts';
import { hasChassis } from '../../store/ports.ts';
import { takeSegment } from '../../store/segments.ts';
import { readTruth } from '../../store/truth.ts';

const UNBOUND = { vif_type: 'unbound', vif_details: {}, bound_segment_id: null };
const FAILED = { ...UNBOUND, vif_type: 'binding_failed' };

/**
 * Where a port is carried, as its columns say. A machine reaches its network by a segment of its physical network; a
 * virtual machine by the switch of a host that OVN knows. What cannot be says `binding_failed`, as Neutron does.
 */
export async function bindingOf(call: Call, { port, network, host, vnicType, profile }: BindingWish): Promise<Columns> {
  if (host === '') return { ...UNBOUND };
  if (vnicType === 'normal') {
    if (!(await hasChassis(call.tx, host))) return { ...FAILED };
    return {
      ...UNBOUND,
      vif_type: 'ovs',
      vif_details: { port_filter: true, connectivity: 'l2', bridge_name: 'br-int' },
    };
  }
  if (vnicType !== 'baremetal') return { ...FAILED };
  const { place, unknown } = await placeOf(call, port, profile);
  const segment = await segmentOf(call, network, place.physicalNetwork);
  if (segment === undefined) return { ...FAILED };
  // A VLAN that nobody can put on the switch is no binding; a flat network may be there by itself.
  if (unknown && call.room.settle !== undefined && segment.segmentationId !== null) return { ...FAILED };
  return { vif_type: 'other', vif_details: { connectivity: 'l2', port_filter: false }, bound_segment_id: segment.id };
}

/** The segment by which a machine is on a network: on an overlay a VLAN of its physical network, found or made. */
async function segmentOf(
  { tx, room }: Call,
  network: string,
  physicalNetwork: string | null,
): Promise<{ id: string; segmentationId: number | null } | undefined> {
  await lockNetworks(tx, [network]);
  const { networks } = await readTruth(tx, { network: new Set([network]) });
  const segments = networks.get(network)?.segments ?? [];
  const choice = chooseSegment({ segments, tied: [], physicalNetwork });
  if (choice.kind === 'segment') return choice.segment;
  if (choice.kind === 'none') return undefined;
  const spans = room.config.physicalNetworks.get(choice.physicalNetwork)?.vlans ?? [];
  const wish = { type: 'vlan' as const, physicalNetwork: choice.physicalNetwork, number: null, dynamic: true };
  const source = { spans, seed: room.random.next() };
  const id = await takeSegment(tx, { ...wish, networkId: network, index: segments.length }, source);
  if (id === undefined) return undefined;
  // Whatever its number is: it has one.
  return { id, segmentationId: 0 };
}

/** What a port was bound to is free again; so is an overlay's VLAN when its last machine has gone. */
export async function releaseBinding(
  call: Call,
  port: { id: string; network_id: string; vif_type: string },
): Promise<void> {
  if (port.vif_type !== 'other') return;
  const { tx } = call;
  await unplug(call, port.id);
  await lockNetworks(tx, [port.network_id]);
  const text = 'update net_ports set bound_segment_id = null where id = $1';
  await tx.query({ name: 'network port release', text, values: [port.id] });
  await dropUnusedDynamic(tx, [port.network_id]);
}
