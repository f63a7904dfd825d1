import type { CableEnd, MachinePlace, Plug, ServicePurpose } from '#contracts/network';
import type { NetworkPlace } from '../../model/network-records.ts';
import type { Document } from '../../model/node.ts';

// From a node's ports and port groups to what a network service is asked for. Pure.

/** The cable of a port; null where nobody knows it, or where no switch is to be moved for it. */
export function cableOf(link: Document): CableEnd | null {
  const { switch_id: switchId, port_id: portId, switch_info: info, network_type: type } = link;
  if (type === 'unmanaged' || typeof switchId !== 'string' || typeof portId !== 'string') return null;
  return { switchId, portId, switchInfo: typeof info === 'string' && info !== '' ? info : null };
}

/** All cables of a node. */
export const cablesOf = (places: readonly NetworkPlace[]): CableEnd[] =>
  places.flatMap((place) => (place.kind === 'port' ? (cableOf(place.link) ?? []) : []));

/** True when an operator says that this port's network is set by hand. */
export const isUnmanaged = (link: Document): boolean => link['network_type'] === 'unmanaged';

/** Is it known where the cable ends, or that nobody is to move it? */
export const isCabled = (place: NetworkPlace): boolean => cableOf(place.link) !== null || isUnmanaged(place.link);

/** A port by itself. `moved`: with its switch port. */
function portPlace(port: NetworkPlace, moved: boolean): MachinePlace {
  const cable = moved ? cableOf(port.link) : null;
  return {
    id: port.uuid,
    mac: port.address,
    physicalNetwork: port.physicalNetwork,
    links: cable === null ? [] : [cable],
    bond: null,
  };
}

/** A port group with the cables of all its ports. */
function groupPlace(group: NetworkPlace, members: readonly NetworkPlace[], moved: boolean): MachinePlace {
  return {
    id: group.uuid,
    mac: group.address ?? members[0]?.address ?? null,
    physicalNetwork:
      group.physicalNetwork ?? members.find((one) => one.physicalNetwork !== null)?.physicalNetwork ?? null,
    links: moved ? members.flatMap((one) => cableOf(one.link) ?? []) : [],
    bond: { id: group.uuid, name: group.name, mode: group.mode ?? 'active-backup', properties: group.properties },
  };
}

/** Where the tenant's VIFs go. `moved` false: switches are left alone (the interface `flat`). */
export function tenantPlugs(places: readonly NetworkPlace[], moved: boolean): Plug[] {
  return places.flatMap((place): Plug[] => {
    if (place.vif === null) return [];
    const members = places.filter((one) => one.portgroup === place.uuid);
    const at = place.kind === 'port' ? portPlace(place, moved) : groupPlace(place, members, moved);
    return [{ kind: 'vif', vif: place.vif, place: at }];
  });
}

export interface ServiceWish {
  purpose: ServicePurpose;
  network: string;
  securityGroups: readonly string[];
  /** All NICs, not only those that boot. */
  allPorts: boolean;
}

/**
 * The service ports of an operation: each NIC that boots gets one of its own, those in port groups too, since firmware
 * and ramdisks know of no bonds.
 */
export function servicePlugs(places: readonly NetworkPlace[], wish: ServiceWish): Plug[] {
  const { allPorts, ...rest } = wish;
  return places.flatMap((place): Plug[] =>
    place.kind === 'port' && (allPorts || place.pxe) && isCabled(place)
      ? [{ kind: 'service', ...rest, place: portPlace(place, true) }]
      : [],
  );
}
