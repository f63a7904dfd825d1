import { messageOf } from '#kernel/errors';
import type { InspectionResult } from '../../drivers/contract.ts';
import { localLinkOf, neighboursOf } from '../../model/lldp.ts';
import { writeLinks } from '../../store/found-links.ts';
import type { Segment } from '../segment.ts';

/**
 * What NICs heard by LLDP: kept for whoever looks at the cabling, and written to the node's ports as the settings say.
 * Before rules run, so that these see it.
 */
export async function keepNeighbours(segment: Segment, { inventory, pluginData }: InspectionResult): Promise<void> {
  const { side, node } = segment;
  const heard = neighboursOf(inventory, pluginData);
  if (heard.length === 0) return;
  try {
    await side.networks?.neighbours(node.uuid, heard);
  } catch (error) {
    side.log.warn({ node: node.uuid, err: messageOf(error) }, 'what NICs heard by LLDP could not be kept');
  }
  const mode = side.config.network.lldp;
  if (mode === 'off') return;
  const links = heard.flatMap((one) => {
    const link = localLinkOf(one);
    return link === null ? [] : [{ address: one.mac, link }];
  });
  const changed = await writeLinks(side.store, node.uuid, links, mode === 'always' ? 'all' : 'empty');
  if (changed.length > 0) side.log.info({ node: node.uuid, changed }, 'LLDP says where the cables of a machine end');
}
