import { messageOf } from '#kernel/errors';
import { forgetRamdisk } from '../../model/agent-steps.ts';
import type { DriverCall, DriverStep, StepOutcome } from '../contract.ts';
import { ask } from './command.ts';
import type { AgentContext } from './context.ts';
import { runsAlready } from './fast-track.ts';
import { prepareImage } from './image-info.ts';
import { startRamdisk } from './ramdisk.ts';
import { learnSteps } from './steps.ts';

const step = (name: string, priority: number, more: Pick<DriverStep, 'run'> & Partial<DriverStep>): DriverStep => ({
  interface: 'deploy',
  step: name,
  priority,
  kinds: ['deploy'],
  requiresRamdisk: false,
  ...more,
});

/**
 * The steps of a deploy through a ramdisk, Ironic's names and priorities. Between them is room for steps of the
 * operator: out of band above 100 and from 39 to 21, in the ramdisk from 99 to 41.
 */
export function coreSteps(context: AgentContext): DriverStep[] {
  const called = async (call: DriverCall): Promise<StepOutcome> => {
    // After a crash the machine may be anywhere between off and calling: then it is started again.
    if ((await context.records.of(call.node)) === undefined) return await startRamdisk(context, call, 'provisioning');
    await learnSteps(context, call, 'deploy');
    return { kind: 'done', steps: 'more' };
  };
  return [
    step('deploy', 100, {
      abortable: true,
      async run(call) {
        if (call.resumed) return await called(call);
        if (await runsAlready(context, call)) return await called(call);
        warmUp(context, call);
        return await startRamdisk(context, call, 'provisioning');
      },
      resume: called,
    }),
    step('tear_down_agent', 40, {
      async run(call) {
        await endAgent(context, call);
        return { kind: 'done' };
      },
    }),
    step('switch_to_tenant_network', 30, {
      async run(call) {
        await call.power.off();
        await call.interfaces.network.flip(call, 'tenant');
        return { kind: 'done' };
      },
    }),
    step('boot_instance', 20, {
      async run(call) {
        await call.power.on();
        return { kind: 'done' };
      },
    }),
  ];
}

/** Begins to fetch and convert the image while the machine starts. What goes wrong is told when it is needed. */
function warmUp(context: AgentContext, call: DriverCall): void {
  if (context.images === undefined) return;
  prepareImage(context, call).catch((error: unknown) =>
    context.log.debug({ node: call.node.uuid, err: messageOf(error) }, 'an image could not be got ready ahead'),
  );
}

/**
 * Ends the ramdisk: what it wrote goes to the disk, then the BMC switches the machine off. The agent is not asked to:
 * ramdisks without an init say that they will and do not.
 */
export async function endAgent(context: AgentContext, call: DriverCall): Promise<void> {
  if ((await context.records.of(call.node)) !== undefined) await ask(context, call, 'standby.sync', {});
  // What the agent did is known: a successor must not ask an agent for it that this ends.
  await call.saveNotes();
  await call.power.off();
  call.notes.internal(forgetRamdisk());
}
