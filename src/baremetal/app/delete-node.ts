import { IngotError, messageOf } from '#kernel/errors';
import { errors } from '../errors.ts';
import type { Access } from '../model/access.ts';
import type { BaremetalDeps } from '../model/deps.ts';
import { statesWhere } from '../states/table.ts';
import { deleteNodeRow } from '../store/nodes.ts';
import { findNode } from './find-node.ts';

const DELETABLE: string[] = statesWhere((row) => row.deletable === true);
const TRIES = 8;
const FORGET_MS = 60_000;

/**
 * Forgets a node and what hangs on it. Maintenance lets a node go that its state would hold. Throws 403, 404, and
 * 409 in Ironic's words.
 */
export async function deleteNode(deps: BaremetalDeps, access: Access, ident: string, version: number): Promise<void> {
  const allowed = [...DELETABLE, ...(deps.config.api.allowDeletingAvailableNodes ? ['available'] : [])];
  let stopped = false;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const node = await findNode(
      deps,
      access,
      ident,
      version,
      [],
      ['instance_uuid', 'maintenance', 'protected', 'provision_state', 'reservation', 'revision', 'console_enabled'],
    );
    if (!access.allows('baremetal:node:delete', node)) {
      const own = deps.config.api.projectAdminCanManageOwnNodes;
      if (!own || !access.allows('baremetal:node:delete:self_owned_node', node)) {
        throw errors.Forbidden('baremetal:node:delete');
      }
    }
    const { uuid } = node;
    const maintenance = node.maintenance === 't';
    if (node.reservation !== null) throw errors.NodeLocked(uuid, node.reservation, { retryAfter: 1 });
    if (!maintenance && node.instance_uuid !== null) throw errors.NodeAssociated(uuid, node.instance_uuid);
    if (node.protected === 't') throw errors.NodeProtected(uuid);
    if (!maintenance && !allowed.includes(node.provision_state ?? '')) {
      throw errors.InvalidState(
        `Can not delete node "${uuid}" while it is in provision state "${node.provision_state}". Valid provision ` +
          `states to perform deletion are: "(${allowed.map((state) => `'${state}'`).join(', ')})", ` +
          'or set the node into maintenance mode',
      );
    }
    if (node.console_enabled === 't' && !stopped) {
      await stopConsole(deps, access, uuid);
      stopped = true;
      continue; // the call was an edit of the node: see how it is now
    }
    if (await remove(deps, uuid, node.revision as string)) return;
  }
  throw errors.EditRace(`Node ${ident}`, { retryAfter: 1 });
}

async function remove(deps: BaremetalDeps, uuid: string, revision: string): Promise<boolean> {
  try {
    if (!(await deleteNodeRow(deps.store, uuid, revision))) return false;
    deps.store.changes.announce('nodes', uuid);
    // One that waits warm, or that runs, was still offered its boot: its machine may come back as another node.
    await deps.boot?.withdraw(uuid).catch((error: unknown) => {
      deps.log.warn({ node: uuid, err: messageOf(error) }, 'a deleted node is still offered a boot');
    });
    // Not waited for: a switch that does not answer holds no deletion back.
    deps.networks?.forget(uuid, AbortSignal.timeout(FORGET_MS)).catch((error: unknown) => {
      deps.log.warn({ node: uuid, err: messageOf(error) }, 'the network service has not forgotten a deleted node');
    });
    return true;
  } catch (error) {
    if (error instanceof IngotError && error.details?.['constraint'] === 'nodes_parent_node_fkey') {
      throw errors.Conflict(`Node ${uuid} has child nodes. Delete them first.`);
    }
    throw error;
  }
}

/** Nobody could stop it later. A BMC that does not answer holds no node back. */
async function stopConsole(deps: BaremetalDeps, access: Access, uuid: string): Promise<void> {
  const call = { interface: 'console', method: 'stop', args: {} } as const;
  try {
    await deps.verbs.driverCall(deps, access.actor, uuid, call, deps.config.api.driverCallDeadlineMs);
  } catch (error) {
    deps.log.warn({ node: uuid, err: messageOf(error) }, 'the console of a node being deleted could not be stopped');
  }
}
