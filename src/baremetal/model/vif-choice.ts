import { errors } from '../errors.ts';

/** A port or a portgroup a VIF could go to. */
export interface VifCandidate {
  kind: 'port' | 'portgroup';
  uuid: string;
  portgroup: string | null;
  pxe: boolean;
  physicalNetwork: string | null;
  vif: string | null;
}

/**
 * Chooses where a VIF goes: what was asked for; else portgroups before ports, ports that boot before others, then
 * the oldest. A port in a group is used by itself only when the group cannot be (another of its ports has a VIF).
 * Throws 409 VifAlreadyAttached, 400 NoFreePhysicalPorts.
 */
export function choosePlace<P extends VifCandidate>(
  places: readonly P[],
  node: string,
  vif: string,
  asked: { port?: string; portgroup?: string },
): P {
  const holder = places.find((place) => place.vif === vif);
  if (holder !== undefined) {
    throw errors.VifAlreadyAttached(vif, holder.kind === 'port' ? 'Port' : 'Portgroup', holder.uuid);
  }
  const wanted = asked.port ?? asked.portgroup;
  if (wanted !== undefined) {
    const kind = asked.port === undefined ? 'portgroup' : 'port';
    const place = places.find((one) => one.kind === kind && one.uuid === wanted);
    if (place === undefined) throw errors.VifInvalidForAttach(vif, node, `it has no ${kind} ${wanted}`);
    if (place.vif !== null) throw errors.NoFreePhysicalPorts(vif);
    return place;
  }
  const membersWithVif = new Set(
    places.flatMap((place) => (place.vif !== null && place.portgroup ? [place.portgroup] : [])),
  );
  const groupsWithMembers = new Set(places.flatMap((place) => place.portgroup ?? []));
  const free = places.filter((place) => {
    if (place.vif !== null) return false;
    if (place.kind === 'portgroup') return groupsWithMembers.has(place.uuid) && !membersWithVif.has(place.uuid);
    return place.portgroup === null || membersWithVif.has(place.portgroup);
  });
  const rank = (place: P) => (place.kind === 'portgroup' ? 2 : 0) + (place.pxe ? 1 : 0);
  const best = free.reduce<P | undefined>(
    (top, place) => (top === undefined || rank(place) > rank(top) ? place : top),
    undefined,
  );
  if (best === undefined) throw errors.NoFreePhysicalPorts(vif);
  return best;
}
