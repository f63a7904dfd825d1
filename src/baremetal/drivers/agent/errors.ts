import { defineErrors } from '#kernel/errors';

/** Errors of working through a ramdisk's agent. */
export const errors = defineErrors({
  AgentAbsent: [503, (node: string) => `No ramdisk runs on node ${node} for this operation`],
  AgentRestarted: [
    502,
    (what: string, why: string) => `The ramdisk is not the one any more that was given ${what}: ${why}`,
  ],
  AgentCommandFailed: [502, (command: string, why: string) => `The agent failed in ${command}: ${why}`],
  AgentStepsUnusable: [502, (why: string) => `The steps that the ramdisk offers cannot be used: ${why}`],
  InstallFailed: [502, (why: string) => `The installer failed: ${why}`],
  EraseUnproven: [502, (what: string) => `The erase is not proven: ${what}`],
});
