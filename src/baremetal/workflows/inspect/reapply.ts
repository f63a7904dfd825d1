import type { Document } from '../../model/node.ts';
import { REAPPLY_ERROR } from '../../store/inspection.ts';
import { nodeInventory } from '../../store/node-details.ts';
import { failureText, type Operation } from '../operation.ts';
import type { Segment } from '../segment.ts';
import { keepFindings } from './findings.ts';

/**
 * Makes again of a node what its last inspection found: properties, capabilities and traits, and what rules make of it.
 * The machine is not touched, and the node stays in its state.
 */
export const reapply: Operation = {
  name: 'reapply',
  version: 1,
  historyType: 'introspection',
  takesAny: true,
  phases: [
    {
      name: 'reapply',
      async run(segment) {
        const { side, node } = segment;
        const found = await nodeInventory(side.store, node.uuid);
        if (found === undefined) throw new Error('nothing is known of an inspection');
        const inventory = JSON.parse(found.inventory) as Document;
        const pluginData = JSON.parse(found.plugin_data) as Document;
        await keepFindings(segment, { inventory, pluginData, ports: [], properties: {} });
        await end(segment, null);
        return { kind: 'over' };
      },
    },
  ],
  fail: (segment, _input, failure) =>
    end(segment, `Inspection data could not be applied again: ${failureText(failure)}`),
};

async function end(segment: Segment, error: string | null): Promise<void> {
  const { [REAPPLY_ERROR]: _old, ...info } = segment.node.driverInternalInfo;
  const internal = error === null ? info : { ...info, [REAPPLY_ERROR]: error };
  const finished = new Date(segment.side.clock.now());
  const set = { inspection_finished_at: finished, driver_internal_info: internal };
  await segment.release(set, error ?? undefined);
}
