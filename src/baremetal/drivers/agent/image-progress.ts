import type { ImageProgress } from '#contracts/image';
import { messageOf } from '#kernel/errors';
import type { Node } from '../../model/node.ts';
import type { AgentContext } from './context.ts';

const TELL_MS = 1_000;

/**
 * Tells of an image that is fetched, checked and converted for a node as an agent would tell of its own work, so that
 * who follows the deploy sees how far it is. What is over within a second is not told of. `end` takes it back.
 */
export function tellOfImage(context: AgentContext, node: Node): { onProgress: ImageProgress; end(): Promise<void> } {
  const { clock, records, log } = context;
  let phase: string | undefined;
  let began = { at: clock.monotonic(), bytes: 0 };
  let told = clock.monotonic();
  let telling: Promise<void> | undefined;
  return {
    onProgress(now) {
      const at = clock.monotonic();
      if (now.phase !== phase) {
        phase = now.phase;
        began = { at, bytes: now.bytes };
      }
      if (at - told < TELL_MS) return;
      told = at;
      const rate = Math.round(((now.bytes - began.bytes) * 1000) / Math.max(1, at - began.at));
      const left = now.total === null || rate <= 0 ? null : Math.ceil((now.total - now.bytes) / rate);
      telling = records
        .tell(node, {
          by: 'ingot',
          phase: now.phase,
          what: 'the image, on the server',
          bytes: now.bytes,
          total: now.total,
          bytes_per_second: rate,
          eta_seconds: left,
        })
        .catch((error: unknown) => log.debug({ node: node.uuid, err: messageOf(error) }, 'progress was not kept'));
    },
    async end() {
      if (telling === undefined) return;
      await telling;
      await records.tell(node, null);
    },
  };
}
