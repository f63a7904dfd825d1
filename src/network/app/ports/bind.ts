import type { Call, Columns } from '../../model/resource.ts';
import { findSegment, hasChassis } from '../../store/ports.ts';

export interface BindingWish {
  network: string;
  host: string;
  vnicType: string;
  profile: Readonly<Record<string, unknown>>;
}

const UNBOUND = { vif_type: 'unbound', vif_details: {}, bound_segment_id: null };
const FAILED = { ...UNBOUND, vif_type: 'binding_failed' };

/**
 * Where a port is carried, as its columns say. A machine reaches its network by a segment of its physical network; a
 * virtual machine by the switch of a host that OVN knows. What cannot be says `binding_failed`, as Neutron does.
 */
export async function bindingOf({ tx }: Call, { network, host, vnicType, profile }: BindingWish): Promise<Columns> {
  if (host === '') return { ...UNBOUND };
  if (vnicType === 'normal') {
    if (!(await hasChassis(tx, host))) return { ...FAILED };
    return {
      ...UNBOUND,
      vif_type: 'ovs',
      vif_details: { port_filter: true, connectivity: 'l2', bridge_name: 'br-int' },
    };
  }
  if (vnicType !== 'baremetal') return { ...FAILED };
  const physical = profile['physical_network'];
  const segment = await findSegment(tx, network, typeof physical === 'string' ? physical : null);
  if (segment === null) return { ...FAILED };
  return { vif_type: 'other', vif_details: { connectivity: 'l2' }, bound_segment_id: segment };
}
