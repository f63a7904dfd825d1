import { IngotError, messageOf } from '#kernel/errors';
import type { DriverStep, StepFlow, StepOutcome } from '../../drivers/contract.ts';
import { splitSecrets } from '../../model/secrets.ts';
import type { Document } from '../../model/node.ts';
import type { OperationInput, Phase, PhaseOutcome } from '../operation.ts';
import type { ListedStep } from '../progress.ts';
import type { Segment } from '../segment.ts';
import { runOnChildren } from './children.ts';
import { offeredSteps, stepId } from './listed.ts';
import { isReserved, runReserved } from './reserved.ts';

type ShownFlow = Exclude<StepFlow, 'verify'>;

/** Thrown when somebody aborted while a step ran that could not be: the abort comes after it. */
export class AbortAfterStep extends Error {
  constructor(step: string) {
    super(`By request, the operation was aborted after the completion of step "${step}"`);
    this.name = 'AbortAfterStep';
  }
}

const column = { clean: 'clean_step', deploy: 'deploy_step', service: 'service_step' } as const;
const field = { clean: 'cleanStep', deploy: 'deployStep', service: 'serviceStep' } as const;

/**
 * Runs the steps of a flow one after the other. The step at hand is shown and kept with the node as soon as it
 * takes longer than a moment; after a crash it runs again, told that it may have run before.
 */
export function stepsPhase(
  flow: ShownFlow,
  list: (segment: Segment, input: OperationInput) => Promise<ListedStep[]>,
  name = 'steps',
): Phase {
  const from = async (segment: Segment, input: OperationInput, first: number, how: Way): Promise<PhaseOutcome> => {
    const { progress } = segment;
    let steps = (progress.steps ??= await list(segment, input));
    let offered = await offeredById(segment, flow);
    let way: Way = how;
    for (let index = first; index < steps.length; index++) {
      const step = steps[index] as ListedStep;
      progress.index = index;
      show(segment, flow, step, steps, index);
      segment.markSoon();
      segment.mark('ingot', stepId(step));
      const outcome = await runStep(segment, flow, step, offered, way);
      way = 'fresh';
      await segment.settle();
      if (outcome.kind === 'wait' || outcome.kind === 'hold') return outcome;
      if (outcome.steps === undefined) continue;
      steps = await list(segment, input);
      progress.steps = steps;
      offered = await offeredById(segment, flow);
      index = outcome.steps === 'again' ? -1 : placeOf(steps, step, index);
    }
    hide(segment, flow);
    return { kind: 'next' };
  };
  return {
    name,
    run: (segment, input) => from(segment, input, segment.progress.index ?? 0, segment.resumed ? 'resumed' : 'fresh'),
    async look(segment) {
      const step = segment.progress.steps?.[segment.progress.index ?? 0];
      if (step === undefined) return undefined;
      const driverStep = (await offeredById(segment, flow)).get(stepId(step));
      try {
        return await driverStep?.look?.(segment.call(flow), step.args ?? {});
      } catch (error) {
        segment.call().assertMayWrite();
        throw new StepError(segment.node.uuid, step, error);
      }
    },
    async resume(segment, input) {
      const index = segment.progress.index ?? 0;
      const step = segment.progress.steps?.[index];
      if (step !== undefined && segment.node[field[flow]]['abort_after'] === true)
        throw new AbortAfterStep(stepId(step));
      const goesOn = step !== undefined && (await offeredById(segment, flow)).get(stepId(step))?.resume !== undefined;
      return goesOn ? await from(segment, input, index, 'waited') : await from(segment, input, index + 1, 'fresh');
    },
  };
}

/** How a step begins: for the first time, perhaps not for the first time, or after the wait it asked for. */
type Way = 'fresh' | 'resumed' | 'waited';

async function offeredById(segment: Segment, flow: ShownFlow): Promise<ReadonlyMap<string, DriverStep>> {
  return new Map((await offeredSteps(segment.interfaces, segment.node, flow)).map((step) => [stepId(step), step]));
}

/** Where a step stands in a list made anew; where it was, when it is in it no more. */
function placeOf(steps: readonly ListedStep[], step: ListedStep, before: number): number {
  const at = steps.findIndex((one) => stepId(one) === stepId(step));
  return at === -1 ? before : at;
}

async function runStep(
  segment: Segment,
  flow: ShownFlow,
  step: ListedStep,
  offered: ReadonlyMap<string, DriverStep>,
  way: Way,
): Promise<StepOutcome | { kind: 'hold' }> {
  try {
    if (step.execute_on_child_nodes) {
      await runOnChildren(segment, flow, step, way !== 'fresh');
      return { kind: 'done' };
    }
    if (isReserved(step.step)) return await runReserved(segment, step);
    const driverStep = offered.get(stepId(step));
    if (driverStep === undefined) throw new Error('the interface no longer offers it');
    const call = segment.call(flow, way === 'resumed');
    if (way === 'waited' && driverStep.resume !== undefined) return await driverStep.resume(call, step.args ?? {});
    return await driverStep.run(call, step.args ?? {});
  } catch (error) {
    segment.call().assertMayWrite();
    throw new StepError(segment.node.uuid, step, error);
  }
}

/** A step failed: says which, and why. */
export class StepError extends IngotError {
  readonly step: ListedStep;

  constructor(node: string, step: ListedStep, cause: unknown) {
    super('StepFailed', 500, `Node ${node} failed step ${stepId(step)}: ${messageOf(cause)}`, { cause });
    this.step = step;
  }
}

/** What the API shows while a step is at work; secrets in its arguments are masked. */
function show(segment: Segment, flow: ShownFlow, step: ListedStep, steps: ListedStep[], index: number): void {
  const masked = (one: ListedStep) => splitSecrets(one as unknown as Document, 'driver_internal_info').masked;
  const shown = masked(step);
  segment.pending[column[flow]] = shown;
  segment.node[field[flow]] = shown;
  segment.call().notes.internal({ [`${flow}_steps`]: steps.map(masked), [`${flow}_step_index`]: index });
}

/** The flow is over: nothing of it is shown any more. */
export function hide(segment: Segment, flow: ShownFlow): void {
  segment.pending[column[flow]] = {};
  segment.node[field[flow]] = {};
  segment.call().notes.internal({ [`${flow}_steps`]: undefined, [`${flow}_step_index`]: undefined });
}
