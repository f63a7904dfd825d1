import { messageOf } from '#kernel/errors';
import { isDatabaseAway } from '#work/errors';
import type { Awaiting } from './progress.ts';
import type { Segment } from './segment.ts';

/** A machine seen off is looked at again after so long before that counts: a BMC may have been read in between. */
const SURE_MS = 2_000;
/** Some switch themselves off and on again while they start. */
const SURE_BOOTING_MS = 30_000;

/** When a machine that was seen off is to be looked at again; undefined: it was not. */
export function sureAt(awaiting: Awaiting): number | undefined {
  if (awaiting.offSince === undefined) return undefined;
  return awaiting.offSince + (awaiting.boots ? SURE_BOOTING_MS : SURE_MS);
}

/**
 * Looks whether the machine that is waited for has lost its power, when somebody saw it off. `off`: it is for certain;
 * `changed`: it has to be looked at again, or is on after all, and `awaiting` says so.
 */
export async function lookForOff(segment: Segment, awaiting: Awaiting): Promise<'off' | 'changed' | undefined> {
  const { side, node } = segment;
  if (awaiting.staysOn === undefined) return undefined;
  if (node.powerState !== 'power off' && awaiting.offSince === undefined) return undefined;
  const before = sureAt(awaiting);
  const now = side.clock.now();
  // Woken for another reason while the second look is still to come.
  if (before !== undefined && now < before) return undefined;
  let power: string;
  try {
    power = await segment.interfaces.power.get(segment.call('power'));
  } catch (error) {
    segment.signal.throwIfAborted();
    if (isDatabaseAway(error)) throw error;
    segment.call().assertMayWrite();
    side.log.info({ node: node.uuid, err: messageOf(error) }, 'whether the machine is off cannot be seen now');
    awaiting.offSince = now;
    return 'changed';
  }
  if (power === 'power off') {
    if (before !== undefined) return 'off';
    awaiting.offSince = now;
    return 'changed';
  }
  if (power === 'power on') {
    node.powerState = 'power on';
    segment.pending.power_state = 'power on';
  }
  delete awaiting.offSince;
  return 'changed';
}
