import type { MachineIdentity, MachinePlace, Plug } from '#contracts/network';
import type { Tx } from '#store/contract';
import { errors } from '../errors.ts';
import type { Segment } from '../model/truth.ts';
import { announceChange } from '../ovn/index.ts';
import { PORT_TOPIC } from '../ovn/port-states.ts';
import {
  addDynamic,
  clearBindings,
  deletePorts,
  dropUnusedDynamic,
  lockNetworks,
  makeServicePort,
  profileOf,
  strayBindings,
  usedVlans,
  type VifRow,
  vifRow,
  writeBinding,
} from '../store/bindings.ts';
import { addLinks, boundTo, noteBound, takeMachine } from '../store/machines.ts';
import { readTruth } from '../store/truth.ts';
import { type BoundPort, linkKey } from './bound.ts';
import { chooseSegment, freeVlan } from './segment.ts';

// What a machine is bound to, changed in transactions. Switches are not asked here.

export interface BindingConfig {
  /** VLANs for overlays, by physical network. */
  vlans: ReadonlyMap<string, readonly { first: number; last: number }[]>;
}

export interface BindingParts {
  config: BindingConfig;
  newMac(): string;
}

/** Is this plug what is bound already? */
function holds(port: BoundPort, plug: Plug): boolean {
  const { place } = plug;
  const keys = (links: readonly { switchId: string; portId: string }[]) => links.map(linkKey).sort().join();
  const same =
    port.place === place.id &&
    port.vifType === 'other' &&
    keys(port.links) === keys(place.links) &&
    (port.bond?.mode ?? null) === (place.bond?.mode ?? null) &&
    (place.mac === null || port.mac === place.mac.toLowerCase());
  if (!same) return false;
  return plug.kind === 'vif'
    ? port.id === plug.vif && port.purpose === null
    : port.purpose === plug.purpose && port.networkId === plug.network;
}

/** What is bound and shall not be, and what shall be and is not. */
export interface Changes {
  gone: readonly BoundPort[];
  wanted: readonly Plug[];
  kept: readonly Plug[];
}

/** Compares what is bound with what shall be. Pure. */
export function changesOf(bound: readonly BoundPort[], plugs: readonly Plug[]): Changes {
  const kept = new Set<BoundPort>();
  const wanted = plugs.filter((plug) => {
    const found = bound.find((port) => !kept.has(port) && holds(port, plug));
    if (found !== undefined) kept.add(found);
    return found === undefined;
  });
  return {
    gone: bound.filter((port) => !kept.has(port)),
    wanted,
    kept: plugs.filter((plug) => !wanted.includes(plug)),
  };
}

/** Takes the machine, or throws that a later owner has it. */
async function take(tx: Tx, machine: MachineIdentity): Promise<void> {
  if (!(await takeMachine(tx, machine.uuid, machine.fence))) throw errors.LaterOwner(machine.uuid);
}

/**
 * Unbinds what is not among `plugs`: tenants' ports are free again, our own are deleted. Records the machine's
 * switch ports as its own. Gives what is still to be bound.
 */
export async function unbindOthers(
  tx: Tx,
  parts: BindingParts,
  machine: MachineIdentity,
  plugs: readonly Plug[],
): Promise<Changes> {
  await take(tx, machine);
  const links = [...machine.cables, ...plugs.flatMap(({ place }) => place.links)];
  const other = await addLinks(tx, machine.uuid, links);
  if (other !== undefined) throw errors.CableTaken(`${other.switchId}/${other.portId}`, other.machine);
  const changes = changesOf(await boundTo(tx, machine.uuid), plugs);
  await unbind(tx, parts, changes.gone);
  return changes;
}

async function unbind(tx: Tx, parts: BindingParts, gone: readonly BoundPort[]): Promise<void> {
  if (gone.length === 0) return;
  const ids = (kind: 'tenant' | 'own') =>
    gone.filter(({ purpose }) => (purpose === null) === (kind === 'tenant')).map(({ id }) => id);
  await clearBindings(tx, ids('tenant'), parts.newMac);
  await deletePorts(tx, ids('own'));
  await dropUnusedDynamic(tx, [
    ...new Set(gone.flatMap(({ networkId, subports }) => [networkId, ...subports.map((sub) => sub.networkId)])),
  ]);
  for (const { id } of gone) tx.changed(PORT_TOPIC, id);
  announceChange(tx);
}

/** Binds plugs. Throws `VifUnknown` and `VifCannot`; then nothing is. */
export async function bindPlugs(
  tx: Tx,
  parts: BindingParts,
  machine: MachineIdentity,
  plugs: readonly Plug[],
  physicalNetworkOf: (place: MachinePlace) => string | null,
): Promise<void> {
  await take(tx, machine);
  for (const plug of plugs) {
    const port = await portOf(tx, machine, plug);
    const place = { ...plug.place, physicalNetwork: plug.place.physicalNetwork ?? physicalNetworkOf(plug.place) };
    await noteBound(tx, machine.uuid, port.id, place, plug.kind === 'service' ? plug.purpose : null);
    const networks = [port.networkId, ...port.subports.map(({ networkId }) => networkId)];
    await lockNetworks(tx, networks);
    const bind = async (id: string, network: string, tied: readonly string[], mac: string | null, tag?: number) => {
      const segment = await segmentFor(tx, parts, {
        port: id,
        network,
        tied,
        place,
        ...(tag === undefined ? {} : { tag }),
      });
      await writeBinding(tx, { port: id, machine: machine.uuid, segment, mac, profile: profileOf(place) });
      tx.changed(PORT_TOPIC, id);
    };
    await bind(port.id, port.networkId, port.tied, place.mac);
    for (const sub of port.subports) await bind(sub.portId, sub.networkId, sub.tied, null, sub.tag);
  }
  announceChange(tx);
}

/** Subports that joined a trunk whose machine runs, or left it: Neutron binds and unbinds them as they come and go. */
export async function bindSubports(tx: Tx, parts: BindingParts, machine: string): Promise<void> {
  const moved: string[] = [];
  for (const port of await boundTo(tx, machine)) {
    const place = {
      id: port.place,
      mac: null,
      physicalNetwork: port.segment?.physicalNetwork ?? null,
      links: port.links,
      bond: port.bond,
    };
    for (const sub of port.subports) {
      if (sub.segment !== null) continue;
      await lockNetworks(tx, [sub.networkId]);
      const need = { port: sub.portId, network: sub.networkId, tied: [], place, tag: sub.tag };
      const segment = await segmentFor(tx, parts, need);
      await writeBinding(tx, { port: sub.portId, machine, segment, mac: null, profile: profileOf(place) });
      moved.push(sub.portId);
    }
  }
  const left = await strayBindings(tx, machine);
  await clearBindings(
    tx,
    left.map(({ id }) => id),
    parts.newMac,
  );
  await dropUnusedDynamic(
    tx,
    left.map(({ network }) => network),
  );
  if (moved.length + left.length === 0) return;
  for (const id of [...moved, ...left.map((one) => one.id)]) tx.changed(PORT_TOPIC, id);
  announceChange(tx);
}

async function portOf(tx: Tx, machine: MachineIdentity, plug: Plug): Promise<VifRow> {
  if (plug.kind === 'vif') {
    const port = await vifRow(tx, plug.vif);
    if (port === undefined) throw errors.VifUnknown(plug.vif);
    if (port.hostId !== '' && port.hostId !== machine.uuid) {
      throw errors.VifCannot(plug.vif, `it is bound to ${port.hostId} already`);
    }
    if (port.deviceOwner.startsWith('network:')) {
      throw errors.VifCannot(plug.vif, `it is a port of the network service itself (${port.deviceOwner})`);
    }
    return port;
  }
  const { network, purpose, securityGroups, place } = plug;
  const device = machine.instanceUuid ?? machine.uuid;
  const mac = place.mac ?? '';
  const id = await makeServicePort(tx, { network, machine: machine.uuid, device, mac, purpose, securityGroups });
  const port = await vifRow(tx, id);
  if (port === undefined) throw errors.NetworkUnknown(network, 'is gone');
  return port;
}

interface SegmentNeed {
  port: string;
  network: string;
  tied: readonly string[];
  place: MachinePlace;
  /** The tag of a subport: a VLAN chosen for it is that one, when it is free. */
  tag?: number;
}

async function segmentFor(tx: Tx, { config }: BindingParts, need: SegmentNeed): Promise<string> {
  const { networks } = await readTruth(tx, { network: new Set([need.network]) });
  const segments: readonly Segment[] = networks.get(need.network)?.segments ?? [];
  const { physicalNetwork } = need.place;
  const choice = chooseSegment({ segments, tied: need.tied, physicalNetwork });
  if (choice.kind === 'none') throw errors.VifCannot(need.port, `network ${need.network}: ${choice.why}`);
  if (choice.kind === 'segment') return choice.segment.id;
  const ranges = config.vlans.get(choice.physicalNetwork) ?? [];
  const vlan = freeVlan(ranges, await usedVlans(tx, choice.physicalNetwork), need.tag);
  if (vlan === null) {
    const why = ranges.length === 0 ? 'has no VLANs for it' : 'has no VLAN left for it';
    throw errors.VifCannot(
      need.port,
      `network ${need.network} is an overlay, and physical network ${choice.physicalNetwork} ${why} (network.vlan_ranges)`,
    );
  }
  return await addDynamic(tx, need.network, choice.physicalNetwork, vlan);
}
