import { isUuid } from '#kernel/ids';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import {
  type BiosRow,
  biosSettings,
  type FirmwareRow,
  firmwareComponents,
  type HistoryRow,
  type HistorySort,
  historyEntry,
  historyPage,
  nodeInventory,
} from '../store/node-details.ts';
import { findNode } from './find-node.ts';

/** BIOS settings of a node; of one name when given. Throws 404 when there is none of the name. */
export async function showBios(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  name?: string,
): Promise<{ uuid: string; settings: BiosRow[] }> {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:bios:get']);
  const settings = await biosSettings(deps.store, uuid, name);
  if (name !== undefined && settings.length === 0) throw errors.BiosSettingNotFound(uuid, name);
  return { uuid, settings };
}

export async function showFirmware(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
): Promise<FirmwareRow[]> {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:firmware:get']);
  return await firmwareComponents(deps.store, uuid);
}

/** What inspection found, as JSON text. Throws 404 when the node was never inspected. */
export async function showInventory(deps: BaremetalDeps, access: Access, ident: string, version: number) {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:inventory:get']);
  const found = await nodeInventory(deps.store, uuid);
  if (found === undefined) throw errors.NodeInventoryNotFound(uuid);
  return found;
}

/** A page of a node's history. Throws 404 for a marker that is not in it. */
export async function listHistory(
  deps: BaremetalDeps,
  access: Access,
  ident: string,
  version: number,
  page: { limit: number; marker: string | null; sort: HistorySort; descending: boolean },
): Promise<{ uuid: string; entries: HistoryRow[] }> {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:history:get']);
  if (page.marker !== null && (await historyEntry(deps.store, uuid, page.marker)) === undefined) {
    throw errors.NodeHistoryNotFound(page.marker);
  }
  return { uuid, entries: await historyPage(deps.store, uuid, page) };
}

export async function showHistory(deps: BaremetalDeps, access: Access, ident: string, version: number, event: string) {
  const { uuid } = await findNode(deps, access, ident, version, ['baremetal:node:history:get']);
  const entry = isUuid(event) ? await historyEntry(deps.store, uuid, event) : undefined;
  if (entry === undefined) throw errors.NodeHistoryNotFound(event);
  return { uuid, entry };
}
