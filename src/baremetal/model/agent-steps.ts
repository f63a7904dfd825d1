import type { Document, Node } from './node.ts';

/** Flows whose steps a ramdisk may offer. */
export type AgentFlow = 'clean' | 'deploy' | 'service';

/** Key of driver_internal_info under which a ramdisk's steps are kept while it runs; Ironic's names. */
export const cachedStepsKey = (flow: AgentFlow): string => `agent_cached_${flow}_steps`;

/** Key of the version of its hardware managers, which it wants to be told with each step. */
export const managerVersionKey = 'hardware_manager_version';

/** Did the ramdisk of this operation tell its steps? */
export function knowsRamdisk(node: Node, flow: AgentFlow): boolean {
  return Array.isArray(node.driverInternalInfo[cachedStepsKey(flow)]);
}

/** Everything an operation keeps of its ramdisk in driver_internal_info; gone when the ramdisk is. */
export const AGENT_KEYS: readonly string[] = [
  'agent_boot_told',
  'agent_command',
  'agent_stage',
  managerVersionKey,
  ...(['clean', 'deploy', 'service'] as const).map(cachedStepsKey),
];

/** The change that forgets all of it. */
export function forgetRamdisk(): Document {
  return Object.fromEntries(AGENT_KEYS.map((key) => [key, undefined]));
}
