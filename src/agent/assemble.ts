import { Agent, type AgentOptions } from './agent.ts';
import type { KexecArmParams, KexecLoadParams } from '#agent-api/kexec';
import type { CaptureParams } from '#agent-api/capture';
import { captureDisk } from './capture.ts';
import { async_, sync } from './commands/command.ts';
import { flow, image, ingot, log, poll, rescue, system } from './extensions/small.ts';
import { standby } from './extensions/standby.ts';
import { stepExtension } from './extensions/steps.ts';
import { SharedBlocks } from './images/shared-blocks.ts';
import { inspectIfAsked } from './inspect.ts';
import { listNics } from './inventory/nics.ts';
import { kexecArm } from './kexec/arm.ts';
import { kexecLoad } from './kexec/load.ts';
import { stepTable } from './steps/step-table.ts';

/** What an agent needs from outside; the rest is the same for every machine. */
export type AssembleOptions = Pick<
  AgentOptions,
  'machine' | 'parameters' | 'clock' | 'random' | 'log' | 'trust' | 'port' | 'host'
> & {
  /** Of the product. */
  version: string;
};

/** An agent with all its commands, for a real machine or a simulated one. */
export function assembleAgent(options: AssembleOptions): Agent {
  const shared = new SharedBlocks();
  const { machine, trust } = options;
  return new Agent({
    ...options,
    blocks: (hash, secret) => shared.give(hash, secret),
    macs: async () => (await listNics(machine)).map((nic) => nic.mac_address),
    inspect: (tools) => inspectIfAsked(tools, trust),
    extensions: (self) => {
      const writing = { trust, shared, peer: () => self.peer };
      const table = stepTable(writing);
      return {
        standby: standby(writing),
        clean: stepExtension('clean', table, self),
        deploy: stepExtension('deploy', table, self),
        service: stepExtension('service', table, self),
        image,
        log,
        rescue,
        poll: poll(self),
        system: system(self),
        flow: flow(self),
        ingot: {
          ...ingot(self, options.version),
          capture: async_((params, run) => captureDisk(params as unknown as CaptureParams, run, trust)),
          kexec_load: async_((params, run) => kexecLoad(params as unknown as KexecLoadParams, run)),
          kexec_arm: sync((params, run) => kexecArm(params as unknown as KexecArmParams, run)),
        },
      };
    },
  });
}
