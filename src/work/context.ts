import { messageOf } from '#kernel/errors';
import type { Json, StepSpec, Workflow, WorkflowContext } from './contract.ts';
import { type Engine, isLostOwnership, StopRun } from './engine.ts';
import { errors, fromRecord, isDatabaseAway } from './errors.ts';
import { type InboxParts, type WaitRecord, waitFor } from './inbox.ts';
import type { Run } from './run.ts';
import { performStep, type StepParts, type StepRecord } from './step.ts';

export interface RunnerParts extends StepParts, InboxParts {
  engine: Engine;
  /** The process hands its work over: no further step begins here. */
  draining(): boolean;
  /** A workflow that stood still goes on. */
  unstalled(run: Run): void;
}

/** What the engine keeps of a finished workflow. */
export type Outcome = { state: 'done' } | { state: 'failed' | 'parked'; error: string };

/** A parked workflow's `failed` records its steps from here on: what `run` recorded is not replayed. */
const PARKED_STEPS = 1_000_000;
/** Times `failed` is tried before we give up and only log. */
const FAILED_TRIES = 3;

/** Runs a claimed workflow to its end. Throws StopRun when it does not get there. */
export async function execute(parts: RunnerParts, run: Run, workflow: Workflow<Json>, input: Json): Promise<Outcome> {
  try {
    // What a stopped run still waits for never settles: the race lets go of it.
    const outcome = await Promise.race([live(parts, run, workflow, input), run.untilStopped]);
    if (run.stopped !== undefined) throw new StopRun();
    return outcome;
  } catch (error) {
    if (error instanceof StopRun) throw error;
    if (run.stopped !== undefined) throw new StopRun();
    // Not the workflow's doing: `live` handles those. Stop, log, be taken up again.
    run.stop(isDatabaseAway(error) ? 'database' : 'engine', error);
    throw new StopRun();
  }
}

async function live(parts: RunnerParts, run: Run, workflow: Workflow<Json>, input: Json): Promise<Outcome> {
  const undos: StepSpec<Json | void>[] = [];
  const context = makeContext(parts, run, undos);
  let outcome: Outcome = { state: 'done' };
  if (run.facts.parked !== null) {
    parts.engine.numberFrom(PARKED_STEPS);
    run.failing = true;
    const error = errors.Parked(run.facts.parked);
    await fail(parts, run, context, workflow, input, error);
    outcome = { state: 'parked', error: error.message };
  } else {
    try {
      await workflow.run(context, input);
    } catch (thrown) {
      if (run.stopped !== undefined) throw new StopRun();
      // A read between steps: nothing failed, it is to be done again.
      if (isDatabaseAway(thrown)) throw thrown;
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      run.failing = true;
      parts.log.info({ workflow: run.facts.id, err: error }, 'a workflow failed');
      await undoAll(parts, run, undos);
      await fail(parts, run, context, workflow, input, error);
      outcome = { state: 'failed', error: error.message };
    }
  }
  if (run.stopped !== undefined) throw new StopRun();
  parts.probe?.passed(run.facts, 'ended');
  return outcome;
}

async function undoAll(parts: RunnerParts, run: Run, undos: StepSpec<Json | void>[]): Promise<void> {
  for (const spec of undos.reverse()) {
    const undo = spec.undo;
    if (undo === undefined) continue;
    const name = `${spec.name} undo`;
    try {
      await recordStep(parts, run, { name, budgetMs: spec.budgetMs, retries: spec.retries ?? 0, do: undo });
    } catch (error) {
      if (run.stopped !== undefined) throw error;
      parts.log.error({ workflow: run.facts.id, step: name, err: error }, 'an undo failed: going on with the others');
    }
  }
}

async function fail(
  parts: RunnerParts,
  run: Run,
  context: WorkflowContext,
  workflow: Workflow<Json>,
  input: Json,
  error: Error,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await workflow.failed(context, input, error);
    } catch (again) {
      if (run.stopped !== undefined) throw new StopRun();
      if (isDatabaseAway(again)) throw again;
      parts.log.error({ workflow: run.facts.id, attempt, err: again }, 'the clean-up of a failed workflow failed');
      if (attempt === FAILED_TRIES) return;
    }
  }
}

function makeContext(parts: RunnerParts, run: Run, undos: StepSpec<Json | void>[]): WorkflowContext {
  let abortSeen = false;
  const waited = (record: WaitRecord): Json | null => {
    if ('a' in record) {
      abortSeen = true;
      throw errors.Aborted(record.a);
    }
    return 'm' in record ? record.m : null;
  };
  return {
    workflowId: run.facts.id,
    async step<T extends Json | void>(spec: StepSpec<T>): Promise<T> {
      try {
        const { value, aborting } = await recordStep(parts, run, spec);
        abortSeen ||= aborting;
        if (spec.undo && !run.failing) undos.push(spec as unknown as StepSpec<Json | void>);
        return value as T;
      } catch (error) {
        abortSeen ||= (error as { code?: string }).code === 'Aborted';
        throw error;
      }
    },
    async receive<T extends Json>(topic: string, timeoutMs: number) {
      const wait = (step: number) => waitFor(parts, run, step, topic, timeoutMs);
      return waited(await record(parts, run, `receive ${topic}`, wait)) as T | null;
    },
    async sleep(ms) {
      waited(await record(parts, run, 'sleep', (step) => waitFor(parts, run, step, null, ms)));
    },
    aborted: () => abortSeen,
  };
}

async function recordStep<T extends Json | void>(
  parts: RunnerParts,
  run: Run,
  spec: StepSpec<T>,
): Promise<{ value: Json | undefined; aborting: boolean }> {
  const thrown: { cause?: unknown } = {};
  const result = await record<StepRecord>(parts, run, spec.name, () => performStep(parts, run, spec, thrown));
  if ('a' in result) throw errors.Aborted(result.a);
  if ('e' in result) throw fromRecord(result.e, thrown.cause);
  return { value: result.v, aborting: result.x === 1 };
}

/**
 * One recorded step. Never settles once the run is stopped: so no `catch` or `finally` of a workflow ever sees
 * an error of the engine, and none takes it for a failure of the operation.
 */
async function record<T>(parts: RunnerParts, run: Run, name: string, body: (step: number) => Promise<T>): Promise<T> {
  if (parts.draining()) run.stop('drain');
  if (!run.lease.held) run.stop('lease');
  if (run.stopped !== undefined) return await forever();
  let fresh = false;
  try {
    const result = await parts.engine.record(name, (step) => {
      fresh = true;
      return body(step);
    });
    if (fresh && !run.progressed) {
      run.progressed = true;
      if (run.facts.stalled) parts.unstalled(run);
    }
    parts.probe?.passed(run.facts, `recorded ${name}`);
    if (!run.lease.held) run.stop('lease');
    if (run.stopped !== undefined) return await forever();
    return result;
  } catch (error) {
    if (!run.lease.held) run.stop('lease', error);
    else if (isLostOwnership(error)) run.stop('lost', error);
    else run.stop(isDatabaseAway(error) ? 'database' : 'engine', error);
    return await forever();
  }
}

function forever(): Promise<never> {
  return new Promise<never>(() => {});
}
