import type { ConductorLease } from '#work/contract';
import type { DriverCall, NodeNotes } from '../../drivers/contract.ts';
import type { Node } from '../../model/node.ts';
import { makePower, type Settled } from '../power/control.ts';
import type { ConductorSide } from '../side.ts';

/** An action on a node that this life of the conductor has in hand. */
export interface Taken {
  id: bigint;
  action: string;
  node: Node;
  lease: ConductorLease;
  signal: AbortSignal;
  /** Another conductor may have sent it. */
  resumed: boolean;
  age: number;
}

const NO_NOTES: NodeNotes = { internal: () => {}, raidConfig: () => {}, bootMode: () => {}, secureBoot: () => {} };

/** A driver call outside operations. Its intent is the queue's row, committed before anything is written. */
export function callFor(side: ConductorSide, taken: Taken, seen: (state: Settled) => void = () => {}): DriverCall {
  const { node, lease, signal } = taken;
  const interfaces = side.registry.of(node);
  const call: DriverCall = {
    node,
    purpose: 'power',
    resumed: taken.resumed,
    signal,
    lease,
    notes: NO_NOTES,
    saveNotes: async () => {},
    mark: () => {},
    interfaces,
    get power() {
      return makePower({ side, call: () => call, begin: async () => {}, seen });
    },
    assertMayWrite() {
      signal.throwIfAborted();
      lease.assertHeld();
    },
  };
  return call;
}
