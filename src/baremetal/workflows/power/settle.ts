import { messageOf } from '#kernel/errors';
import { addHistory } from '../../store/history.ts';
import type { Segment } from '../segment.ts';
import { type Settled, untilPower } from './control.ts';

const MEANT: Record<string, Settled> = { 'power on': 'power on', 'force off': 'power off' };

/**
 * What an earlier owner began and nobody saw the end of. The machine may still be on its way: before anything
 * else is done it is watched until it is where the last absolute action wanted it, or that action's time is over.
 * Then the steps, which read before they write, send again what is missing. What cannot be read back is never
 * sent again: the history says that its outcome is unknown.
 */
export async function settleOpenIntents(segment: Segment): Promise<void> {
  const { side, node } = segment;
  const open = await side.intents.openOf(node.uuid);
  if (open.length === 0) return;
  for (const intent of open.filter((one) => !one.absolute)) {
    await addHistory(side.store, [
      {
        nodeUuid: node.uuid,
        conductor: segment.call().lease.host,
        severity: 'WARNING',
        type: 'power',
        event:
          `Outcome unknown: "${intent.action}" may or may not have reached the machine before its conductor ` +
          'stopped. It is not sent again.',
      },
    ]);
  }
  const last = open.findLast((one) => MEANT[one.action] !== undefined);
  const want = last === undefined ? undefined : MEANT[last.action];
  if (last !== undefined && want !== undefined) {
    const left = Math.max(0, side.config.powerSettleMs - last.age);
    try {
      await untilPower(side, segment.call('power'), want, left);
    } catch (error) {
      segment.signal.throwIfAborted();
      side.log.info(
        { node: node.uuid, action: last.action, err: error },
        `the machine did not do what its last conductor asked: ${messageOf(error)}`,
      );
    }
  }
  await side.intents.close(open.map((one) => one.id));
}
