import { errors } from '../../errors.ts';
import type { OperationInput } from '../operation.ts';
import type { ListedStep } from '../progress.ts';
import type { Segment } from '../segment.ts';
import { givenSteps } from '../steps/given.ts';
import { offeredSteps, requestedSteps } from '../steps/listed.ts';

/** The steps somebody asked for, in their order. */
export async function serviceSteps(segment: Segment, input: OperationInput): Promise<ListedStep[]> {
  const { side, node, interfaces } = segment;
  const given = givenSteps(side.sealer, input);
  if (given === null) throw errors.InvalidParameterValue(`No service steps were given for node ${node.uuid}.`);
  return requestedSteps(given, await offeredSteps(interfaces, node, 'service'), node, 'service');
}
