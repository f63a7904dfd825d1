import { errors } from '../errors.ts';

/** A port or a portgroup a VIF could go to. */
export interface VifCandidate {
  kind: 'port' | 'portgroup';
  uuid: string;
  portgroup: string | null;
  pxe: boolean;
  physicalNetwork: string | null;
  vif: string | null;
  /** Of a port: it is known where its cable ends. Where switches are moved, others cannot be used. */
  cabled?: boolean;
}

/** What is asked of the place. */
export interface PlaceWish {
  port?: string;
  portgroup?: string;
  /** Physical networks the VIF can be reached by; none: any. */
  physicalNetworks?: readonly string[];
  /** Switches are moved: ports whose cable nobody knows are of no use. */
  onlyCabled?: boolean;
}

/**
 * Chooses where a VIF goes, in Ironic's order: what was asked for; else, of those that reach one of the VIF's physical
 * networks or name none, places with a physical network before others, portgroups before ports, ports that boot before
 * others, then the oldest. A port in a group is used by itself only when the group cannot be (another of its ports has
 * a VIF, or stands on another physical network). Throws 409 VifAlreadyAttached, 400 NoFreePhysicalPorts and
 * VifInvalidForAttach.
 */
export function choosePlace<P extends VifCandidate>(
  places: readonly P[],
  node: string,
  vif: string,
  wish: PlaceWish,
): P {
  const holder = places.find((place) => place.vif === vif);
  if (holder !== undefined) {
    throw errors.VifAlreadyAttached(vif, holder.kind === 'port' ? 'Port' : 'Portgroup', holder.uuid);
  }
  const wanted = wish.port ?? wish.portgroup;
  if (wanted !== undefined) {
    const kind = wish.port === undefined ? 'portgroup' : 'port';
    const place = places.find((one) => one.kind === kind && one.uuid === wanted);
    if (place === undefined) throw errors.VifInvalidForAttach(vif, node, `it has no ${kind} ${wanted}`);
    if (place.vif !== null) throw errors.NoFreePhysicalPorts(vif);
    return place;
  }
  const physical = wish.physicalNetworks ?? [];
  const reached = new Set(
    places.flatMap(({ physicalNetwork: one }) => (one !== null && physical.includes(one) ? one : [])),
  );
  if (reached.size > 1) {
    const names = [...reached].sort().join(', ');
    throw errors.VifInvalidForAttach(vif, node, `its network is on several physical networks of the node (${names})`);
  }
  const usable = places.filter(
    (place) => place.kind === 'portgroup' || wish.onlyCabled !== true || place.cabled !== false,
  );
  const elsewhere = (place: P) =>
    place.physicalNetwork !== null && physical.length > 0 && !physical.includes(place.physicalNetwork);
  // Groups one of whose ports is in use by itself, or cannot carry the network.
  const broken = new Set(
    usable.flatMap((place) => ((place.vif !== null || elsewhere(place)) && place.portgroup ? [place.portgroup] : [])),
  );
  const groupsWithMembers = new Set(usable.flatMap((place) => place.portgroup ?? []));
  const free = usable.filter((place) => {
    if (place.vif !== null || elsewhere(place)) return false;
    if (place.kind === 'portgroup') return groupsWithMembers.has(place.uuid) && !broken.has(place.uuid);
    if (place.portgroup === null) return true;
    const group = places.find((one) => one.uuid === place.portgroup);
    return broken.has(place.portgroup) && (group === undefined || group.vif === null);
  });
  const rank = (place: P) =>
    (place.physicalNetwork === null ? 0 : 4) + (place.kind === 'portgroup' ? 2 : 0) + (place.pxe ? 1 : 0);
  const best = free.reduce<P | undefined>(
    (top, place) => (top === undefined || rank(place) > rank(top) ? place : top),
    undefined,
  );
  if (best === undefined) throw errors.NoFreePhysicalPorts(vif);
  return best;
}
