import type { RaidInterface } from '../contract.ts';
import type { AgentContext } from './context.ts';
import { agentSteps } from './steps.ts';

/** Software RAID, made by the ramdisk's agent: its steps are there while it runs. */
export function agentRaid(context: AgentContext): RaidInterface {
  return {
    name: 'agent',
    properties: {},
    validate: () => {},
    steps: (node) => agentSteps(context, node, 'raid'),
    logicalDiskProperties: {
      raid_level: 'RAID level of the volume: 0, 1, 5, 6 or 1+0. Required.',
      size_gb: 'Size in GiB (integer), or MAX for all that is left. Required.',
      controller: 'Must be "software".',
      volume_name: 'Name of the volume. Optional.',
      physical_disks: 'Disks by device hints, such as {"size": "> 100"}. Optional.',
      is_root_volume: 'True for the volume that holds the root device. Optional.',
    },
  };
}
