import type { InspectionResult } from '../../drivers/contract.ts';
import { addPorts } from '../../store/found-ports.ts';
import type { Segment } from '../segment.ts';

/** Keeps what an inspection found: inventory, properties (over those there are), and ports that are new. */
export async function keepFindings(segment: Segment, result: InspectionResult): Promise<void> {
  const { side, node, pending } = segment;
  await side.facts({ nodeUuid: node.uuid, inventory: result.inventory, pluginData: result.pluginData });
  node.properties = { ...node.properties, ...result.properties };
  pending.properties = node.properties;
  const taken = await addPorts(side.store, node.uuid, result.ports);
  for (const address of taken) {
    side.log.warn({ node: node.uuid, address }, 'inspection found a MAC address that is a port of another node');
  }
}
