import { IngotError } from '#kernel/errors';
import type { DriverCall } from '../contract.ts';
import { ask } from './command.ts';
import type { AgentContext } from './context.ts';

/** What a ramdisk's agent can do beyond ironic-python-agent; nothing where it is that. */
export async function features(context: AgentContext, call: DriverCall): Promise<ReadonlySet<string>> {
  try {
    const told = await ask(context, call, 'ingot.get_capabilities', {});
    const list = told['features'];
    return new Set(Array.isArray(list) ? list.map(String) : []);
  } catch (error) {
    // ironic-python-agent does not know the extension
    if (error instanceof IngotError && error.code === 'AgentRefused') return new Set();
    throw error;
  }
}
