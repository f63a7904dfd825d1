import type { DriverCall } from '../contract.ts';
import { ask } from './command.ts';
import type { AgentContext } from './context.ts';

/** Agents call every 90 to 180 seconds: one that waits warm was heard in this. */
const WARM_MS = 300_000;

/**
 * Is there a ramdisk that can be used without starting the machine: one that called lately, or one that waits warm since
 * the last cleaning? It is asked something (`question`), so that a machine that hangs is started as usual.
 */
export async function runsAlready(
  context: AgentContext,
  call: DriverCall,
  question: () => Promise<unknown> = () => ask(context, call, 'standby.sync', {}),
): Promise<boolean> {
  const withinMs = Math.max(context.fastTrackMs, context.warmPool ? WARM_MS : 0);
  if (withinMs <= 0 || (await call.interfaces.power.get(call)) !== 'power on') return false;
  if (!(await context.records.adopt(call.node, withinMs))) {
    const agent = await context.records.of(call.node);
    if (agent === undefined || agent.heardAgoMs > withinMs) return false;
  }
  try {
    await question();
    return true;
  } catch {
    call.assertMayWrite();
    return false;
  }
}
