import type { Tx } from '#store/contract';
import { collision, readSubport, type Subport, type SubportWish } from '../../model/trunk.ts';
import {
  deleteSubports,
  insertSubports,
  lockTrunk,
  lockTrunkable,
  markSubports,
  subportsOf,
  type TrunkablePort,
  type TrunkRow,
} from '../../store/trunks.ts';
import type { Actor } from '../actor.ts';
import { refusals } from '../../refusals.ts';
import { errors } from './errors.ts';

/**
 * The port of a new trunk, locked and looked at. Throws `PortNotFound`, `PortInUseAsTrunkParent`, `PortInUseAsSubPort`,
 * `ParentPortInUse`.
 */
export async function demandParent(tx: Tx, actor: Actor, project: string, id: string): Promise<TrunkablePort> {
  const port = (await lockTrunkable(tx, [id])).get(id);
  if (port === undefined || !(actor.admin || port.project_id === project)) throw refusals.PortNotFound(id);
  if (port.parent_of !== null) throw errors.PortInUseAsTrunkParent(id, port.parent_of);
  if (port.subport_of !== null) throw errors.PortInUseAsSubPort(id, port.subport_of);
  // A port that is bound can become a trunk: OVN puts the tags on it as it goes. One of a router cannot.
  if (port.device_owner.startsWith('network:')) throw errors.ParentPortInUse(id);
  return port;
}

/**
 * Puts ports onto a trunk as VLANs. Throws `TrunkNotFound`, `TrunkDisabled`, `PortNotFound`, `SubPortInvalid`,
 * `DuplicateSubPort`, `PortInUseAsTrunkParent`, `PortInUseAsSubPort`, `PortInUse`, `SubPortMtuGreaterThanTrunkPortMtu`.
 */
export async function addSubports(tx: Tx, actor: Actor, id: string, wishes: readonly SubportWish[]): Promise<void> {
  const trunk = await demandEnabled(tx, id);
  const ids = wishes.map(({ port_id }) => port_id);
  if (new Set(ids).size !== ids.length) throw errors.SubPortInvalid('a port is there twice');
  const ports = await lockTrunkable(tx, ids);
  const subports = wishes.map((wish) => judge(trunk, actor, wish, ports.get(wish.port_id)));
  const twice = collision(await subportsOf(tx, id), subports);
  if (twice !== undefined) throw errors.DuplicateSubPort(twice.segmentation_id, id);
  await insertSubports(tx, id, subports);
  await markSubports(tx, ids, id);
}

function judge(trunk: TrunkRow, actor: Actor, wish: SubportWish, port: TrunkablePort | undefined): Subport {
  const id = wish.port_id;
  if (port === undefined || !(actor.admin || port.project_id === trunk.project_id)) throw refusals.PortNotFound(id);
  if (port.parent_of !== null || id === trunk.port_id)
    throw errors.PortInUseAsTrunkParent(id, port.parent_of ?? trunk.id);
  if (port.subport_of !== null) throw errors.PortInUseAsSubPort(id, port.subport_of);
  if (port.device_id !== '' || port.host_id !== '') throw errors.PortInUse(id, port.device_id);
  if (port.mtu > trunk.mtu) throw errors.SubPortMtuGreaterThanTrunkPortMtu(id, port.mtu, trunk.id, trunk.mtu);
  const read = readSubport(wish, port.vlan);
  if ('refused' in read) throw errors.SubPortInvalid(read.refused);
  return read;
}

/** Takes ports off a trunk. Throws `TrunkNotFound`, `TrunkDisabled`, `SubPortNotFound`. */
export async function removeSubports(tx: Tx, id: string, ports: readonly string[]): Promise<void> {
  await demandEnabled(tx, id);
  const there = new Set((await subportsOf(tx, id)).map(({ port_id }) => port_id));
  for (const port of ports) if (!there.has(port)) throw errors.SubPortNotFound(id, port);
  await deleteSubports(tx, id, ports);
  await markSubports(tx, ports, null);
}

/** Takes all ports off a trunk that is to go. */
export async function clearSubports(tx: Tx, id: string): Promise<void> {
  const ports = (await subportsOf(tx, id)).map(({ port_id }) => port_id);
  await deleteSubports(tx, id, ports);
  await markSubports(tx, ports, null);
}

async function demandEnabled(tx: Tx, id: string): Promise<TrunkRow> {
  const trunk = await lockTrunk(tx, id);
  if (trunk === undefined) throw refusals.TrunkNotFound(id);
  if (!trunk.admin_state_up) throw errors.TrunkDisabled(id);
  return trunk;
}
