import type { DriverCall } from '../contract.ts';
import type { AgentContext } from './context.ts';

/** Is there a ramdisk that called lately and can be used without starting the machine? */
export async function runsAlready(context: AgentContext, call: DriverCall): Promise<boolean> {
  if (context.fastTrackMs <= 0) return false;
  const agent = await context.records.of(call.node);
  return agent !== undefined && agent.heardAgoMs <= context.fastTrackMs;
}
