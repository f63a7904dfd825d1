import { messageOf } from '#kernel/errors';
import type { DriverCall, DriverStep, StepOutcome } from '../contract.ts';
import type { AgentContext } from './context.ts';
import { runsAlready } from './fast-track.ts';
import { imageRequestOf } from './image-info.ts';
import { bootInstance, switchToTenant, tearDownAgent } from './kexec.ts';
import { startRamdisk } from './ramdisk.ts';
import { learnSteps } from './steps.ts';

/** Getting an image ready while the machine starts is given up after this. */
const AHEAD_MS = 3_600_000;

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
        warmUp(context, call);
        const knows = await runsAlready(context, call, () => learnSteps(context, call, 'deploy'));
        if (knows) return { kind: 'done', steps: 'more' };
        return await startRamdisk(context, call, 'provisioning');
      },
      resume: called,
    }),
    tearDownAgent(context),
    switchToTenant(context),
    bootInstance,
  ];
}

/** Begins to fetch and convert the image while the machine starts. What goes wrong is told when it is needed. */
function warmUp(context: AgentContext, call: DriverCall): void {
  const { images } = context;
  if (images === undefined || call.node.interfaces.deploy !== 'direct') return;
  const { uuid } = call.node;
  // It goes on when the step that asked for it is over.
  const signal = AbortSignal.timeout(AHEAD_MS);
  Promise.resolve()
    .then(() => images.prepare(imageRequestOf(call.node), { nodeUuid: uuid, signal }))
    .catch((error: unknown) =>
      context.log.debug({ node: uuid, err: messageOf(error) }, 'an image could not be got ready ahead'),
    );
}
