import { messageOf } from '#kernel/errors';
import type { StepContext, Workflow, WorkflowContext } from '#work/contract';
import { isDatabaseAway } from '#work/errors';
import type { Actor } from '../model/verbs.ts';
import type { ProvisionState } from '../states/names.ts';
import { failureEvent, STATES } from '../states/table.ts';
import { unlockChildren } from '../store/children.ts';
import type { Claimed } from '../store/claim.ts';
import type { NodeRow } from '../store/node-load.ts';
import { RELEASED } from '../store/transition.ts';
import {
  type Failure,
  failureText,
  type Operation,
  type OperationInput,
  type PhaseOutcome,
  WAKE,
} from './operation.ts';
import { settleOpenIntents } from './power/settle.ts';
import { heardIn, judgeWait } from './judge.ts';
import { sureAt } from './machine-off.ts';
import { type Awaiting, readProgress } from './progress.ts';
import { makeSegment, type Segment } from './segment.ts';
import type { ConductorSide } from './side.ts';

/** What a recorded step says: the operation is over, or when to look again if nobody calls. */
type SegmentResult = { over: true } | { over: false; waitMs: number };

/** People may take their time with a hold; it is looked at each week. */
const HOLD_LOOK_MS = 7 * 24 * 3_600_000;
/** While a power action is under way on the node. */
const BUSY_PAUSE_MS = 50;
const BUSY_MAX_MS = 120_000;
/** Putting things in order after a failure may take this long. */
const FAIL_BUDGET_MS = 10 * 60_000;
/** A machine that says it is at work is believed no longer than this: the slowest disks erase themselves in less. */
const LONGEST_MS = 24 * 3_600_000;
/** A state without a limit of its own. */
const WORKING_MS = 2 * 3_600_000;

/**
 * Makes a workflow of an operation. One recorded step per stretch: an operation whose machine never makes it
 * wait is one step. What happened in between is in the node's row.
 */
export function workflowOf(side: ConductorSide, operation: Operation): Workflow<OperationInput> {
  const label = (n: number) => (n === 1 ? operation.name : `${operation.name} ${n}`);
  const budgetMs = stretchLimit(side, operation);
  return {
    name: operation.name,
    version: operation.version,
    ...(operation.limit === undefined ? {} : { limit: operation.limit }),
    async run(context: WorkflowContext, input: OperationInput) {
      for (let n = 1; ; n++) {
        const result = await context.step({
          name: label(n),
          budgetMs,
          do: (step) => runStretch(side, operation, step, context.workflowId, input),
        });
        if (result.over) return;
        await context.receive(WAKE, result.waitMs);
      }
    },
    async failed(context: WorkflowContext, input: OperationInput, error: Error) {
      await context.step({
        name: 'fail',
        budgetMs: FAIL_BUDGET_MS,
        do: (step) => failStretch(side, operation, step, context.workflowId, input, error),
      });
    },
  };
}

/** What one stretch may take: the limits of the moving states it goes through. */
function stretchLimit(side: ConductorSide, operation: Operation): number {
  let sum = 0;
  for (const [state, row] of Object.entries(STATES) as [ProvisionState, (typeof STATES)[ProvisionState]][]) {
    if (row.kind !== 'moving' || !(row.operation === operation.name || operation.also === row.operation)) continue;
    sum += side.config.stateLimitsMs[state] ?? row.limitMs ?? 0;
  }
  return sum > 0 ? sum : WORKING_MS;
}

/** Takes the node and goes on from where the row says the operation stands. */
async function runStretch(
  side: ConductorSide,
  operation: Operation,
  step: StepContext,
  operationId: string,
  input: OperationInput,
): Promise<SegmentResult> {
  const segment = await takeSegment(side, operation, step, operationId, input);
  if (segment === undefined) return { over: true };
  if (operation.takesAny) return await runPhases(side, segment, operation, input);
  const { kind } = STATES[segment.node.provisionState];
  if (kind === 'failed') return await failing(segment, operation, input, failedAlready(segment));
  // An earlier life began to put a failure in order.
  if (kind === 'moving' && segment.progress.failure !== undefined) {
    return await failing(segment, operation, input, failedAlready(segment));
  }
  const { awaiting } = segment.progress;
  if (kind === 'wait' || kind === 'hold') {
    const judged = await judgeWait(side, segment, operation, input, kind, awaiting);
    if (judged.kind === 'later') {
      await segment.restAgain(judged.more ? 'progress' : undefined);
      return { over: false, waitMs: waitMs(side, awaiting) };
    }
    if (judged.kind === 'failed') {
      const { text } = judged;
      segment.progress.failure = text;
      // First the failed state: in a wait state anybody may take the node while we put it in order.
      await segment.moveWithProgress('fail', { said: text, failed: true, set: { last_error: text } });
      return await failing(segment, operation, input, { kind: 'timeout', text });
    }
    segment.mark('ingot', 'go on', judged.at === undefined ? {} : { at: judged.at });
    await segment.move('resume', {
      target: segment.node.targetProvisionState,
      ...(judged.said === undefined ? {} : { said: judged.said }),
    });
  }
  return await runPhases(side, segment, operation, input);
}

/** Takes the node; undefined when the operation is no longer the node's. */
async function takeSegment(
  side: ConductorSide,
  operation: Operation,
  step: StepContext,
  operationId: string,
  input: OperationInput,
): Promise<Segment | undefined> {
  const deadline = side.clock.monotonic() + BUSY_MAX_MS;
  let claimed: Claimed;
  for (;;) {
    step.signal.throwIfAborted();
    step.lease.assertHeld();
    claimed = await side.claim(step.lease, { nodeUuid: input.node, operationId });
    if (claimed.kind !== 'busy' || side.clock.monotonic() > deadline) break;
    await side.clock.sleep(BUSY_PAUSE_MS, step.signal);
  }
  if (claimed.kind === 'busy') throw new Error(`node ${input.node} has been busy for ${BUSY_MAX_MS / 1000} s`);
  if (claimed.kind === 'over') return undefined;
  const actor: Actor = { requestId: input.requestId, userId: input.userId, projectId: input.projectId };
  const { row } = claimed;
  let segment: Segment;
  try {
    segment = makeSegment({
      side,
      step,
      operationId,
      purpose: operation.name,
      historyType: operation.historyType,
      row,
      progress: readProgress(row.progress, operation.phases[0]?.name ?? ''),
      actor,
    });
  } catch (error) {
    await failWithoutDrivers(side, operation, step, operationId, row, error);
    return undefined;
  }
  if (segment.progress.timeline === undefined && operation.takesAny === undefined) {
    segment.mark(
      'ingot',
      'queue',
      row.provision_updated_at === null ? {} : { at: Date.parse(row.provision_updated_at) },
    );
    segment.mark('ingot', 'begin');
  }
  if (claimed.openIntents) await settleOpenIntents(segment);
  return segment;
}

/**
 * A node this program cannot even make out: a secret whose key is not here, an interface it does not have. It is
 * failed as it is, so that it does not stand in a moving state until somebody looks; the machine is left alone.
 */
async function failWithoutDrivers(
  side: ConductorSide,
  operation: Operation,
  step: StepContext,
  operationId: string,
  row: NodeRow,
  error: unknown,
): Promise<void> {
  const text = messageOf(error);
  side.log.error({ node: row.uuid, operation: operation.name, err: text }, 'a node cannot be worked on here');
  const guard = { fence: row.fence, operationId };
  const set = { ...RELEASED, last_error: text };
  const event = failureEvent(row.provision_state);
  if (event === undefined) await side.nodes.save({ nodeUuid: row.uuid, guard, set });
  else {
    await side.nodes.transition({
      nodeUuid: row.uuid,
      from: row.provision_state,
      event,
      since: row.provision_updated_at,
      guard,
      set,
      note: {
        conductor: step.lease.host,
        userId: null,
        projectId: null,
        type: operation.historyType,
        event: text,
        failed: true,
      },
    });
  }
  side.store.changes.announce('nodes', row.uuid);
}

function waitMs(side: ConductorSide, awaiting: Awaiting | undefined): number {
  const now = side.clock.now();
  const times = [awaiting?.resumeAt, awaiting?.until, awaiting?.askAt, awaiting && sureAt(awaiting)].filter(
    (at): at is number => at != null,
  );
  return times.length === 0 ? HOLD_LOOK_MS : Math.max(1, Math.min(...times) - now);
}

async function runPhases(
  side: ConductorSide,
  segment: Segment,
  operation: Operation,
  input: OperationInput,
): Promise<SegmentResult> {
  const { progress } = segment;
  try {
    let at = operation.takesAny ? 0 : operation.phases.findIndex((phase) => phase.name === progress.phase);
    for (;;) {
      const phase = operation.phases[at];
      if (phase === undefined) throw new Error(`operation ${operation.name} has no phase "${progress.phase}"`);
      const rested = progress.awaiting !== undefined && !operation.takesAny;
      delete progress.awaiting;
      const outcome = rested
        ? await (phase.resume?.(segment, input) ?? Promise.resolve<PhaseOutcome>({ kind: 'next' }))
        : await phase.run(segment, input);
      if (outcome.kind === 'over') return { over: true };
      if (outcome.kind !== 'next') return await rest(side, segment, outcome);
      at++;
      progress.phase = operation.phases[at]?.name ?? '';
      delete progress.index;
      delete progress.steps;
    }
  } catch (error) {
    segment.signal.throwIfAborted();
    // No machine failed: the step waits until the database is back, and runs again.
    if (isDatabaseAway(error)) throw error;
    segment.call().assertMayWrite();
    return await failing(segment, operation, input, { kind: 'error', error });
  }
}

async function rest(
  side: ConductorSide,
  segment: Segment,
  outcome: Extract<PhaseOutcome, { kind: 'wait' | 'hold' }>,
): Promise<SegmentResult> {
  const now = side.clock.now();
  const event = outcome.kind;
  const state = STATES[segment.node.provisionState].on[event];
  if (state === undefined) throw new Error(`nothing can ${event} in state "${segment.node.provisionState}"`);
  if (outcome.kind === 'hold') segment.progress.awaiting = { for: 'person', until: null, resumeAt: null };
  else {
    const limit = outcome.timeoutMs ?? side.config.stateLimitsMs[state] ?? STATES[state].limitMs ?? 0;
    segment.progress.awaiting = {
      for: outcome.for,
      until: outcome.for === 'time' || limit === 0 ? null : now + limit,
      resumeAt: outcome.resumeAfterMs === undefined ? null : now + outcome.resumeAfterMs,
      what: waitName(segment, outcome.what),
      ...(outcome.since === undefined ? {} : { since: outcome.since }),
      ...(outcome.boots === undefined ? {} : { boots: true }),
      ...(outcome.staysOn === undefined ? {} : { staysOn: true }),
      ...(outcome.atWork && outcome.since !== undefined ? { askAt: now + side.config.quietMs } : {}),
      ...(outcome.for === 'agent' && limit > 0
        ? {
            limitMs: outcome.moreMs ?? limit,
            latest: now + Math.max(limit, outcome.moreMs ?? 0, outcome.longestMs ?? LONGEST_MS),
          }
        : {}),
    };
    segment.mark(
      'machine',
      outcome.what ?? shownStep(segment),
      outcome.bytes === undefined ? {} : { bytes: outcome.bytes },
    );
  }
  await segment.rest(event);
  const { awaiting } = segment.progress;
  // The machine may have called before the state said that we wait: whoever calls now wakes us, who did already does not.
  if (awaiting?.for === 'agent' && awaiting.since !== undefined) {
    const { ago } = await heardIn(side, segment.node.uuid, awaiting);
    if (ago !== null) return { over: false, waitMs: 1 };
  }
  return { over: false, waitMs: waitMs(side, awaiting) };
}

/** The step or phase at hand. */
function shownStep({ progress }: Segment): string {
  const step = progress.steps?.[progress.index ?? 0];
  return step === undefined ? progress.phase : `${step.interface}.${step.step}`;
}

function waitName(segment: Segment, what: string | undefined): string {
  const step = shownStep(segment);
  return what === undefined || what === step ? step : `${step}: ${what}`;
}

async function failing(
  segment: Segment,
  operation: Operation,
  input: OperationInput,
  failure: Failure,
): Promise<SegmentResult> {
  const { side, node } = segment;
  side.log.warn({ node: node.uuid, operation: operation.name, err: failureText(failure) }, 'an operation failed');
  await letChildrenGo(segment);
  if (failure.kind === 'error' && STATES[node.provisionState].kind === 'moving') {
    // Putting it in order may take what the failure was seen by: a successor is told, instead of finding another.
    segment.progress.failure = failureText(failure);
    await segment.save();
  }
  await operation.fail(segment, input, failure);
  return { over: true };
}

/** The engine gave up on the operation: parked, out of time, or a failure that could not be put in order. */
async function failStretch(
  side: ConductorSide,
  operation: Operation,
  step: StepContext,
  operationId: string,
  input: OperationInput,
  error: Error,
): Promise<void> {
  const segment = await takeSegment(side, operation, step, operationId, input);
  if (segment === undefined) return;
  await letChildrenGo(segment);
  const already = STATES[segment.node.provisionState].kind === 'failed';
  await operation.fail(segment, input, already ? failedAlready(segment) : { kind: 'error', error });
}

/** Children that a conductor had locked when it died in the middle of a step on them. */
async function letChildrenGo(segment: Segment): Promise<void> {
  if (!segment.progress.steps?.some((step) => step.execute_on_child_nodes)) return;
  await unlockChildren(segment.side.store, segment.node.operationId ?? '');
}

/** Why a node is in a failed state while its operation still has it: a timeout we noted, or an abort by request. */
function failedAlready(segment: Segment): Failure {
  const text = segment.progress.failure;
  return text === undefined ? { kind: 'aborted' } : { kind: 'timeout', text };
}
