import { IngotError } from '#kernel/errors';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { choosePlace } from '../model/vif-choice.ts';
import { lockForVifs, putVif, type VifPlace, vifPlaces } from '../store/vifs.ts';
import { findNode, type NodeText } from './find-node.ts';

const LOOK_UP_MS = 30_000;

type VifNode = NodeText<'network_interface' | 'provision_state' | 'reservation'>;

function find(deps: BaremetalDeps, access: Access, ident: string, version: number, act: string): Promise<VifNode> {
  const columns = ['network_interface', 'provision_state', 'reservation'] as const;
  return findNode(deps, access, ident, version, [`baremetal:node:vif:${act}`], columns);
}

/** VIFs on a node's ports and portgroups. */
export async function listVifs(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
): Promise<{ id: string }[]> {
  const node = await find(deps, access, ident, version, 'list');
  if (!deps.catalogue.storesVifs(node.network_interface ?? '')) return [];
  const places = await vifPlaces(deps.store, node.uuid);
  return places.flatMap((place) => (place.vif === null ? [] : [{ id: place.vif }]));
}

/**
 * Attaches a VIF to a free port or portgroup of a node, the one asked for or the best one; a machine in use is
 * connected at once. Throws 400 (no free port), 409 (already attached, locked).
 */
export async function attachVif(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  vif: string,
  asked: { port?: string; portgroup?: string },
): Promise<void> {
  const node = await find(deps, access, ident, version, 'attach');
  refuseLocked(node);
  if (!deps.catalogue.storesVifs(node.network_interface ?? '')) return;
  const onlyCabled = deps.catalogue.movesPorts(node.network_interface ?? '');
  const physicalNetworks = await physicalNetworksOf(deps, vif, onlyCabled);
  const place = await deps.store.tx(async (tx) => {
    await lockForVifs(tx, node.uuid);
    const wish = { ...asked, physicalNetworks, onlyCabled };
    const chosen = choosePlace(await vifPlaces(tx, node.uuid), node.uuid, vif, wish);
    await putVif(tx, chosen, vif);
    tx.changed(`${chosen.kind}s`, chosen.uuid);
    return chosen;
  });
  if (node.provision_state !== 'active') return;
  try {
    await connect(deps, access, node.uuid, 'attachVif', { vif: { id: vif, [`${place.kind}_uuid`]: place.uuid } });
  } catch (error) {
    await release(deps, node.uuid, vif);
    throw error;
  }
}

/** Takes a VIF off a node. Throws 400 when it is not there, 409 when the node is locked. */
export async function detachVif(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  vif: string,
): Promise<void> {
  const node = await find(deps, access, ident, version, 'detach');
  refuseLocked(node);
  if (!deps.catalogue.storesVifs(node.network_interface ?? '')) return;
  const places = await vifPlaces(deps.store, node.uuid);
  if (!places.some((place) => place.vif === vif)) throw errors.VifNotAttached(vif, node.uuid);
  // The machine first: a VIF that is still connected must stay on record.
  if (node.provision_state === 'active') await connect(deps, access, node.uuid, 'detachVif', { vif_id: vif });
  await release(deps, node.uuid, vif);
}

/**
 * By which physical networks the VIF can be reached. It must exist where switch ports are moved for it; elsewhere it may
 * be one that only the caller knows of.
 */
async function physicalNetworksOf(deps: BaremetalDeps, vif: string, mustExist: boolean): Promise<readonly string[]> {
  if (deps.networks === undefined) return [];
  try {
    return (await deps.networks.vif(vif, AbortSignal.timeout(LOOK_UP_MS))).physicalNetworks;
  } catch (error) {
    if (!mustExist && error instanceof IngotError && error.code === 'VifUnknown') return [];
    throw error;
  }
}

function refuseLocked(node: VifNode): void {
  if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation, { retryAfter: 1 });
}

async function connect(
  deps: BaremetalDeps,
  access: Access,
  uuid: string,
  method: 'attachVif' | 'detachVif',
  args: Record<string, string | Record<string, string>>,
): Promise<void> {
  const call = { interface: 'network', method, args } as const;
  await deps.verbs.driverCall(deps, access.actor, uuid, call, deps.config.api.driverCallDeadlineMs);
}

async function release(deps: BaremetalDeps, nodeUuid: string, vif: string): Promise<void> {
  await deps.store.tx(async (tx) => {
    await lockForVifs(tx, nodeUuid);
    const held: VifPlace[] = (await vifPlaces(tx, nodeUuid)).filter((place) => place.vif === vif);
    for (const place of held) {
      await putVif(tx, place, null);
      tx.changed(`${place.kind}s`, place.uuid);
    }
  });
}
