import { messageOf } from '#kernel/errors';
import { systemRandom } from '#kernel/random';
import { forgetRamdisk } from '../../model/agent-steps.ts';
import type { DriverCall } from '../contract.ts';
import { ask } from './command.ts';
import type { AgentContext } from './context.ts';
import { features } from './features.ts';

/**
 * After a cleaning: leaves the machine on in its ramdisk, so that a deploy begins with writing. Its token is changed,
 * the one of the cleaning is worth nothing any more. False where it cannot be: then it is switched off as usual.
 */
export async function keepWarm(context: AgentContext, call: DriverCall): Promise<boolean> {
  if (!context.warmPool || (await context.records.of(call.node)) === undefined) return false;
  try {
    if (!(await features(context, call)).has('rotate-token')) return false;
    const token = systemRandom.bytes(32).toString('base64url');
    await ask(context, call, 'ingot.rotate_token', { agent_token: token });
    await context.records.keepWarm(call.node, token);
    call.notes.internal(forgetRamdisk());
    return true;
  } catch (error) {
    call.assertMayWrite();
    context.log.warn({ node: call.node.uuid, err: messageOf(error) }, 'a machine does not stay warm');
    return false;
  }
}
