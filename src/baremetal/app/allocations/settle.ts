import { messageOf } from '#kernel/errors';
import type { BaremetalDeps } from '../../model/deps.ts';
import { failAllocation, giveNode, takeOpenAllocations, whyNone } from '../../store/allocations.ts';

/** Allocations one transaction settles: enough to share its commit, few enough to let others in. */
const BATCH = 50;
/** Tries of a node that was there and was being given away by somebody else at the same moment. */
const TRIES = 3;

/** Settles waiting allocations, oldest first, until none waits. Gives how many. */
export async function settleAllocations(deps: Pick<BaremetalDeps, 'store'>): Promise<number> {
  let settled = 0;
  for (;;) {
    const taken = await deps.store.tx(async (tx) => {
      const open = await takeOpenAllocations(tx, BATCH);
      for (const allocation of open) {
        const named = allocation.name === null ? null : await giveNode(tx, allocation);
        let node = named;
        let why = 'retry';
        for (let i = 0; node === null && why === 'retry' && i < TRIES; i++) {
          node = await giveNode(tx, { ...allocation, name: null });
          if (node === null) why = await whyNone(tx, allocation);
        }
        // Somebody else holds what would fit: it waits, and is looked at again when they are done.
        if (node === null && why === 'retry') continue;
        if (node === null)
          await failAllocation(tx, allocation.uuid, `Failed to process allocation ${allocation.uuid}: ${why}.`);
        else tx.changed('nodes', node);
        tx.changed('allocations', allocation.uuid);
      }
      return open.length;
    });
    settled += taken;
    if (taken < BATCH) return settled;
  }
}

/** Settles allocations when they come, and looks now and then for what was left by a dead conductor. */
export function startSettling(deps: Pick<BaremetalDeps, 'store' | 'clock' | 'log'>): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const go = () => {
    if (stopped) return;
    if (running !== undefined) {
      again = true;
      return;
    }
    running = settleAllocations(deps)
      .catch((error: unknown) =>
        deps.log.warn({ error: messageOf(error) }, 'allocations could not be settled; trying again soon'),
      )
      .then(() => {
        running = undefined;
        if (again) {
          again = false;
          go();
        }
      });
  };
  const leave = deps.store.changes.subscribe('allocations', go);
  const cancel = deps.clock.every(2_000, go);
  go();
  return {
    async stop() {
      stopped = true;
      leave();
      cancel();
      await running;
    },
  };
}
