import { errors as workErrors } from '#work/errors';
import type { DriverCall, StepFlow } from '../../drivers/contract.ts';
import { errors } from '../../errors.ts';
import { childrenOf, lockChild, unlockChildren } from '../../store/children.ts';
import { toNode } from '../../store/node-load.ts';
import { makePower } from '../power/control.ts';
import type { ListedStep } from '../progress.ts';
import type { Segment } from '../segment.ts';
import { offeredSteps, stepId } from './listed.ts';
import { isReserved } from './reserved.ts';

/**
 * Runs a step on the children of a node (DPUs, blades behind a chassis) instead of on the node itself, one after
 * the other. Each is locked as for an action of its own. A child's step may not wait: nobody waits for it.
 * Throws 409 NodeLocked for a child that is busy.
 */
export async function runOnChildren(
  segment: Segment,
  flow: StepFlow,
  step: ListedStep,
  resumed: boolean,
): Promise<void> {
  const { side, node } = segment;
  const only = step.limit_child_node_execution;
  const operationId = node.operationId ?? '';
  for (const uuid of await childrenOf(side.store, node.uuid, only === undefined || only.length === 0 ? null : only)) {
    const { lease } = segment.call();
    segment.call().assertMayWrite();
    const row = await lockChild(side.store, uuid, operationId, lease);
    if (row === undefined) throw errors.NodeLocked(uuid, 'that works on it');
    const child = toNode(row, side.sealer);
    const interfaces = side.registry.of(child);
    let power: string | null = null;
    const call: DriverCall = {
      ...segment.call(flow, resumed),
      node: child,
      interfaces,
      saveNotes: async () => {},
      // A step on a child remembers nothing: its notes would go to the parent.
      notes: { internal: () => {}, raidConfig: () => {}, bootMode: () => {}, secureBoot: () => {} },
      get power() {
        return makePower({
          side,
          call: () => call,
          begin: async (action) => {
            const intent = { nodeUuid: uuid, operationId, fence: child.fence, action, absolute: true };
            if ((await side.intents.open(intent)) === undefined) {
              throw workErrors.LeaseLost(`node ${uuid} belongs to another conductor now`);
            }
          },
          seen: (state) => {
            power = state;
          },
        });
      },
    };
    try {
      await runOne(call, flow, step);
    } finally {
      if (lease.held) {
        await side.intents.close((await side.intents.openOf(uuid)).filter(isOwn).map((intent) => intent.id));
        await unlockChildren(side.store, operationId, { uuid, power });
        side.store.changes.announce('nodes', uuid);
      }
    }
  }
}

const isOwn = (intent: { action: string }) => intent.action !== 'step of the parent';

async function runOne(call: DriverCall, flow: StepFlow, step: ListedStep): Promise<void> {
  if (isReserved(step.step)) {
    if (step.step === 'power_on') await call.power.on();
    else if (step.step === 'power_off') await call.power.off();
    else if (step.step === 'reboot') await call.power.reboot();
    else throw errors.InvalidParameterValue(`The step "${step.step}" cannot be run on child nodes.`);
    return;
  }
  const offered = await offeredSteps(call.interfaces, call.node, flow);
  const found = offered.find((one) => stepId(one) === stepId(step));
  if (found === undefined) {
    throw errors.InvalidParameterValue(`Child node ${call.node.uuid} does not support the step ${stepId(step)}.`);
  }
  const outcome = await found.run(call, step.args ?? {});
  if (outcome.kind === 'wait') {
    throw errors.InvalidParameterValue(
      `While executing step ${stepId(step)} on child node ${call.node.uuid}, it asked to be waited for.`,
    );
  }
}
