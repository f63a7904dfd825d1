import type { InspectionResult } from '../../drivers/contract.ts';
import { inventoryFacts, mergeCapabilities } from '../../model/inventory-facts.ts';
import type { Document } from '../../model/node.ts';
import { addPorts } from '../../store/found-ports.ts';
import type { Segment } from '../segment.ts';
import { applyRules } from './rules.ts';
import { keepNeighbours } from './neighbours.ts';

/**
 * Keeps what an inspection found: ports that are new; properties, capabilities and traits by which allocations
 * ask for machines; what the operator's rules make of it; inventory and plugin data.
 */
export async function keepFindings(segment: Segment, result: InspectionResult): Promise<void> {
  const { side, node } = segment;
  const taken = await addPorts(side.store, node.uuid, result.ports);
  for (const address of taken) {
    side.log.warn({ node: node.uuid, address }, 'inspection found a MAC address that is a port of another node');
  }
  await keepNeighbours(segment, result);
  const found = inventoryFacts(result.inventory);
  // Of the properties as they are when it is written: people may edit the node while it is inspected.
  const withFindings = (old: Document): Document => {
    const properties = { ...old, ...found.properties, ...result.properties };
    const capabilities = mergeCapabilities(properties['capabilities'], found.capabilities);
    return capabilities === '' ? properties : { ...properties, capabilities };
  };
  // Written with the rest below: rules see the node as the inspection leaves it.
  const pluginData = await applyRules(segment, withFindings, result, found.traits);
  await side.facts({ nodeUuid: node.uuid, inventory: result.inventory, pluginData });
}
