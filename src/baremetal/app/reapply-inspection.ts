import { errors } from '../errors.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import type { Document } from '../model/node.ts';
import { withoutMade } from '../model/inspector-rules/data.ts';
import { newOperationId } from '../model/operation-id.ts';
import { hostFor } from '../model/ring.ts';
import type { Actor } from '../model/verbs.ts';
import { keepInventory, lockForReapply } from '../store/inspection.ts';
import { nodeInventory } from '../store/node-details.ts';
import { loadNode } from '../store/node-load.ts';
import { isLocked, nodeLocked } from './provision-rules.ts';
import type { VerbParts } from './set-provision-state.ts';

/** Whoever edits the node between our reading and our writing makes us look again, this often. */
const TRIES = 4;

function split(data: Document): { inventory: Document; pluginData: Document } {
  const { inventory, ...pluginData } = data;
  if (typeof inventory !== 'object' || inventory === null || Array.isArray(inventory)) {
    throw errors.Invalid('Invalid data: expected a JSON object with an object as its inventory');
  }
  return { inventory: inventory as Document, pluginData: withoutMade(pluginData) };
}

/**
 * Asks for what inspection found of a node to be applied again; `data`, when given, takes its place first. Returns when
 * that is committed. Throws 400, 404 when there is nothing, 409 while the node is locked or an operation rests on it.
 */
export async function reapplyInspection(
  deps: BaremetalDeps,
  parts: VerbParts,
  actor: Actor,
  nodeUuid: string,
  data?: Document,
): Promise<void> {
  const given = data === undefined ? undefined : split(data);
  const workflow = parts.workflows.get('reapply');
  if (workflow === undefined) throw new TypeError('no workflow is called reapply');
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const row = await loadNode(deps.store, nodeUuid, deps.sealer);
    if (row === undefined) throw errors.NodeNotFound(nodeUuid);
    const { node } = row;
    const lock = { ...node, intentId: row.intentId };
    if (isLocked(lock) || node.operationId !== null) throw nodeLocked(lock);
    if (given === undefined && (await nodeInventory(deps.store, node.uuid)) === undefined) {
      throw errors.NodeInventoryNotFound(node.uuid);
    }
    const id = newOperationId(node, 'reapply');
    const host = hostFor(deps.work.liveHosts(node.conductorGroup).sort(), node.uuid);
    const done = await deps.store.tx(async (tx) => {
      if (!(await lockForReapply(tx, node, id, host))) return false;
      if (given !== undefined) await keepInventory(tx, node.uuid, given);
      const input = { ...actor, node: node.uuid };
      await deps.work.enqueue(tx, workflow, input, { id, group: node.conductorGroup });
      return true;
    });
    if (done) return deps.store.changes.announce('nodes', node.uuid);
  }
  throw errors.EditRace(`Node ${nodeUuid}`, { retryAfter: 1 });
}
