import { isUuid } from '#kernel/ids';
import { errors } from '../../errors.ts';
import type { BaremetalDeps } from '../../model/deps.ts';
import { type AgentNode, saveReport } from '../../store/agents.ts';
import type { Lookups } from '../../store/lookups.ts';

const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
const MAX_INTERFACES = 64;

/** MAC addresses of a reported inventory, lower case; what is none is left out. */
export function inventoryMacs(inventory: unknown): string[] {
  const interfaces: unknown = (inventory as { interfaces?: unknown } | null)?.interfaces;
  if (!Array.isArray(interfaces)) return [];
  return interfaces
    .slice(0, MAX_INTERFACES)
    .map((nic: unknown) => (nic as { mac_address?: unknown } | null)?.mac_address)
    .filter((mac): mac is string => typeof mac === 'string' && MAC.test(mac))
    .map((mac) => mac.toLowerCase().replaceAll('-', ':'));
}

/**
 * Takes the report of an inspection ramdisk and wakes the inspection that waits for it. Gives the node's UUID.
 * Throws 400 for a body without inventory or without anything to know the machine by, 404 when no node of ours
 * waits for it.
 */
export async function continueInspection(
  deps: BaremetalDeps,
  lookups: Lookups,
  body: Readonly<Record<string, unknown>>,
  nodeUuid: string | undefined,
): Promise<string> {
  const { inventory, ...pluginData } = body;
  if (typeof inventory !== 'object' || inventory === null || Array.isArray(inventory)) {
    const why = typeof body['error'] === 'string' ? `; the ramdisk says: ${body['error'].slice(0, 500)}` : '';
    throw errors.Invalid(`Invalid inspection data received: no inventory${why}`);
  }
  const macs = inventoryMacs(inventory);
  if (macs.length === 0 && nodeUuid === undefined) {
    throw errors.Invalid('No MAC addresses, BMC address or node UUID were provided');
  }
  const node = await find(lookups, macs, nodeUuid);
  const operation = node?.operationId ?? null;
  if (node === undefined || operation === null || node.provisionState !== 'inspect wait') throw errors.NotFound();
  await deps.store.tx(async (tx) => {
    await saveReport(tx, node.uuid, inventory, pluginData);
    await deps.work.signal(tx, operation, 'wake', null);
  });
  return node.uuid;
}

async function find(
  lookups: Lookups,
  macs: readonly string[],
  uuid: string | undefined,
): Promise<AgentNode | undefined> {
  if (uuid !== undefined) return isUuid(uuid) ? await lookups.byUuid(uuid) : undefined;
  const found = await lookups.byMacs(macs);
  return found.length === 1 ? found[0] : undefined;
}
