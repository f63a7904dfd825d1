import type { InstanceFiles } from '#contracts/metadata';
import type { Sealer, Store } from '#store/contract';
import { instanceFiles } from './drivers/agent/config-drive.ts';
import { loadNode } from './store/node-load.ts';

/** States in which there is no instance: whoever asks is between two tenants. */
const EMPTY = new Set([
  'enroll',
  'verifying',
  'manageable',
  'inspecting',
  'inspect wait',
  'inspect failed',
  'available',
  'cleaning',
  'clean wait',
  'clean failed',
]);

/** The machines as the metadata service of networks asks for them. */
export const makeInstanceFiles = (store: Store, sealer: Sealer): InstanceFiles => ({
  async filesOf(machine) {
    const found = await loadNode(store, machine, sealer);
    if (found === undefined || EMPTY.has(found.node.provisionState)) return undefined;
    return instanceFiles(found.node);
  },
});
