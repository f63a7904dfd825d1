import type { Workflow } from '#work/contract';
import { newOperationId } from '../../model/operation-id.ts';
import { inFlight, replaceOperation } from '../../store/orphans.ts';
import type { OperationInput } from '../operation.ts';
import type { ConductorSide } from '../side.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';
/** Operations looked at in one round. */
const BATCH = 50;

/**
 * Looks, some nodes a round, for operations whose work no longer exists or has ended, and has their nodes mended.
 * The engine alone should never leave one; an import of an old backup, or a hand in the database, may.
 */
export function makeOrphanChore(
  side: ConductorSide,
  mend: Workflow<OperationInput>,
  olderMs: number,
): () => Promise<void> {
  const { store, work, log, config } = side;
  let after = FIRST;
  return async () => {
    const nodes = await inFlight(store, config.groups, olderMs, after, BATCH);
    after = nodes.length < BATCH ? FIRST : (nodes.at(-1)?.uuid ?? FIRST);
    for (const node of nodes) {
      if (!work.owns(node.group, node.uuid)) continue;
      const status = await work.status(node.operation_id);
      if (status !== null && (status.state === 'queued' || status.state === 'running')) continue;
      const id = newOperationId(node, 'mend');
      const replaced = await store.tx(async (tx) => {
        if (!(await replaceOperation(tx, node.uuid, node.operation_id, { id, name: 'mend' }))) return false;
        tx.changed('nodes', node.uuid);
        const input: OperationInput = { node: node.uuid, requestId: '', userId: null, projectId: null };
        await work.enqueue(tx, mend, input, { id, group: node.group });
        return true;
      });
      if (replaced) log.warn({ node: node.uuid, operation: node.operation_id }, 'the work on a node was lost');
    }
  };
}
