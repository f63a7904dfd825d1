import type { InterfaceRegistry } from '../contract.ts';
import { bootInterfaces } from '../boot/interfaces.ts';
import type { AgentContext } from './context.ts';
import { installByKickstart, validateAnaconda } from './anaconda.ts';
import { coreSteps } from './core-steps.ts';
import { agentDeploy } from './deploy.ts';
import { agentInspect } from './inspect.ts';
import { prepareInstanceBoot } from './instance-boot.ts';
import { instancePayload } from './instance-payload.ts';
import { agentRaid } from './raid.ts';
import { bootRamdisk } from './ramdisk-deploy.ts';
import { agentRescue } from './rescue.ts';
import { writeImage } from './write-image.ts';

const NONE = new Map<string, never>();

const named = <T extends { readonly name: string }>(...all: T[]): ReadonlyMap<string, T> =>
  new Map(all.map((one) => [one.name, one]));

/** All implementations that work through a ramdisk's agent. */
export function agentInterfaces(context: AgentContext): InterfaceRegistry {
  const core = coreSteps(context);
  const boot = prepareInstanceBoot(context);
  const install = installByKickstart(context);
  const direct = [...core, writeImage(context), boot];
  return {
    bios: NONE,
    boot: context.boot === undefined ? NONE : bootInterfaces(context),
    console: NONE,
    deploy: named(
      agentDeploy(context, { name: 'direct', image: true, steps: () => direct }),
      agentDeploy(context, { name: 'custom-agent', image: false, steps: () => [...core, boot] }),
      agentDeploy(context, {
        name: 'anaconda',
        image: false,
        steps: () => [install],
        validate: (node) => validateAnaconda(context, node),
      }),
      agentDeploy(context, {
        name: 'ramdisk',
        image: false,
        steps: () => [bootRamdisk],
        validate: (node) => void instancePayload(node),
      }),
    ),
    firmware: NONE,
    inspect: named(agentInspect(context)),
    management: NONE,
    network: NONE,
    power: NONE,
    raid: named(agentRaid(context)),
    rescue: named(agentRescue(context)),
    storage: NONE,
    vendor: NONE,
  };
}
