import { messageOf } from '#kernel/errors';
import { isDatabaseAway } from '#work/errors';
import type { Awaiting } from './progress.ts';
import type { Segment } from './segment.ts';

/** BMCs tell whole seconds, and their clock is read after the time that is compared with it. Milliseconds. */
const SURE_MS = 5_000;

/**
 * Looks whether a machine whose agent is silent and does not answer has started anew since it was given its work: into
 * its disk, perhaps, where nobody will ever call. Gives the sentence that says so; undefined where its BMC does not know.
 * A ramdisk that was just cut off from the network goes on with its work, and is waited for.
 */
export async function lookForRestart(segment: Segment, awaiting: Awaiting): Promise<string | undefined> {
  const { side, node, interfaces } = segment;
  const { management } = interfaces;
  if (management.lastStartAgoMs === undefined || awaiting.since === undefined) return undefined;
  let ago: number | null;
  try {
    ago = await management.lastStartAgoMs(segment.call());
  } catch (error) {
    segment.signal.throwIfAborted();
    if (isDatabaseAway(error)) throw error;
    segment.call().assertMayWrite();
    side.log.info({ node: node.uuid, err: messageOf(error) }, 'when the machine started last cannot be seen now');
    return undefined;
  }
  if (ago === null || side.clock.now() - ago < awaiting.since + SURE_MS) return undefined;
  return (
    `The machine started anew ${Math.max(1, Math.round(ago / 60_000))} min ago, in the middle of its work ` +
    `(${awaiting.what ?? segment.progress.phase}), and its agent does not answer`
  );
}
