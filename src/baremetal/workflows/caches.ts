import { messageOf } from '#kernel/errors';
import type { NodeFacts } from '../store/node-facts.ts';
import type { Segment } from './segment.ts';

/**
 * Reads again what is shown of a machine without asking it: BIOS settings, firmware, boot mode, health. Failing
 * to is no failure of the operation. Gives what was read.
 */
export async function refreshCaches(segment: Segment): Promise<NodeFacts> {
  const { node, interfaces, pending, side } = segment;
  const call = segment.call('cache');
  const facts: NodeFacts = { nodeUuid: node.uuid };
  const read = async (what: string, part: () => Promise<void>) => {
    try {
      await part();
    } catch (error) {
      call.assertMayWrite();
      side.log.debug({ node: node.uuid, what, err: messageOf(error) }, 'could not read a fact of a machine');
    }
  };
  const { management } = interfaces;
  await Promise.all([
    read('bios', async () => {
      if (node.interfaces.bios !== 'no-bios') facts.bios = await interfaces.bios.settings(call);
    }),
    read('firmware', async () => {
      if (node.interfaces.firmware !== 'no-firmware') facts.firmware = await interfaces.firmware.components(call);
    }),
    read('boot mode', async () => {
      pending.boot_mode = await management.getBootMode(call);
    }),
    read('secure boot', async () => {
      pending.secure_boot = await management.getSecureBoot(call);
    }),
    read('health', async () => {
      pending.health = await management.health(call);
    }),
  ]);
  if (facts.bios !== undefined || facts.firmware !== undefined) await side.facts(facts);
  return facts;
}
