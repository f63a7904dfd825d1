import { errors } from '../../errors.ts';
import type { Document } from '../../model/node.ts';
import { templatesOf } from '../../store/deploy-templates.ts';
import type { OperationInput } from '../operation.ts';
import type { ListedStep } from '../progress.ts';
import type { Segment } from '../segment.ts';
import { automaticSteps, mergedSteps, offeredSteps, requestedSteps } from '../steps/listed.ts';
import { knowsRamdisk } from '../../model/agent-steps.ts';
import { givenSteps } from '../steps/given.ts';

/** Driver steps by priority, changed by the deploy templates of the instance's traits, then by the request. */
export async function deploySteps(segment: Segment, input: OperationInput): Promise<ListedStep[]> {
  const { side, node, interfaces } = segment;
  const offered = await offeredSteps(interfaces, node, 'deploy');
  const unknown = interfaces.deploy.stepsOfRamdisk && !knowsRamdisk(node, 'deploy') ? 'left out' : 'refused';
  let steps = automaticSteps(offered, 'deploy', side.config.deployStepPriorities);
  const traits = node.instanceInfo['traits'];
  if (Array.isArray(traits) && traits.length > 0) {
    const given: Document[] = await templatesOf(side.store, traits.map(String));
    steps = mergedSteps(steps, requestedSteps(given, offered, node, 'deploy', unknown));
  }
  const asked = givenSteps(side.sealer, input);
  if (asked !== null) steps = mergedSteps(steps, requestedSteps(asked, offered, node, 'deploy', unknown));
  if (steps.length === 0) throw errors.InvalidParameterValue('No deploy steps returned by the driver');
  return steps;
}
