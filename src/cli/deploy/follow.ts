import type { Client } from '#sdk/client';
import { baremetal } from '#sdk/generated/baremetal';
import { waitFor } from '#sdk/wait';
import { judgeNode } from '../baremetal/actions/provision.ts';
import { messageOf } from '#kernel/errors';
import { harmless } from '../output/cell.ts';
import { progressBar, progressText, shownSeconds } from '../node/draw.ts';
import { readWork } from '../node/timeline.ts';
import type { Chosen } from './choose.ts';

const BAR = 24;
const LOOK_MS = 1_000;

/** Shows a deploy until it ends: what is at work, bytes and what is left. Gives why it failed; null when it did not. */
export async function followDeploy(client: Client, chosen: Chosen): Promise<{ error: string | null }> {
  const { baremetal: api } = client;
  const { clock } = api;
  const began = clock.monotonic();
  const live = process.stderr.isTTY === true;
  let before = '';
  const show = (text: string) => {
    if (live) process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    else if (text !== before) process.stderr.write(`${text}\n`);
    before = text;
  };
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      const { current } = await readWork(api, chosen.uuid, { limit: 1 });
      if (current === null) return;
      const at = current.spans.at(-1);
      const spent = live ? ` [${shownSeconds((clock.monotonic() - began) / 1000)}]` : '';
      const far =
        current.progress == null ? '' : ` ${progressBar(current.progress, BAR)} ${progressText(current.progress)}`;
      show(`${harmless(at?.what ?? 'waiting')}${far}${spent}`);
    } catch {
      // the next look may see it
    } finally {
      looking = false;
    }
  };
  const stop = clock.every(LOOK_MS, () => void look());
  const seen = { moved: false };
  try {
    await waitFor({
      connection: api,
      events: client.operations,
      topic: 'nodes',
      operation: baremetal.nodeShow,
      params: { node_ident: chosen.uuid },
      query: { fields: ['uuid', 'provision_state', 'target_provision_state', 'last_error'] },
      timeoutMs: 0,
      judge: (facts) => judgeNode(chosen.name, facts, 'active', seen, clock.monotonic() - began),
      onLook: () => void look(),
    });
    return { error: null };
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    stop();
    if (live) process.stderr.write('\r\u001b[K');
  }
}
